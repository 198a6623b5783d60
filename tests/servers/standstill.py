"""Making a server hang: it keeps its connections and answers nothing."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path


def stop(pids: Sequence[int]) -> None:
    """Stop these processes (SIGSTOP). Returns when every one of their threads stands still: the signal itself does not
    wait for a thread that is just answering.
    """
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        while any(_state(thread) not in "TZX" for thread in Path(f"/proc/{pid}/task").iterdir()):
            time.sleep(0.001)


def go_on(pids: Sequence[int]) -> None:
    """Let stopped processes go on."""
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def _state(thread: Path) -> str:
    """The letter of proc(5); ``X`` for a thread that has ended meanwhile."""
    try:
        return thread.joinpath("stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
