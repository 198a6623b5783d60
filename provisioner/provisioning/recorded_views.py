"""What pages and commands show of accounts that a system had before ("tercatat, belum berpakta"). Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.convergence.target_set import TargetSet
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.provisioning.recorded_lists import FOLLOWERS, may_be_taken_back
from provisioner.provisioning.recording import contact_of
from provisioner.recorded_account import RecordedState
from provisioner.request import OPEN
from provisioner.store.long_lists import contains, counted
from provisioner.store.tables import OfficialRow, RecordedAccountRow, RecordedListRow, RequestRow

READERS = ("adb", "section_head", "it", "auditor")
FILTERS = ("recorded", "asked", "overdue", "managed", "removed")
_OPEN = [state.value for state in OPEN]


@dataclass(frozen=True)
class RecordedLine:
    """One account. ``word``: ``recorded`` (nothing decided), ``asked`` (its request is under way), ``managed`` or
    ``removed``.
    """

    id: str
    list_id: str
    target: str
    label: str
    username: str
    full_name: str
    role: str
    region: str
    org_unit: str
    word: str
    pact_by: date
    overdue: bool
    reminded_at: datetime | None
    request_id: str
    request_state: str
    account_id: str
    phone: str = field(default="", repr=False)
    """Only for who follows up."""


@dataclass(frozen=True)
class RecordedPage:
    """A page of the list."""

    rows: tuple[RecordedLine, ...]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class ListSummary:
    """One list that was read in. ``undecided``: rows without a decision under way."""

    id: str
    target: str
    label: str
    pact_by: date
    recorded_at: datetime
    recorded_by: str
    """Empty: at the machine itself."""
    count: int
    undecided: int
    asked: int
    managed: int
    removed: int
    overdue: int
    letter_id: str
    taken_back_at: datetime | None
    can_take_back: bool
    can_ask: bool


class RecordedViews:
    """Queries. Methods raise NotAllowed for posts that may not see them."""

    def __init__(self, context: Context, targets: TargetSet) -> None:
        self._context = context
        self._targets = targets

    def counts(self, actor: Actor) -> Mapping[str, int]:
        """How many there are by each word of :data:`FILTERS`."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            found = self._tallies(session).values()
            return {word: sum(counts[word] for counts in found) for word in FILTERS}

    def search(
        self, actor: Actor, text: str = "", word: str = "", list_id: str = "", page: int = 1, per_page: int = 25
    ) -> RecordedPage:
        """By part of the name, user name or work unit; without ``word`` everything that is not removed. Who has least
        time comes first.
        """
        actor.require(*READERS)
        page, per_page = max(1, page), min(max(1, per_page), 200)
        conditions = [self._of(word) if word in FILTERS else RecordedAccountRow.state != RecordedState.REMOVED]
        if part := text.strip()[:100]:
            conditions.append(contains("recorded_account", part))
        if list_id:
            conditions.append(RecordedAccountRow.list_id == list_id)
        with self._context.store.read() as session:
            found = session.scalars(
                select(RecordedAccountRow)
                .where(*conditions)
                .order_by(RecordedAccountRow.pact_by, RecordedAccountRow.full_name, RecordedAccountRow.id)
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            # By themselves: joined, PostgreSQL reads all requests there ever were before it takes a page.
            under_way = select(RequestRow.id, RequestRow.state).where(
                RequestRow.id.in_([row.request_id for row in found])
            )
            states = {each.id: each.state for each in session.execute(under_way)}
            rows = tuple(self._line(actor, row, states.get(row.request_id or "")) for row in found)
            return RecordedPage(
                rows, counted(session, select(RecordedAccountRow.id).where(*conditions)), page, per_page
            )

    def one(self, actor: Actor, recorded_id: str) -> RecordedLine:
        """:raises NotFound: ``recorded-unknown``."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            row = session.get(RecordedAccountRow, recorded_id)
            if row is None:
                raise NotFound("recorded-unknown")
            request = session.get(RequestRow, row.request_id) if row.request_id is not None else None
            return self._line(actor, row, request.state if request is not None else None)

    def lists(self, actor: Actor) -> Sequence[ListSummary]:
        """Every list, the newest first; those taken back last seen as such."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            newest = select(RecordedListRow).order_by(RecordedListRow.recorded_at.desc()).limit(100)
            rows = session.scalars(newest).all()
            tallies = self._tallies(session, RecordedAccountRow.list_id.in_([row.id for row in rows])) if rows else {}
            return [self._summary(session, row, tallies) for row in rows]

    def list_of(self, actor: Actor, list_id: str) -> ListSummary:
        """:raises NotFound: ``recorded-list-unknown``."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            row = session.get(RecordedListRow, list_id)
            if row is None:
                raise NotFound("recorded-list-unknown")
            return self._summary(session, row, self._tallies(session, RecordedAccountRow.list_id == row.id))

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _of(self, word: str) -> ColumnElement[bool]:
        recorded = RecordedAccountRow.state == RecordedState.RECORDED
        under_way = RecordedAccountRow.request_id.in_(select(RequestRow.id).where(RequestRow.state.in_(_OPEN)))
        if word == "overdue":
            return and_(recorded, RecordedAccountRow.pact_by < self._context.today())
        if word == "asked":
            return and_(recorded, under_way)
        if word == "recorded":
            return and_(recorded, or_(RecordedAccountRow.request_id.is_(None), ~under_way))
        return RecordedAccountRow.state == word

    def _tallies(self, session: Session, *conditions: ColumnElement[bool]) -> dict[str, dict[str, int]]:
        """How many there are by each word of :data:`FILTERS`, by list.

        Those under way are counted by themselves, from the requests that are open: few at any time. Joined to every
        account, PostgreSQL reads all requests there ever were.
        """
        recorded = RecordedAccountRow.state == RecordedState.RECORDED
        conditions_of = {
            "overdue": and_(recorded, RecordedAccountRow.pact_by < self._context.today()),
            "asked": false(),
        }
        each = [
            func.count().filter(conditions_of.get(word, RecordedAccountRow.state == word)).label(word)
            for word in FILTERS
        ]
        asked = select(RecordedAccountRow.list_id, *each).where(*conditions).group_by(RecordedAccountRow.list_id)
        under_way = (
            select(RecordedAccountRow.list_id, func.count())
            .join(RequestRow, RequestRow.id == RecordedAccountRow.request_id)
            .where(recorded, RequestRow.state.in_(_OPEN), *conditions)
            .group_by(RecordedAccountRow.list_id)
        )
        found = {row[0]: {word: int(row._mapping[word]) for word in FILTERS} for row in session.execute(asked)}
        for list_id, count in session.execute(under_way):
            found[list_id]["asked"] = count
            found[list_id]["recorded"] -= count
        return found

    def _line(self, actor: Actor, row: RecordedAccountRow, request_state: str | None) -> RecordedLine:
        recorded = row.state == RecordedState.RECORDED
        return RecordedLine(
            id=row.id,
            list_id=row.list_id,
            target=row.target,
            label=self._targets.label(row.target),
            username=row.username,
            full_name=row.full_name,
            role=row.role,
            region=row.region,
            org_unit=row.org_unit,
            word="asked" if recorded and request_state in OPEN else row.state,
            pact_by=row.pact_by,
            overdue=recorded and row.pact_by < self._context.today(),
            reminded_at=row.reminded_at,
            request_id=row.request_id or "",
            request_state=request_state or "",
            account_id=row.account_id or "",
            phone=contact_of(self._context, row)["phone"] if recorded and actor.holds(*FOLLOWERS) else "",
        )

    def _summary(self, session: Session, row: RecordedListRow, tallies: Mapping[str, Mapping[str, int]]) -> ListSummary:
        counts = tallies.get(row.id, dict.fromkeys(FILTERS, 0))
        by = session.get(OfficialRow, row.recorded_by) if row.recorded_by is not None else None
        return ListSummary(
            id=row.id,
            target=row.target,
            label=self._targets.label(row.target),
            pact_by=row.pact_by,
            recorded_at=row.recorded_at,
            recorded_by=by.full_name if by is not None else "",
            count=sum(counts[word] for word in FILTERS if word != "overdue"),
            undecided=counts["recorded"],
            asked=counts["asked"],
            managed=counts["managed"],
            removed=counts["removed"],
            overdue=counts["overdue"],
            letter_id=row.letter_id or "",
            taken_back_at=row.taken_back_at,
            can_take_back=row.taken_back_at is None and may_be_taken_back(session, row),
            can_ask=self._targets.takes_over(row.target) and counts["recorded"] > 0,
        )
