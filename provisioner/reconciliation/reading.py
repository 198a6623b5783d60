"""A run that is under way: the pages that are still to come, and what was collected of those that came."""

from collections.abc import Generator

from provisioner.audit import Actor
from provisioner.clock import Clock
from provisioner.connector import ChangesUnknown, ConnectorError, TargetUnavailable
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import WorkList
from provisioner.keyring import Keyring
from provisioner.reconciliation.look import Look, Page, Shown
from provisioner.reconciliation.run import Run, Runs
from provisioner.store import Store


class Reading:
    """Made by :meth:`Readings.begin`."""

    def __init__(self, store: Store, runs: Runs, work: WorkList, run: Run, look: Look) -> None:
        self.run = run
        self._store = store
        self._runs = runs
        self._work = work
        self._look = look
        self._pages = self._begun()
        self._collected = Page()

    def step(self) -> Page | None:
        """Read one page; None when the run has ended, well or not.

        :raises RunLost: the run is not ours any more.
        """
        try:
            page = next(self._pages, None)
        except ChangesUnknown as unknown:
            return self._in_full(unknown)
        except ConnectorError as error:
            self._failed(error)
            return None
        except Exception as error:
            # Only the kind of error: a driver's text may quote what it read.
            self._runs.fail(self.run, self._collected, "ProtocolError", type(error).__name__)
            return None
        if page is None:
            pending = self._look.pending() if self.run.since is not None else 0
            self._runs.finish(self.run, self._collected, self._look.cursor, pending)
            return None
        self._collected.add(page)
        if self._runs.note(self.run, self._collected):
            self._collected = Page()
        return page

    def interrupt(self) -> None:
        """Stop in the middle, and give back what the reading holds of the target; it will be begun again."""
        self._pages.close()
        self._runs.interrupt(self.run)

    def _begun(self) -> Generator[Page]:
        run = self.run
        if run.since is None:
            return self._look.pages()
        return self._look.changes(run.since.cursor, lambda session: self._runs.doubted(session, run))

    def _in_full(self, unknown: ChangesUnknown) -> Page | None:
        """What was read until now was true, and is found again."""
        if self.run.since is None:
            self._failed(unknown)
            return None
        self._runs.widen(self.run, unknown.reason)
        self._pages, self._collected = self._look.pages(), Page()
        return Page()

    def _failed(self, error: ConnectorError) -> None:
        if isinstance(error, TargetUnavailable):
            with self._store.begin() as session:
                self._work.unavailable(session, self.run.target)
        self._runs.fail(self.run, self._collected, type(error).__name__, str(error))


class Readings:
    """Begins them."""

    def __init__(
        self, store: Store, clock: Clock, keyring: Keyring, targets: TargetSet, runs: Runs, work: WorkList
    ) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._targets = targets
        self._runs = runs
        self._work = work

    def begin(self, run_id: str, target: str, actor: Actor, shown: Shown | None = None) -> Reading | None:
        """Take a run that was asked for; None: somebody else has. ``shown``: what is read in the target's stead."""
        look = Look(self._store, self._keyring, self._clock, self._targets, target, shown)
        run = self._runs.take(run_id, look.expected(), actor)
        return Reading(self._store, self._runs, self._work, run, look) if run is not None else None
