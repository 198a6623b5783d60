"""The runner of the embedded default: threads beside the web's, in one process."""

from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.dispatch.crew import Crew, Work
from provisioner.dispatch.lock_file import LockFile
from provisioner.dispatch.turns import AlwaysOurs
from provisioner.dispatch.wakeup import WakeUp
from provisioner.settings import DispatchSettings, RunnerSettings


class EmbeddedRunner:
    """Issues passwords, converges links and does the duties until it is stopped; the only one of its office."""

    def __init__(
        self, work: Work, wakeup: WakeUp, lock: LockFile, settings: RunnerSettings, dispatch: DispatchSettings
    ) -> None:
        self._work = work
        self._lock = lock
        self._crew = Crew(work, wakeup, AlwaysOurs(), settings)
        self._patience = dispatch.stop_seconds

    def start(self) -> None:
        """Begin to work.

        :raises WrongState: ``runner-already-running`` here or in another process.
        """
        self._lock.take()
        # Whoever held a lease is gone, or the lock could not have been taken.
        self._work.links.release_all()
        self._crew.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Finish what is being done and end. False: a call to a target took longer than ``timeout`` seconds."""
        ended = self._crew.stop(self._patience if timeout is None else timeout)
        self._lock.free()
        return ended

    def drain(self, rounds: int = 100) -> None:
        """Do everything that is due now in this thread, and return. Meant for commands and tests.

        :raises WrongState: ``runner-already-running`` in another process: that one does the work.
        """
        with self._alone():
            self._crew.drain(rounds)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock.held:
            yield
            return
        self._lock.take()
        try:
            self._work.links.release_all()
            yield
        finally:
            self._lock.free()
