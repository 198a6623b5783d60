"""Answers the questions of a command at a terminal: usage: answer.py FILE COMMAND...

FILE has lines ``piece of the question|answer``, each used once, from above. Ends with the command's own code; with 100
where a question has no answer left.
"""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

QUIET_SECONDS = 2.0
"""A terminal that has been quiet so long, behind a known question, waits for its answer."""
STUCK_SECONDS = 300


def run(answers: list[tuple[str, str]], words: list[str]) -> int:
    """The command's exit code."""
    master, terminal = pty.openpty()
    command = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    os.close(terminal)
    said, last = "", time.monotonic()
    while True:
        if select.select([master], [], [], 0.5)[0]:
            try:
                piece = os.read(master, 65536).decode(errors="replace")
            except OSError:
                break
            sys.stdout.write(piece)
            said, last = said + piece, time.monotonic()
            continue
        quiet = time.monotonic() - last
        question = said.rpartition("\n")[2]
        known = next((each for each in answers if each[0] in question), None)
        if command.poll() is not None:
            break
        if known and quiet > QUIET_SECONDS:
            answers.remove(known)
            os.write(master, f"{known[1]}\n".encode())
            said, last = "", time.monotonic()
        elif quiet > STUCK_SECONDS:
            command.kill()
            command.wait()
            return 100
    return command.wait()


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_text().splitlines()
    sys.exit(run([(piece, answer) for piece, _, answer in (line.partition("|") for line in lines)], sys.argv[2:]))
