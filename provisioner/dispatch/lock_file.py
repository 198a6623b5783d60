"""One runner at a time for one data folder: the system frees the lock when its process ends, however it ends."""

import fcntl
import os
from pathlib import Path

from provisioner.errors import WrongState

RUNNER_LOCK = Path("runner.lock")
"""Inside the data folder."""


class LockFile:
    """A file that only one process can hold locked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def take(self) -> None:
        """:raises WrongState: ``runner-already-running``: another process holds it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise WrongState("runner-already-running", file=str(self._file)) from None
        self._descriptor = descriptor

    def refuse_if_held(self) -> None:
        """Ask without taking, and without making the file.

        :raises WrongState: ``runner-already-running``: another process holds it.
        """
        if self._file.exists():
            self.take()
            self.free()

    @property
    def held(self) -> bool:
        """Whether this very object holds it."""
        return self._descriptor is not None

    def free(self) -> None:
        """Let another process have it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
