"""The threads that do the work, whatever engine wakes them.

Every target has threads of its own, so that one which is down or slow delays only itself.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from provisioner.convergence.converge import Converger
from provisioner.convergence.worklist import WorkList
from provisioner.credential.issuing import Issuer
from provisioner.dispatch.drawing import Drawing
from provisioner.dispatch.turns import Turns
from provisioner.dispatch.wakeup import WakeUp
from provisioner.reconciliation.reader import Reader
from provisioner.settings import RunnerSettings
from provisioner.target_checks import TargetChecks

_log = logging.getLogger(__name__)

_AT_A_TIME = 16
"""How many accounts one thread takes at once: it works on them one after another and records them together."""

DUTIES = "duties"
READING = "reading:"
"""With a target's name: the turns to do periodic work, and to read a target."""

Duty = Callable[[], None]
"""Periodic work: does what is due and not done, however long nobody asked."""


@dataclass(frozen=True)
class Work:
    """What there is to do, and who knows how."""

    targets: Sequence[str]
    links: WorkList
    converger: Converger
    issuer: Issuer
    duties: Sequence[Duty]
    reader: Reader
    checks: TargetChecks


class Crew:
    """Looks for what is due whenever it is woken, and every few seconds, until it is stopped."""

    def __init__(
        self, work: Work, wakeup: WakeUp, turns: Turns, settings: RunnerSettings, *, shared: bool = False
    ) -> None:
        """``shared``: other processes do the same work at the same time."""
        self._work = work
        self._wakeup = wakeup
        self._turns = turns
        self._settings = settings
        self._drawing = Drawing(work.issuer, settings.threads, wakeup.now, shared=shared)
        self._stopping = Event()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin to work."""
        self._stopping.clear()
        self._threads = [
            Thread(target=self._loop, args=(step,), name=name, daemon=True) for name, step in self._loops()
        ]
        self._threads.append(Thread(target=self._do_duties_for_ever, name="duties", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> bool:
        """Finish what is being done and end. False: something took longer than ``timeout`` seconds."""
        ends = monotonic() + timeout
        self._stopping.set()
        self._wakeup.now()
        for thread in self._threads:
            thread.join(max(0.0, ends - monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        self._threads = []
        for give_back in (self._drawing.finish, self._work.reader.end, self._turns.end):
            try:
                give_back()
            except Exception as error:  # Nothing of it was used: it is drawn, read or taken anew by whoever comes next.
                _log.error("the runner met %s", type(error).__name__)
        return ended

    def drain(self, rounds: int) -> None:
        """Do everything that is due now in this thread, and return."""
        for _ in range(rounds):
            worked = self._do_duties()
            while self._drawing.draw_one():
                worked = True
            for target in self._work.targets:
                worked = self.work_on(target) or worked
                worked = (self._may_read(target) and self._work.reader.work(target)) or worked
            if not worked:
                return

    def work_on(self, target: str) -> bool:
        """Converge what is due at a target, some of it; whether anything was."""
        claims = self._work.links.claim(target, _AT_A_TIME)
        if claims:
            self._work.converger.converge(claims, self._stopping.is_set)
        return bool(claims)

    def _loops(self) -> Iterator[tuple[str, Callable[[], bool]]]:
        # One more than may hash: it writes down while others are being hashed.
        for number in range(self._settings.threads + 1):
            yield f"issue-{number}", self._drawing.draw_one
        for target in self._work.targets:
            for number in range(self._settings.per_target):
                yield f"{target}-{number}", self._working_on(target)
            yield f"{target}-reading", self._reading(target)

    def _loop(self, step: Callable[[], bool]) -> None:
        while not self._stopping.is_set():
            seen = self._wakeup.seen
            try:
                worked = step()
            except Exception as error:  # The store may be busy or full: nothing is lost, the sweep comes again.
                _log.error("the runner met %s", type(error).__name__)
                worked = False
                self._stopping.wait(self._settings.sweep_seconds)
            if not worked and not self._stopping.is_set():
                self._wakeup.wait(seen, self._settings.sweep_seconds)

    def _do_duties_for_ever(self) -> None:
        """Nobody wakes them: what is due with time waits for the next sweep."""
        while not self._stopping.wait(self._settings.sweep_seconds):
            try:
                self._do_duties()
            except Exception as error:  # As above.
                _log.error("a duty met %s", type(error).__name__)

    def _working_on(self, target: str) -> Callable[[], bool]:
        return lambda: self.work_on(target)

    def _reading(self, target: str) -> Callable[[], bool]:
        """Reading and checking share a thread: neither is urgent, and a target has to bear only one of them at once."""
        reader, checks = self._work.reader, self._work.checks
        return lambda: self._may_read(target) and (reader.work_politely(target) or checks.run_if_due(target))

    def _may_read(self, target: str) -> bool:
        """Once across all machines. Whoever lost the turn in the middle of a reading leaves it to the next."""
        ours = self._turns.ours(READING + target)
        if not ours:
            self._work.reader.leave(target)
        return ours

    def _do_duties(self) -> bool:
        """One round of the duties, once across all machines; asked before each, as some take their time."""
        for duty in self._work.duties:
            if self._stopping.is_set() or not self._turns.ours(DUTIES):
                break
            try:
                duty()
            except Exception as error:  # One duty that cannot be done (a full disk, say) does not hold up the others.
                _log.error("a duty of the runner met %s", type(error).__name__)
        return False
