"""Compares accounts with their pacts, a few at a time, and shows what was found."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.documents.pact import PactDocuments
from provisioner.provisioning.context import Context
from provisioner.provisioning.reconciliation_views import READERS
from provisioner.reconciliation.pacts import PactFault, fault_of
from provisioner.store.locking import alone
from provisioner.store.tables import AccountRow, PactCheckRow, PactFindingRow, PactRow

ORDERERS = ("adb", "it")
_AT_ONCE = 5
"""Each takes some hundredths of a second; the other duties wait so long."""
_KEPT = 2


@dataclass(frozen=True)
class PactFinding:
    """One account without a pact that holds."""

    account_id: str
    username: str
    display_name: str
    pact_number: str
    reason: PactFault


@dataclass(frozen=True)
class PactCheckSummary:
    """The newest look that came to its end, and whether one is under way."""

    ended_at: datetime | None
    examined: int
    found: int
    running: bool


class PactChecks:
    """``step`` is periodic work; a look begins as often as systems are compared, or when somebody asks."""

    def __init__(self, context: Context, documents: PactDocuments) -> None:
        self._context = context
        self._documents = documents

    def ask(self, actor: Actor) -> None:
        """Begin a look now, unless one is under way."""
        capacity = actor.require(*ORDERERS)
        with self._context.store.begin() as session:
            if self._running(session) is None:
                session.add(PactCheckRow(started_at=self._context.clock()))
                self._context.trail.record(session, "pact-check-asked", actor=actor.in_trail(capacity))

    def step(self) -> None:
        """Periodic: look at a few more accounts of the look that is under way, or begin one when it is time."""
        with self._context.store.read() as session:
            check = self._running(session)
            if check is None and not self._is_time(session):
                return
            reached = check.reached if check is not None else ""
            found, last = self._look(session, reached)
        with self._context.store.begin() as session:
            alone(session, "pact-check")
            check = self._running(session)
            if check is None:
                check = PactCheckRow(started_at=self._context.clock(), reached="", examined=0)
                session.add(check)
                session.flush()
            if check.reached == reached:
                self._note(session, check, found, last)

    def run(self) -> PactCheckSummary:
        """A whole look now, in this thread."""
        with self._context.store.begin() as session:
            if self._running(session) is None:
                session.add(PactCheckRow(started_at=self._context.clock()))
        while self._is_running():
            self.step()
        return self.last()

    def summary(self, actor: Actor) -> PactCheckSummary:
        """:raises NotAllowed: no post that sees it."""
        actor.require(*READERS)
        return self.last()

    def findings(self, actor: Actor) -> list[PactFinding]:
        """What the newest finished look found, by user name."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            newest = self._newest(session)
            rows = session.execute(
                select(PactFindingRow, AccountRow, PactRow.number)
                .join(AccountRow, PactFindingRow.account_id == AccountRow.id)
                .outerjoin(PactRow, AccountRow.pact_id == PactRow.id)
                .where(PactFindingRow.check_id == (newest.id if newest is not None else ""))
                .order_by(AccountRow.username)
            )
            return [
                PactFinding(account.id, account.username, account.display_name, number or "", PactFault(row.reason))
                for row, account, number in rows
            ]

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _look(self, session: Session, reached: str) -> tuple[list[tuple[str, PactFault | None]], str]:
        rows = session.scalars(
            select(AccountRow)
            .where(AccountRow.state != AccountState.REVOKED, AccountRow.id > reached)
            .order_by(AccountRow.id)
            .limit(_AT_ONCE)
        ).all()
        return list(self._faults(session, list(rows))), rows[-1].id if rows else ""

    def _faults(self, session: Session, rows: list[AccountRow]) -> Iterator[tuple[str, PactFault | None]]:
        for account in rows:
            pact = session.get(PactRow, account.pact_id)
            yield account.id, fault_of(pact, account.id, self._context.keyring, self._documents)

    def _note(
        self, session: Session, check: PactCheckRow, found: list[tuple[str, PactFault | None]], last: str
    ) -> None:
        now = self._context.clock()
        for account_id, fault in found:
            check.examined += 1
            if fault is not None:
                self._found(session, check, account_id, fault, now)
        if last:
            check.reached = last
        if len(found) < _AT_ONCE:
            check.ended_at = now
            self._forget(session)

    def _found(self, session: Session, check: PactCheckRow, account_id: str, fault: PactFault, at: datetime) -> None:
        session.add(PactFindingRow(check_id=check.id, account_id=account_id, reason=fault, found_at=at))
        before = self._newest(session)
        known = select(PactFindingRow.id).where(
            PactFindingRow.check_id == (before.id if before is not None else ""),
            PactFindingRow.account_id == account_id,
            PactFindingRow.reason == fault,
        )
        if session.scalars(known).first() is not None:
            return  # Told when it was first found.
        account = session.get_one(AccountRow, account_id)
        self._context.trail.record(
            session,
            "pact-fault-found",
            actor=audit.Actor.system(),
            subjects=Subjects(request=account.request_id, account=account.id),
            reason_code=fault.value,
            username=account.username,
        )

    def _forget(self, session: Session) -> None:
        """Older looks say nothing that the trail does not."""
        kept = select(PactCheckRow.id).order_by(PactCheckRow.started_at.desc()).limit(_KEPT)
        ids = list(session.scalars(kept))
        session.execute(delete(PactFindingRow).where(PactFindingRow.check_id.not_in(ids)))
        session.execute(delete(PactCheckRow).where(PactCheckRow.id.not_in(ids)))

    def _is_time(self, session: Session) -> bool:
        hours = self._context.settings.reconciliation.every_hours
        if hours == 0:
            return False
        span, newest = timedelta(hours=hours), self._newest(session)
        oldest = select(AccountRow.created_at).order_by(AccountRow.created_at).limit(1)
        since = newest.started_at if newest is not None else session.scalars(oldest).first()
        return since is not None and since + span <= self._context.clock()

    def _running(self, session: Session) -> PactCheckRow | None:
        return session.scalars(select(PactCheckRow).where(PactCheckRow.ended_at.is_(None)).limit(1)).first()

    def _is_running(self) -> bool:
        with self._context.store.read() as session:
            return self._running(session) is not None

    def _newest(self, session: Session) -> PactCheckRow | None:
        ended = select(PactCheckRow).where(PactCheckRow.ended_at.is_not(None))
        return session.scalars(ended.order_by(PactCheckRow.started_at.desc()).limit(1)).first()

    def last(self) -> PactCheckSummary:
        """The newest look that came to its end, for commands and for callers that have checked who looks."""
        with self._context.store.read() as session:
            newest, running = self._newest(session), self._running(session) is not None
            if newest is None:
                return PactCheckSummary(None, 0, 0, running)
            count = select(func.count()).select_from(PactFindingRow).where(PactFindingRow.check_id == newest.id)
            return PactCheckSummary(newest.ended_at, newest.examined, session.scalar(count) or 0, running)
