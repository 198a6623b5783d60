"""Who has signed which revision of the pact, and who is late: for the section head and those who look after them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.pact_due import REASONS, PactDue, PactRules
from provisioner.provisioning.context import Context
from provisioner.provisioning.pact_deadlines import PactDeadlines
from provisioner.store.long_lists import contains, counted, in_order, page_of
from provisioner.store.tables import AccountRow, PactRow

_AT_ONCE = 400
READERS = ("section_head", "adb", "it", "auditor", "head", "division_head")


class PactGroup(StrEnum):
    """The lists. An account may be on several."""

    ALL = "all"
    CURRENT = "current"
    """The operator has signed today's revision."""
    OLDER = "older"
    """They have not."""
    LATE = "late"
    """The last day for signing anew is over."""
    SUSPENDED = "suspended"
    """The account is suspended for it."""
    ENDING = "ending"
    """The pact comes to its end within the first reminder."""
    OFFICIAL = "official"
    """Signed anew by the operator, not yet by the section head."""


@dataclass(frozen=True)
class PactLine:
    """One operator."""

    account_id: str
    username: str
    display_name: str
    org_unit: str
    state: str
    revision: str
    """Signed last; empty where nobody knows."""
    number: str
    """Of the pact that the operator signed last."""
    signed_at: datetime | None
    """By the operator."""
    countersigned: bool
    lapses_on: date | None
    due: PactDue | None


@dataclass(frozen=True)
class PactPage:
    """A page of one list."""

    rows: tuple[PactLine, ...]
    total: int
    page: int
    per_page: int


class PactOverview:
    """Reads only. Methods raise NotAllowed for posts that have no business here. Revoked accounts are on no list."""

    def __init__(self, context: Context, rules: PactRules, deadlines: PactDeadlines) -> None:
        self._context = context
        self._rules = rules
        self._deadlines = deadlines

    @property
    def revision(self) -> str:
        """Today's revision."""
        return self._rules.text.revision

    @property
    def sign_by(self) -> date | None:
        """Until when an older revision has to be replaced by today's; None: nobody is asked to."""
        return self._rules.text.sign_by

    def counts(self, actor: Actor) -> dict[PactGroup, int]:
        """How many accounts are on each list, as in :attr:`provisioner.store.long_lists.Found.total`."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return {group: self._count(session, self._of(group)) for group in PactGroup}

    def attention(self, actor: Actor) -> tuple[int, int]:
        """For an inbox: (operators who have to sign today's revision, pacts that come to their end). Zeros for others
        than the section head and the database administrator.
        """
        if not actor.holds("section_head", "adb"):
            return 0, 0
        with self._context.store.read() as session:
            older = self._count(session, self._of(PactGroup.OLDER)) if self.sign_by is not None else 0
            return older, self._count(session, self._of(PactGroup.ENDING))

    def page(
        self, actor: Actor, group: PactGroup = PactGroup.ALL, text: str = "", page: int = 1, per_page: int = 25
    ) -> PactPage:
        """A list, by name."""
        actor.require(*READERS)
        page, per_page = max(1, page), min(max(1, per_page), 200)
        conditions = [*self._of(group), *_named(text)]
        with self._context.store.read() as session:
            query = select(AccountRow).where(*conditions).order_by(AccountRow.full_name, AccountRow.id)
            found = page_of(session, query, AccountRow.id, page, per_page)
            rows = in_order(session, AccountRow, AccountRow.id, found.ids)
            return PactPage(tuple(self._lines(session, rows)), found.total, page, per_page)

    def everybody(self, actor: Actor, group: PactGroup = PactGroup.ALL) -> Iterator[PactLine]:
        """A whole list, for a file. The export is in the trail."""
        capacity = actor.require(*READERS)
        with self._context.store.begin() as session:
            whole = select(func.count()).select_from(AccountRow).where(*self._of(group))
            count = session.scalar(whole) or 0
            self._context.trail.record(
                session, "pact-list-exported", actor=actor.in_trail(capacity), count=count, kinds=[group.value]
            )
        with self._context.store.read() as session:
            rows = select(AccountRow).where(*self._of(group)).order_by(AccountRow.full_name, AccountRow.id)
            everybody = session.scalars(rows).all()
            parts = [everybody[start : start + _AT_ONCE] for start in range(0, len(everybody), _AT_ONCE)]
            yield from [line for part in parts for line in self._lines(session, part)]

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _of(self, group: PactGroup) -> tuple[ColumnElement[bool], ...]:
        alive = AccountRow.state != AccountState.REVOKED
        return (alive, *self._narrowed(group))

    def _narrowed(self, group: PactGroup) -> Iterator[ColumnElement[bool]]:
        today = self._context.today()
        # Before it and after it: an index has both, and nothing of what is neither.
        own, known = self.revision, AccountRow.pact_revision
        older = or_(known.is_(None), known < own, known > own)
        soon = today + timedelta(days=self._rules.settings.first_reminder)
        if group is PactGroup.CURRENT:
            yield AccountRow.pact_revision == self.revision
        elif group is PactGroup.OLDER:
            yield older
        elif group is PactGroup.LATE:
            renewal_over = self.sign_by is not None and self.sign_by < today
            late = [AccountRow.pact_lapses_on < today, *([older] if renewal_over else [])]
            in_time = or_(AccountRow.pact_extended_to.is_(None), AccountRow.pact_extended_to < today)
            yield and_(or_(*late), in_time)
        elif group is PactGroup.SUSPENDED:
            yield and_(AccountRow.state == AccountState.SUSPENDED, AccountRow.state_reason.in_(REASONS))
        elif group is PactGroup.ENDING:
            yield and_(AccountRow.pact_lapses_on >= today, AccountRow.pact_lapses_on <= soon)
        elif group is PactGroup.OFFICIAL:
            renewed = PactRow.renews_id.is_not(None) & PactRow.account_id.is_not(None)
            yield AccountRow.id.in_(select(PactRow.account_id).where(PactRow.state == "applicant-signed", renewed))

    def _count(self, session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
        return counted(session, select(AccountRow.id).where(*conditions))

    def _lines(self, session: Session, accounts: Sequence[AccountRow]) -> Iterator[PactLine]:
        signed = (
            select(PactRow)
            .where(PactRow.account_id.in_([each.id for each in accounts]))
            .where(PactRow.state.in_(("signed", "applicant-signed")))
            .order_by(PactRow.prepared_at)
        )
        # Of several the one that was prepared last stays.
        last = {pact.account_id: pact for pact in session.scalars(signed)} if accounts else {}
        return (self._line(each, last.get(each.id)) for each in accounts)

    def _line(self, account: AccountRow, last: PactRow | None) -> PactLine:
        return PactLine(
            account.id,
            account.username,
            account.display_name,
            account.org_unit,
            account.state,
            account.pact_revision or "",
            last.number if last is not None else "",
            last.applicant_signed_at if last is not None else None,
            last is not None and last.state == "signed",
            account.pact_lapses_on,
            self._deadlines.due(account),
        )


def _named(text: str) -> Iterator[ColumnElement[bool]]:
    if part := text.strip()[:100]:
        yield contains("account", part)
