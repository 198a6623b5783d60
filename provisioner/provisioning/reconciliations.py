"""What officials order about the comparison of systems: run it, repair, close what stands for no account."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.convergence.target_set import TargetSet
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.provisioning.reconciliation_views import ReconciliationViews, RunSummary
from provisioner.reconciliation.closing import CLOSE, Closing
from provisioner.reconciliation.finding import Finding, Kind
from provisioner.reconciliation.lists import Lists
from provisioner.reconciliation.look import Shown
from provisioner.reconciliation.orders import Orders
from provisioner.reconciliation.reader import Reader
from provisioner.reconciliation.reading import Reading, Readings
from provisioner.reconciliation.run import RunLost, Runs, RunState, differences_in
from provisioner.store.tables import FindingRow, ReconciliationRow

ORDERERS = ("adb", "it")
REPAIRABLE = (Kind.DRIFT, Kind.MISSING)


@dataclass(frozen=True)
class Parts:
    """What these use cases are put together from."""

    runs: Runs
    orders: Orders
    readings: Readings
    reader: Reader
    closing: Closing
    lists: Lists


class Reconciliations(ReconciliationViews):
    """Use cases. Methods raise NotAllowed, and NotFound ``target-unknown``, ``run-unknown`` or ``finding-unknown``."""

    def __init__(self, context: Context, targets: TargetSet, wakeup: WakeUp, parts: Parts) -> None:
        super().__init__(context, targets)
        self._wakeup = wakeup
        self._parts = parts

    def ask(self, actor: Actor, target: str, *, only_changes: bool = False) -> str:
        """The runner is to read this system now; gives the run's id. ``only_changes``: what the target says has changed
        since it was last read; where it cannot tell, everything, and the run says why.

        :raises WrongState: ``reconciliation-running``; ``target-not-readable``: only people can look there.
        """
        with self._context.store.begin() as session:
            self._require_readable(target)
            run_id = self._asked(session, actor, target, repairs=False, only_changes=only_changes)
            self._wakeup.after_commit(session)
        self._parts.reader.hint()
        return run_id

    def run(
        self,
        actor: Actor,
        target: str,
        *,
        repairs: bool = False,
        only_changes: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> RunSummary:
        """Read this system now, in this very thread. ``progress`` is told (entries read, accounts expected).

        :raises WrongState: see :meth:`ask`; ``reconciliation-lost``: it was taken for dead meanwhile.
        """
        with self._context.store.begin() as session:
            self._require_readable(target)
            run_id = self._asked(session, actor, target, repairs=repairs, only_changes=only_changes)
        return self._read(actor, run_id, target, progress)

    def compare(
        self,
        actor: Actor,
        target: str,
        source: bytes | str,
        *,
        only_enabled: bool = False,
        repairs: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> RunSummary:
        """Compare the system's own list of its users, uploaded or pasted, in this very thread.

        :param only_enabled: the list names only accounts in use.
        :param repairs: order what differs and what is missing to be repaired once the list was read.
        :raises InvalidInput: the list cannot be read; nothing is kept. See :class:`~provisioner.user_list.ListRefused`.
        :raises WrongState: ``reconciliation-running``; ``target-takes-no-list``: not a system that people operate.
        """
        actor.require(*ORDERERS)
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
        shown = self._parts.lists.read(target, source, only_enabled=only_enabled)
        text = source.encode() if isinstance(source, str) else source
        with self._context.store.begin() as session:
            digest, count = sha256(text).hexdigest(), len(shown.shown)
            run_id = self._asked(session, actor, target, repairs=False, sha256=digest, count=count)
        run = self._read(actor, run_id, target, progress, shown)
        if repairs:
            for kind in (each for each in REPAIRABLE if getattr(run, each.value)):
                self.repair_all(actor, run_id, kind)
        return run

    def _read(
        self,
        actor: Actor,
        run_id: str,
        target: str,
        progress: Callable[[int, int], None] | None,
        shown: Shown | None = None,
    ) -> RunSummary:
        reading = self._parts.readings.begin(run_id, target, actor.in_trail(actor.require(*ORDERERS)), shown)
        if reading is None:
            raise RunLost("reconciliation-lost", target=target)
        try:
            expected, read = self.run_of(actor, run_id).expected, 0
            for count in _steps(reading):
                read += count
                if progress is not None:
                    progress(read, expected)
        except BaseException:
            reading.interrupt()
            raise
        return self.run_of(actor, run_id)

    def repair(self, actor: Actor, finding_id: str) -> None:
        """Repair one finding: convergence makes the system hold what was decided.

        :raises WrongState: ``finding-not-repairable``.
        """
        capacity = actor.require(*ORDERERS)
        with self._context.store.begin() as session:
            row, run = self._finding(session, finding_id)
            self._believe(session, run, [row])
            if self._parts.orders.repair(session, run.target, [self._plain(row)], actor.in_trail(capacity)) == 0:
                raise WrongState("finding-not-repairable")
            self._parts.orders.mark(session, [row.id])

    def repair_all(self, actor: Actor, run_id: str, kind: Kind) -> int:
        """Repair everything of a kind that the run lists; gives how many.

        :raises WrongState: ``finding-not-repairable``: not one of that kind can be; ``reconciliation-outdated``: a
            newer run of the same system has come to its end.
        """
        capacity = actor.require(*ORDERERS)
        with self._context.store.begin() as session:
            run = self._newest(session, run_id)
            rows = session.scalars(select(FindingRow).where(FindingRow.run_id == run.id, FindingRow.kind == kind)).all()
            self._believe(session, run, rows)
            findings = [self._plain(row) for row in rows if row.link_id is not None]
            count = self._parts.orders.repair(session, run.target, findings, actor.in_trail(capacity))
            if not count:
                raise WrongState("finding-not-repairable")
            self._parts.orders.mark(session, [row.id for row in rows if row.link_id is not None])
            return count

    def close(self, actor: Actor, finding_id: str) -> None:
        """Close one orphan: it is disabled under its marker and stays there.

        :raises WrongState: ``finding-not-closable``.
        """
        with self._context.store.begin() as session:
            row, run = self._finding(session, finding_id)
            self._order_closing(session, actor, run, [row])
        self._parts.reader.hint()

    def close_all(self, actor: Actor, run_id: str) -> int:
        """Close every orphan that the run lists; gives how many.

        :raises WrongState: ``finding-not-closable``; ``reconciliation-outdated``.
        """
        with self._context.store.begin() as session:
            run = self._newest(session, run_id)
            asked = select(FindingRow).where(FindingRow.run_id == run.id, FindingRow.kind == Kind.ORPHAN)
            rows = [row for row in session.scalars(asked) if row.enabled and row.closed_at is None]
            self._order_closing(session, actor, run, rows)
        self._parts.reader.hint()
        return len(rows)

    def _order_closing(self, session: Session, actor: Actor, run: ReconciliationRow, rows: list[FindingRow]) -> None:
        capacity = actor.require(*ORDERERS)
        if not rows or not self._parts.closing.can_close(run.target) or any(row.kind != Kind.ORPHAN for row in rows):
            raise WrongState("finding-not-closable")
        if not self._believe(session, run, rows):
            raise WrongState("reconciliation-outdated")
        self._parts.orders.mark(session, [row.id for row in rows], CLOSE)
        self._context.trail.record(
            session,
            "closing-ordered",
            actor=actor.in_trail(capacity),
            subjects=Subjects(account=rows[0].account_id) if len(rows) == 1 else Subjects(),
            target=run.target,
            count=len(rows),
            username=rows[0].username if len(rows) == 1 else None,
        )
        self._wakeup.after_commit(session)

    def _believe(self, session: Session, run: ReconciliationRow, rows: Sequence[FindingRow]) -> bool:
        """Where only people can look, their list is what is there from now on; False: all of it is outdated."""
        if not self._targets.asks_people(run.target):
            return True
        lists, keyring = self._parts.lists, self._context.keyring
        believed = [lists.believe(session, run, row, differences_in(keyring, row.details)) for row in rows]
        return any(believed)

    def _asked(
        self,
        session: Session,
        actor: Actor,
        target: str,
        *,
        repairs: bool,
        only_changes: bool = False,
        sha256: str | None = None,
        count: int | None = None,
    ) -> str:
        capacity = actor.require(*ORDERERS)
        by = "official" if actor.official_id else "command"
        run_id = self._parts.runs.ask(session, target, by, repairs=repairs, only_changes=only_changes)
        self._context.trail.record(
            session,
            "reconciliation-asked",
            actor=actor.in_trail(capacity),
            target=target,
            repairs=repairs,
            sha256=sha256,
            count=count,
        )
        return run_id

    def _require_readable(self, target: str) -> None:
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
        if self._targets.asks_people(target):
            raise WrongState("target-not-readable", target=target)

    def _newest(self, session: Session, run_id: str) -> ReconciliationRow:
        run = self._row(session, run_id)
        newer = select(ReconciliationRow.id).where(
            ReconciliationRow.target == run.target,
            ReconciliationRow.state == RunState.FINISHED,
            ReconciliationRow.only_changes.is_(False),
            ReconciliationRow.asked_at > run.asked_at,
        )
        if session.scalars(newer.limit(1)).first() is not None:
            raise WrongState("reconciliation-outdated")
        return run

    def _finding(self, session: Session, finding_id: str) -> tuple[FindingRow, ReconciliationRow]:
        row = session.get(FindingRow, finding_id)
        if row is None:
            raise NotFound("finding-unknown")
        return row, self._row(session, row.run_id)

    def _plain(self, row: FindingRow) -> Finding:
        return Finding(
            Kind(row.kind),
            row.username,
            remote_id=row.remote_id,
            account_id=row.account_id,
            link_id=row.link_id if row.kind in REPAIRABLE else None,
            differences=differences_in(self._context.keyring, row.details),
        )


def _steps(reading: Reading) -> Iterator[int]:
    while (page := reading.step()) is not None:
        yield page.read
