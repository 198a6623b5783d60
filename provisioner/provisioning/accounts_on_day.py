"""Which accounts existed at the end of a day, and what each was then: for whoever inspects the office.

Nothing is taken from what an account is today: its history, the signed pact, the acts of officials and the audit trail
are only ever added to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.account_record import staff_number_of
from provisioner.actor import Actor
from provisioner.audit import Head
from provisioner.errors import InvalidInput
from provisioner.provisioning.context import Context
from provisioner.provisioning.person_numbers import has_number
from provisioner.provisioning.trail_facts import TrailFacts, facts_before
from provisioner.recorded_account import RecordedState
from provisioner.store.tables import (
    AccountHistoryRow,
    AccountRow,
    ActRow,
    LetterRow,
    PactRow,
    RecordedAccountRow,
    RecordedListRow,
    RequestRow,
)

READERS = ("auditor", "head")
"""The head answers to the inspector; nobody else needs the whole picture of a past day."""
EXPORTERS = ("auditor",)
RECORDED = "recorded"
"""Stands where a state stands: an account that a system had before this service, and that has no pact."""
WORDS = (*(state.value for state in AccountState), RECORDED)
_AT_ONCE = 400


@dataclass(frozen=True)
class AccountThen:
    """One account as it was. ``account_id`` is empty for a recorded one, which has no pact, basis or approver."""

    account_id: str
    request_id: str
    username: str
    display_name: str
    staff_number: str = field(repr=False)
    org_unit: str
    role: str
    region: str
    word: str
    """One of :data:`WORDS`."""
    reason: str
    since: datetime
    """Since when it was in that state."""
    valid_until: date | None = None
    pact_number: str = ""
    pact_signed_at: datetime | None = None
    request_number: str = ""
    letter_number: str = ""
    letter_date: date | None = None
    approver: str = ""
    """Post and name, as they were written down then."""
    acting_for: str = ""
    """"Plt. Kepala Seksi (order)"; empty for the holder."""
    approved_at: datetime | None = None
    systems: Mapping[str, str] = field(default_factory=dict)
    """By system: ``open``, ``closed`` or ``deleted``, as the trail says."""
    seq: int = 0
    """Number in the audit trail of the event that decided the state; 0: there is none."""
    agrees: bool = True
    """The trail leads to the same state."""
    rebuilt: bool = False
    """It is from before the history was kept: the state is the trail's; name, role and region are later ones."""


@dataclass(frozen=True)
class DayPage:
    """A page of the list. ``counts`` is by word, over the whole day."""

    day: date
    rows: tuple[AccountThen, ...]
    total: int
    page: int
    per_page: int
    counts: Mapping[str, int]
    rebuilt: int
    """How many of the day's accounts are from before the history was kept."""


@dataclass(frozen=True)
class DayList:
    """The whole list. ``rows`` are read as they are asked for, once."""

    day: date
    made_at: datetime
    made_by: str
    head: Head
    """The end of the audit trail when it was taken out."""
    counts: Mapping[str, int]
    rows: Iterator[AccountThen]


class AccountsOnDay:
    """Use cases. Methods raise NotAllowed, and InvalidInput (field ``day``): it has not come yet."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def page(
        self, actor: Actor, day: date, text: str = "", word: str = "", page: int = 1, per_page: int = 25
    ) -> DayPage:
        """A page, by name; recorded accounts come last. ``text``: as in the list of accounts."""
        actor.require(*READERS)
        end = self.end_of(day)
        page, per_page = max(1, page), min(max(1, per_page), 200)
        first = (page - 1) * per_page
        with self._context.store.read() as session:
            ours = self._ours(end, text, word)
            recorded = self._recorded(end, text, word)
            counts, rebuilt = self._counts(session, end)
            # Looking at every account's history is what a day costs: not again for what is known.
            narrowed = bool(text.strip() or word)
            managed = _count(session, ours) if narrowed else sum(counts.values()) - counts[RECORDED]
            total = managed + (_count(session, recorded) if narrowed else counts[RECORDED])
            ids = session.scalars(ours.limit(per_page).offset(min(first, managed))).all() if first < managed else []
            rows = list(self._read(session, ids, end))
            left, skipped = per_page - len(rows), max(0, first - managed)
            rows += [self._recorded_then(each) for each in session.scalars(recorded.limit(left).offset(skipped))]
        return DayPage(day, tuple(rows), total, page, per_page, counts, rebuilt)

    def take_out(self, actor: Actor, day: date, *, form: str = "xlsx") -> DayList:
        """The whole list, to be written into a file. That it was taken out is an event."""
        capacity = actor.require(*EXPORTERS)
        end = self.end_of(day)
        with self._context.store.begin() as session:
            head, (counts, _) = self._context.trail.head(session), self._counts(session, end)
            self._context.trail.record(
                session,
                "accounts-on-day-exported",
                actor=actor.in_trail(capacity),
                day=day,
                count=sum(counts.values()),
                form=form,
            )
        return DayList(day, self._context.clock(), actor.name, head, counts, self.everything(end))

    def everything(self, end: datetime, word: str = "") -> Iterator[AccountThen]:
        """Every account at ``end``, or those in one state, some hundreds in memory at a time; for use cases that asked
        who may.
        """
        with self._context.store.read() as session:
            ids = session.scalars(self._ours(end, word=word)).all()
            for start in range(0, len(ids), _AT_ONCE):
                yield from self._read(session, ids[start : start + _AT_ONCE], end)
                session.expunge_all()
            for row in session.scalars(self._recorded(end, word=word).execution_options(yield_per=_AT_ONCE)):
                yield self._recorded_then(row)

    def end_of(self, day: date) -> datetime:
        """The first moment of the next day in the office's time zone.

        :raises InvalidInput: the day has not come yet.
        """
        if not date(2000, 1, 1) <= day <= self._context.today():
            raise InvalidInput(fields={"day": ["day-to-come" if day > self._context.today() else "date-malformed"]})
        return datetime.combine(day + timedelta(days=1), time.min, self._context.office.zone)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _ours(self, end: datetime, text: str = "", word: str = "") -> Select[int]:
        """Ids of the rows of history that were the newest at ``end``, by name."""
        conditions: list[ColumnElement[bool]] = []
        if part := text.strip()[:100]:
            columns = (AccountHistoryRow.full_name, AccountHistoryRow.username, AccountHistoryRow.org_unit)
            numbers = has_number(part, self._context.keyring, AccountRow.person_key, AccountRow.staff_key)
            conditions.append(or_(*(column.icontains(part, autoescape=True) for column in columns), *numbers))
        if word:
            conditions.append(AccountHistoryRow.state == word)
        return (
            select(AccountHistoryRow.id)
            .select_from(AccountRow)
            .join(AccountHistoryRow, AccountHistoryRow.id == _newest(end))
            .where(*conditions)
            .order_by(AccountHistoryRow.full_name, AccountHistoryRow.account_id)
        )

    def _recorded(self, end: datetime, text: str = "", word: str = "") -> Select[RecordedAccountRow]:
        still = and_(RecordedAccountRow.ended_at.is_(None), RecordedAccountRow.state == RecordedState.RECORDED)
        conditions = [RecordedListRow.recorded_at < end, or_(still, RecordedAccountRow.ended_at >= end)]
        if part := text.strip()[:100]:
            columns = (RecordedAccountRow.full_name, RecordedAccountRow.username, RecordedAccountRow.org_unit)
            conditions.append(or_(*(column.icontains(part, autoescape=True) for column in columns)))
        if word and word != RECORDED:
            conditions.append(RecordedAccountRow.id.is_(None))
        return (
            select(RecordedAccountRow)
            .join(RecordedListRow, RecordedListRow.id == RecordedAccountRow.list_id)
            .where(*conditions)
            .order_by(RecordedAccountRow.full_name, RecordedAccountRow.id)
        )

    def _counts(self, session: Session, end: datetime) -> tuple[dict[str, int], int]:
        """How many there were by word, and how many of them are from before the history was kept."""
        rebuilt = func.count().filter(AccountHistoryRow.rebuilt)
        asked = self._ours(end).order_by(None).with_only_columns(AccountHistoryRow.state, func.count(), rebuilt)
        found = session.execute(asked.group_by(AccountHistoryRow.state)).all()
        counted = {str(state): count for state, count, _ in found}
        words = {word: counted.get(word, 0) for word in WORDS} | {RECORDED: _count(session, self._recorded(end))}
        return words, sum(made for *_, made in found)

    def _read(self, session: Session, ids: Sequence[int], end: datetime) -> Iterator[AccountThen]:
        asked = (
            select(AccountHistoryRow, AccountRow, PactRow.number, PactRow.signed_at)
            .add_columns(RequestRow.number, LetterRow.number, LetterRow.letter_date)
            .add_columns(ActRow.actor_label, ActRow.acting_for, ActRow.at)
            .join(AccountRow, AccountRow.id == AccountHistoryRow.account_id)
            .join(PactRow, PactRow.id == AccountHistoryRow.pact_id)
            .join(RequestRow, RequestRow.id == AccountRow.request_id)
            .join(LetterRow, LetterRow.id == RequestRow.letter_id)
            .outerjoin(ActRow, ActRow.id == PactRow.act_id)
            .where(AccountHistoryRow.id.in_(ids))
            .order_by(AccountHistoryRow.full_name, AccountHistoryRow.account_id)
        )
        rows = session.execute(asked).all() if ids else []
        facts = facts_before(session, [row[1].id for row in rows], end)
        for then, account, pact, signed_at, request, letter, letter_date, approver, acting_for, approved_at in rows:
            yield replace(
                self._then(then, account, facts[account.id]),
                pact_number=pact,
                pact_signed_at=signed_at,
                request_number=request or "",
                letter_number=letter,
                letter_date=letter_date,
                # A pact may have no act of its own, when it only renews an earlier one.
                approver=approver or "",
                acting_for=acting_for or "",
                approved_at=approved_at,
            )

    def _then(self, then: AccountHistoryRow, account: AccountRow, facts: TrailFacts) -> AccountThen:
        return AccountThen(
            account_id=account.id,
            request_id=account.request_id,
            username=then.username,
            display_name=then.display_name,
            staff_number=staff_number_of(account, self._context.keyring),
            org_unit=then.org_unit,
            role=then.role,
            region=then.region,
            word=then.state,
            reason=then.state_reason,
            since=then.state_at,
            valid_until=then.valid_until,
            systems=facts.systems,
            seq=facts.seq,
            agrees=AccountState(then.state) in facts.allowed,
            rebuilt=then.rebuilt,
        )

    def _recorded_then(self, row: RecordedAccountRow) -> AccountThen:
        return AccountThen(
            account_id="",
            request_id=row.request_id or "",
            username=row.username,
            display_name=row.full_name,
            staff_number="",
            org_unit=row.org_unit,
            role=row.role,
            region=row.region,
            word=RECORDED,
            reason="",
            since=row.of_list.recorded_at,
            systems={row.target: "open"},
        )


def _newest(end: datetime) -> ScalarSelect[int]:
    newest = AccountHistoryRow.__table__.alias("newest")
    return (
        select(newest.c.id)
        .where(newest.c.account_id == AccountRow.id, newest.c.at < end)
        .order_by(newest.c.at.desc(), newest.c.id.desc())
        .limit(1)
        .correlate(AccountRow)
        .scalar_subquery()
    )


def _count(session: Session, asked: Select[int] | Select[RecordedAccountRow]) -> int:
    return session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
