"""Making a server hang: it keeps its connections and answers nothing."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def stop(pids: Sequence[int]) -> None:
    """Stop these processes (SIGSTOP). Returns when every one of their threads stands still: the signal itself does not
    wait for a thread that is just answering.
    """
    _send(pids, signal.SIGSTOP)
    for pid in pids:
        while any(_state(thread) not in "TZX" for thread in _threads(pid)):
            time.sleep(0.001)


def go_on(pids: Sequence[int]) -> None:
    """Let stopped processes go on."""
    _send(pids, signal.SIGCONT)


def _send(pids: Sequence[int], what: signal.Signals) -> None:
    """To those that are there: a server's processes for single connections end when these do."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def _threads(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return []


def _state(thread: Path) -> str:
    """The letter of proc(5); ``X`` for a thread that has ended meanwhile."""
    try:
        return thread.joinpath("stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
