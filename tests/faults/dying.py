"""Processes that are killed at a chosen point of their work.

A child process follows its own work line by line (of the files that matter) and ends itself with SIGKILL before the
n-th one. Nothing of this is in the product: the points are its lines.
"""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

PROJECT = Path(__file__).parents[2]
FOLLOWED = tuple(
    str(PROJECT / part)
    for part in (
        "provisioner/convergence/",
        "provisioner/credential/",
        "provisioner/dispatch/",
        "provisioner/provisioning/handover.py",
        "provisioner/provisioning/passwords.py",
        "provisioner/provisioning/password_following.py",
        "provisioner/provisioning/milestones.py",
        "provisioner/store/database.py",
        "connectors/",
    )
)


@dataclass(frozen=True)
class Point:
    """Before the ``number``-th followed line; ``place`` says which one that is."""

    number: int
    place: str


class _Follower:
    """Python calls it at every call of a function: it is quick to say that a function does not matter."""

    def __init__(self, at: Callable[[int, FrameType], Any]) -> None:
        self._at = at
        self._count = 0
        self._matters: dict[str, bool] = {}

    def __call__(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        file = frame.f_code.co_filename
        if file not in self._matters:
            self._matters[file] = file.startswith(FOLLOWED)
        return self._inside if self._matters[file] else None

    def _inside(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self._count += 1
            self._at(self._count, frame)
        return self._inside


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename.removeprefix(str(PROJECT))}:{frame.f_lineno}"


def points(work: Callable[[], None]) -> list[Point]:
    """Run ``work`` whole in a child and tell every place it comes by, each at its first time."""
    seen: dict[str, int] = {}
    child, read = _fork(work, lambda number, frame: seen.setdefault(_place(frame), number), lambda: seen)
    with os.fdopen(read, "rb") as pipe:
        found: dict[str, int] = pickle.load(pipe)  # noqa: S301  Our own child's.
    assert os.waitpid(child, 0)[1] == 0, "the child did not end well"
    return [Point(number, place) for place, number in sorted(found.items(), key=lambda item: item[1])]


def chosen(every: Sequence[Point], count: int) -> list[Point]:
    """So many of them (two or more), evenly spread, the first and the last among them."""
    if len(every) <= count:
        return list(every)
    return [every[index * (len(every) - 1) // (count - 1)] for index in range(count)]


def killed_at(point: Point, work: Callable[[], None]) -> bool:
    """Run ``work`` in a child that is killed (SIGKILL) at the point. False: it ended before it came there."""

    def die(number: int, _frame: FrameType) -> None:
        if number == point.number:
            os.kill(os.getpid(), signal.SIGKILL)

    child, read = _fork(work, die, lambda: None)
    os.close(read)
    status = os.waitpid(child, 0)[1]
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def stopped_in(work: Callable[[], None]) -> "Frozen":
    """Run ``work`` in a child that stops itself (SIGSTOP) somewhere; returns once it stands still."""
    child, read = _fork(work, None, lambda: None)
    os.close(read)
    status = os.waitpid(child, os.WUNTRACED)[1]
    assert os.WIFSTOPPED(status), "the child did not stop"
    return Frozen(child)


class Frozen:
    """A process that stands still."""

    def __init__(self, child: int) -> None:
        self._child = child

    def wake_up(self) -> None:
        """Let it go on to its end."""
        os.kill(self._child, signal.SIGCONT)
        status = os.waitpid(self._child, os.WUNTRACED)[1]
        assert os.WIFEXITED(status), "the child did not come to its end"

    def kill(self) -> None:
        """End it where it stands (SIGKILL)."""
        os.kill(self._child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(self._child, 0)[1])


def freeze_here() -> None:
    """Called by the work itself."""
    os.kill(os.getpid(), signal.SIGSTOP)


def _fork(
    work: Callable[[], None], at: Callable[[int, FrameType], Any] | None, result: Callable[[], Any]
) -> tuple[int, int]:
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    os.close(read)
    status = 1
    try:
        if at is not None:
            sys.settrace(_Follower(at))
        work()
        sys.settrace(None)
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(result(), pipe)
        status = 0
    finally:
        os._exit(status)


def numbered(folder: Path) -> Iterator[Path]:
    """Fresh folders, one after the other."""
    number = 0
    while True:
        number += 1
        yield folder / f"run-{number}"
