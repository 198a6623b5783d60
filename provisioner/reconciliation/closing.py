"""Closing orphans that an official has pointed at: disabled under their marker, never deleted."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.connector import Changes, ConnectorError, EndsSessions, RemoteAccount, Suspends, UnknownAccount
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import AT_REST
from provisioner.restoration import dispatch_held
from provisioner.store import Store
from provisioner.store.tables import FindingRow, LinkRow, ReconciliationRow

CLOSE = "close"


class NotOrphan(ConnectorError):
    """An account of ours has come to the entry since: convergence decides about it."""


class Closing:
    """Carries out what was ordered, one entry at a time."""

    def __init__(self, store: Store, clock: Clock, trail: AuditTrail, targets: TargetSet) -> None:
        self._store = store
        self._clock = clock
        self._trail = trail
        self._targets = targets

    def can_close(self, target: str) -> bool:
        """Whether the target knows disabled accounts at all."""
        return target in self._targets and isinstance(self._targets[target].connector, Suspends)

    def one(self, target: str) -> bool:
        """Close the next that was ordered; False: none was, or nothing is dispatched now."""
        with self._store.read() as session:
            waiting = (
                select(FindingRow)
                .join(ReconciliationRow, FindingRow.run_id == ReconciliationRow.id)
                .where(ReconciliationRow.target == target, FindingRow.ordered == CLOSE)
                .where(FindingRow.closed_at.is_(None), FindingRow.error == "")
            )
            finding = None if dispatch_held(session) else session.scalars(waiting.limit(1)).one_or_none()
        if finding is None:
            return False
        error, closed = "", False
        try:
            closed = self._close(target, finding)
        except ConnectorError as refused:
            error = type(refused).__name__
        with self._store.begin() as session:
            self._note(session, target, finding, error, closed=closed)
        return True

    def _close(self, target: str, finding: FindingRow) -> bool:
        """Whether anything had to be done. On condition of the marker that is read now."""
        connector = self._targets[target].connector
        entry = self._entry(target, finding)
        if entry.marker is None:
            raise UnknownAccount("the entry carries no marker any more")
        with self._store.read() as session:
            link = session.scalars(
                select(LinkRow).where(LinkRow.target == target, LinkRow.account_id == entry.marker.account_id)
            ).one_or_none()
        if link is not None and link.state not in AT_REST and link.remote_id in (None, entry.remote_id):
            raise NotOrphan("an account of ours is there")
        if not entry.enabled:
            return False
        with self._targets.calling(target, "update", entry.marker.account_id):
            disabled = connector.update(entry, Changes(enabled=False), entry.marker)
        if isinstance(connector, EndsSessions):
            with self._targets.calling(target, "end_sessions", entry.marker.account_id):
                connector.end_sessions(disabled)
        return True

    def _entry(self, target: str, finding: FindingRow) -> RemoteAccount:
        connector = self._targets[target].connector
        with self._targets.calling(target, "find", finding.account_id):
            found = connector.find(finding.account_id or "")
        entry = next((each for each in found if each.remote_id == finding.remote_id), None)
        if entry is None:
            raise UnknownAccount("the entry is gone")
        return entry

    def _note(self, session: Session, target: str, finding: FindingRow, error: str, *, closed: bool) -> None:
        row = session.get(FindingRow, finding.id, with_for_update=True)
        if row is None:
            return
        row.error = error
        if error:
            return
        row.closed_at, row.enabled = self._clock(), False
        if closed:
            self._trail.record(
                session,
                "orphan-closed",
                actor=Actor.system(),
                target=target,
                subjects=Subjects(account=finding.account_id),
                username=finding.username,
            )
