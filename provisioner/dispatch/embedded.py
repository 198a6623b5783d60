"""The runner of the embedded default: threads beside the web's, in one process.

Every target has threads of its own, so that one which is down or slow delays only itself.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from provisioner.convergence.converge import Converger
from provisioner.convergence.worklist import WorkList
from provisioner.credential.issuing import Issuer
from provisioner.dispatch.drawing import Drawing
from provisioner.dispatch.lock_file import LockFile
from provisioner.dispatch.wakeup import WakeUp
from provisioner.reconciliation.reader import Reader
from provisioner.settings import RunnerSettings
from provisioner.target_checks import TargetChecks

_log = logging.getLogger(__name__)

_AT_A_TIME = 16
"""How many accounts one thread takes at once: it works on them one after another and records them together."""

Duty = Callable[[], None]
"""Periodic work: does what is due and not done, however long nobody asked."""


class EmbeddedRunner:
    """Issues passwords, converges links and does the duties until it is stopped."""

    def __init__(
        self,
        targets: Sequence[str],
        work: WorkList,
        converger: Converger,
        issuer: Issuer,
        duties: Sequence[Duty],
        wakeup: WakeUp,
        lock: LockFile,
        settings: RunnerSettings,
        reader: Reader,
        checks: TargetChecks,
    ) -> None:
        self._targets = tuple(targets)
        self._work = work
        self._converger = converger
        self._drawing = Drawing(issuer, settings.threads, wakeup.now)
        self._duties = tuple(duties)
        self._wakeup = wakeup
        self._lock = lock
        self._settings = settings
        self._reader = reader
        self._checks = checks
        self._stopping = Event()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin to work.

        :raises WrongState: ``runner-already-running`` here or in another process.
        """
        self._lock.take()
        # Whoever held a lease is gone, or the lock could not have been taken.
        self._work.release_all()
        self._stopping.clear()
        # One more than may hash: it writes down while others are being hashed.
        loops: list[tuple[str, Callable[[], bool]]] = [
            (f"issue-{number}", self._drawing.draw_one) for number in range(self._settings.threads + 1)
        ]
        for target in self._targets:
            loops += [(f"{target}-{number}", self._step_for(target)) for number in range(self._settings.per_target)]
            loops.append((f"{target}-reading", self._reading_for(target)))
        self._threads = [Thread(target=self._loop, args=(step,), name=name, daemon=True) for name, step in loops]
        self._threads.append(Thread(target=self._do_duties_for_ever, name="duties", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 30.0) -> bool:
        """Finish what is being done and end. False: a call to a target took longer than ``timeout`` seconds."""
        self._stopping.set()
        self._wakeup.now()
        for thread in self._threads:
            thread.join(timeout)
        ended = not any(thread.is_alive() for thread in self._threads)
        self._threads = []
        try:
            self._drawing.finish()
        except Exception as error:  # Nothing of it was used: it is drawn anew at the next start.
            _log.error("the runner met %s", type(error).__name__)
        self._reader.end()
        self._lock.free()
        return ended

    def drain(self, rounds: int = 100) -> None:
        """Do everything that is due now in this thread, and return. Meant for commands and tests.

        :raises WrongState: ``runner-already-running`` in another process: that one does the work.
        """
        with self._alone():
            for _ in range(rounds):
                worked = self._do_duties()
                while self._drawing.draw_one():
                    worked = True
                for target in self._targets:
                    worked = self._work_on(target, _AT_A_TIME) or worked
                    worked = self._reader.work(target) or worked
                if not worked:
                    return

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock.held:
            yield
            return
        self._lock.take()
        try:
            self._work.release_all()
            yield
        finally:
            self._lock.free()

    def _loop(self, step: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            seen = self._wakeup.seen
            try:
                worked = step()
            except Exception as error:  # The store may be busy or full: nothing is lost, the sweep comes again.
                _log.error("the runner met %s", type(error).__name__)
                worked = False
                self._stopping.wait(self._settings.sweep_seconds)
            if not worked:
                self._wakeup.wait(seen, self._settings.sweep_seconds)

    def _do_duties_for_ever(self) -> None:
        """Nobody wakes them: what is due with time waits for the next sweep."""
        while not self._stopping.wait(self._settings.sweep_seconds):
            try:
                self._do_duties()
            except Exception as error:  # As above.
                _log.error("a duty met %s", type(error).__name__)

    def _step_for(self, target: str) -> Callable[[], bool]:
        return lambda: self._work_on(target, _AT_A_TIME)

    def _reading_for(self, target: str) -> Callable[[], bool]:
        """Reading and checking share a thread: neither is urgent, and a target has to bear only one of them at once."""
        return lambda: self._reader.work_politely(target) or self._checks.run_if_due(target)

    def _work_on(self, target: str, limit: int) -> bool:
        claims = self._work.claim(target, limit)
        if claims:
            self._converger.converge(claims, self._stopping.is_set)
        return bool(claims)

    def _do_duties(self) -> bool:
        for duty in self._duties:
            try:
                duty()
            except Exception as error:  # One duty that cannot be done (a full disk, say) does not hold up the others.
                _log.error("a duty of the runner met %s", type(error).__name__)
        return False
