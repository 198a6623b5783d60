"""What pages and commands show of the comparison of systems. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.connector import ReadsLists, TellsChanges
from provisioner.convergence.target_set import TargetSet
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.reconciliation.finding import Difference
from provisioner.reconciliation.run import SILENCE, RunState, differences_in, found_anything, last_finished
from provisioner.store.tables import AccountRow, FindingRow, LinkRow, ReconciliationRow

READERS = ("it", "adb", "auditor")


@dataclass(frozen=True)
class RunSummary:
    """One run. ``state``: see :class:`~provisioner.reconciliation.run.RunState`."""

    id: str
    target: str
    state: str
    asked_at: datetime
    asked_by: str
    only_changes: bool
    """Only what changed was read: its counts are those of the list that it brought up to date."""
    why_full: str
    """Why everything was read although only what changed was asked for: ``cursor``, ``no-cursor``, ``memberships`` or
    ``unsupported``; else empty."""
    current_at: datetime | None
    """Of a full run: when its list was last brought up to date."""
    started_at: datetime | None
    ended_at: datetime | None
    expected: int
    read: int
    in_order: int
    pending: int
    drift: int
    missing: int
    orphan: int
    unmanaged: int
    recorded: int
    new: int
    error: str
    error_message: str
    found_anything: bool

    @property
    def live(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in (RunState.ASKED, RunState.RUNNING)


@dataclass(frozen=True)
class TargetSummary:
    """One system with its newest run, and the newest full one that came to its end."""

    target: str
    label: str
    readable: bool
    """False: only people can look there."""
    takes_list: bool
    """People can bring the list of users that it shows."""
    newest: RunSummary | None
    finished: RunSummary | None
    """A full one. Its list is brought up to date by those that read only what changed."""
    tells_changes: bool
    """Whether it can be asked for what changed since."""
    sees_removals: bool
    """Whether it then tells what was removed, too."""


@dataclass(frozen=True)
class FindingLine:
    """One finding of a list."""

    id: str
    kind: str
    reason: str
    username: str
    display_name: str
    """Of the account; empty where there is none."""
    account_id: str
    """Empty where there is no such account."""
    enabled: bool | None
    is_new: bool
    ordered: str
    ordered_at: datetime | None
    done: bool
    """What was ordered has come to its end."""
    error: str
    differences: tuple[Difference, ...]
    repairable: bool
    closable: bool


@dataclass(frozen=True)
class FindingPage:
    """A page of a list."""

    rows: tuple[FindingLine, ...]
    total: int
    page: int
    per_page: int


class ReconciliationViews:
    """Queries. Methods raise NotAllowed for posts that may not see them."""

    def __init__(self, context: Context, targets: TargetSet) -> None:
        self._context = context
        self._targets = targets

    def systems(self, actor: Actor) -> list[TargetSummary]:
        """Every system, in the order of the settings."""
        actor.require(*READERS)
        return self.summaries()

    def summaries(self) -> list[TargetSummary]:
        """The same for other use cases, which have asked who wants to know."""
        with self._context.store.read() as session:
            return [self._system(session, name) for name in self._targets]

    def system(self, actor: Actor, target: str) -> TargetSummary:
        """:raises NotFound: ``target-unknown``."""
        actor.require(*READERS)
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
        with self._context.store.read() as session:
            return self._system(session, target)

    def run_of(self, actor: Actor, run_id: str) -> RunSummary:
        """:raises NotFound: ``run-unknown``."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return self._summary(self._row(session, run_id))

    def runs(self, actor: Actor, target: str) -> list[RunSummary]:
        """Every run that is kept, newest first."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return [self._summary(row) for row in session.scalars(_newest_first(target))]

    def findings(
        self, actor: Actor, run_id: str, kind: str, text: str = "", page: int = 1, per_page: int = 25
    ) -> FindingPage:
        """What the run lists of a kind, by user name. ``gone``: what the last finished run before it listed and this
        one does not.
        """
        actor.require(*READERS)
        page, per_page = max(1, page), min(max(1, per_page), 200)
        with self._context.store.read() as session:
            run = self._row(session, run_id)
            conditions = [*self._of_kind(session, run, kind)]
            if text:
                conditions.append(FindingRow.folded.contains(text.casefold(), autoescape=True))
            total = session.scalar(select(func.count()).select_from(FindingRow).where(*conditions)) or 0
            rows = session.scalars(
                select(FindingRow)
                .where(*conditions)
                .order_by(FindingRow.folded, FindingRow.id)
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            return FindingPage(tuple(self._line(session, row) for row in rows), total, page, per_page)

    def gone(self, actor: Actor, run_id: str) -> int:
        """How many listed findings of the last finished run before this one are not found any more."""
        return self.findings(actor, run_id, "gone", per_page=1).total

    def every_finding(self, actor: Actor, run_id: str) -> Iterator[FindingLine]:
        """Everything the run lists, for machines. A run of changes has the list of the last full one."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            run = self._row(session, run_id)
            holder = last_finished(session, run.target) if run.only_changes else run
            listed = FindingRow.run_id == (holder.id if holder is not None else "")
            rows = select(FindingRow).where(listed).order_by(FindingRow.kind, FindingRow.folded)
            yield from [self._line(session, row) for row in session.scalars(rows)]

    def _of_kind(self, session: Session, run: ReconciliationRow, kind: str) -> Iterator[ColumnElement[bool]]:
        if kind != "gone":
            yield FindingRow.run_id == run.id
            yield FindingRow.kind == kind
            return
        before = last_finished(session, run.target, run)
        yield FindingRow.run_id == (before.id if before is not None else "")
        yield FindingRow.key.not_in(select(FindingRow.key).where(FindingRow.run_id == run.id))

    def _system(self, session: Session, target: str) -> TargetSummary:
        newest = session.scalars(_newest_first(target).limit(1)).one_or_none()
        finished = last_finished(session, target)
        connector: object = self._targets[target].connector
        tells = isinstance(connector, TellsChanges) and finished is not None and finished.cursor is not None
        return TargetSummary(
            target=target,
            label=self._targets.label(target),
            readable=not self._targets.asks_people(target),
            takes_list=isinstance(self._targets[target].connector, ReadsLists),
            newest=self._summary(newest) if newest is not None else None,
            finished=self._summary(finished) if finished is not None else None,
            tells_changes=tells,
            sees_removals=isinstance(connector, TellsChanges) and connector.sees_removals,
        )

    def _summary(self, row: ReconciliationRow) -> RunSummary:
        names = RunSummary.__dataclass_fields__.keys() - {"state", "found_anything"}
        silent = row.running_target is not None and row.seen_at < self._context.clock() - SILENCE
        dead = silent and row.state == RunState.RUNNING
        return RunSummary(
            state=RunState.INTERRUPTED if dead else row.state,
            found_anything=found_anything(row),
            **{name: getattr(row, name) for name in names},
        )

    def _line(self, session: Session, row: FindingRow) -> FindingLine:
        account = session.get(AccountRow, row.account_id) if row.account_id else None
        link = session.get(LinkRow, row.link_id) if row.link_id else None
        repaired = link is not None and link.state in ("done", "gone") and link.failing_since is None
        return FindingLine(
            id=row.id,
            kind=row.kind,
            reason=row.reason,
            username=row.username,
            display_name=account.display_name if account is not None else "",
            account_id=account.id if account is not None else "",
            enabled=row.enabled,
            is_new=row.is_new,
            ordered=row.ordered,
            ordered_at=row.ordered_at,
            done=row.closed_at is not None or (bool(row.ordered) and repaired),
            error=row.error or (link.error if link is not None and row.ordered else ""),
            differences=differences_in(self._context.keyring, row.details),
            repairable=row.link_id is not None,
            closable=row.kind == "orphan" and bool(row.enabled) and row.closed_at is None,
        )

    def _row(self, session: Session, run_id: str) -> ReconciliationRow:
        row = session.get(ReconciliationRow, run_id)
        if row is None:
            raise NotFound("run-unknown")
        return row


def _newest_first(target: str):  # type: ignore[no-untyped-def]  # Select's own type says no more here.
    asked = select(ReconciliationRow).where(ReconciliationRow.target == target)
    return asked.order_by(ReconciliationRow.asked_at.desc(), ReconciliationRow.id)
