"""The list of exceptions of a period, for whoever inspects the office."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.audit import Head
from provisioner.deviation import Deviation, DeviationKind
from provisioner.errors import InvalidInput
from provisioner.provisioning import deviation_acts, deviation_secrets
from provisioner.provisioning.accounts_on_day import EXPORTERS, READERS, RECORDED, AccountsOnDay, AccountThen
from provisioner.provisioning.context import Context
from provisioner.provisioning.deviation_acts import Span
from provisioner.store.tables import AccountRow, PactRow
from provisioner.worktime import WorkTime

LONG_SUSPENDED_DAYS = 30


@dataclass(frozen=True)
class Deviations:
    """What was found in a period, both days included, newest first."""

    since: date
    until: date
    suspended_days: int
    found: tuple[Deviation, ...]

    @property
    def counts(self) -> Mapping[DeviationKind, int]:
        """How many of each kind; every kind is there."""
        counted = Counter(each.kind for each in self.found)
        return {kind: counted[kind] for kind in DeviationKind}

    def of(self, kind: DeviationKind) -> tuple[Deviation, ...]:
        """Those of one kind."""
        return tuple(each for each in self.found if each.kind == kind)


@dataclass(frozen=True)
class TakenOut:
    """The list as it was taken out."""

    list: Deviations
    made_at: datetime
    made_by: str
    head: Head


class DeviationLists:
    """Use cases. Methods raise NotAllowed, and InvalidInput with fields ``since``, ``until`` or ``suspended_days``."""

    def __init__(self, context: Context, accounts: AccountsOnDay, worktime: WorkTime) -> None:
        self._context = context
        self._accounts = accounts
        self._worktime = worktime

    def look(self, actor: Actor, since: date, until: date, suspended_days: int = LONG_SUSPENDED_DAYS) -> Deviations:
        """Everything of the period. ``suspended_days``: for how long a suspension counts as long."""
        actor.require(*READERS)
        return self._all(since, until, suspended_days)

    def take_out(
        self, actor: Actor, since: date, until: date, suspended_days: int = LONG_SUSPENDED_DAYS, *, form: str = "xlsx"
    ) -> TakenOut:
        """The same, to be written into a file. That it was taken out is an event."""
        capacity = actor.require(*EXPORTERS)
        found = self._all(since, until, suspended_days)
        with self._context.store.begin() as session:
            head = self._context.trail.head(session)
            self._context.trail.record(
                session,
                "exceptions-exported",
                actor=actor.in_trail(capacity),
                since=since,
                until=until,
                count=len(found.found),
                form=form,
            )
        return TakenOut(found, self._context.clock(), actor.name, head)

    def _all(self, since: date, until: date, suspended_days: int) -> Deviations:
        span = self._span(since, until)
        if not 1 <= suspended_days <= 3650:
            raise InvalidInput(fields={"suspended_days": ["days-out-of-range"]})
        with self._context.store.read() as session:
            found = [
                *deviation_acts.acting(session, span),
                *deviation_acts.on_paper(session, span),
                *deviation_acts.two_steps(session, span),
                *deviation_acts.late_steps(session, span, self._context.procedure, self._worktime),
                *deviation_secrets.cards(session, span),
                *deviation_secrets.replacement_codes(session, span),
                *deviation_secrets.envelopes(session, span),
                *_void_pacts(session, span),
            ]
        found += [_without_pact(each) for each in self._accounts.everything(span.end, RECORDED)]
        found += self._long_suspended(span, timedelta(days=suspended_days))
        found.sort(key=lambda each: each.at, reverse=True)
        return Deviations(since, until, suspended_days, tuple(found))

    def _span(self, since: date, until: date) -> Span:
        try:
            end = self._accounts.end_of(until)
        except InvalidInput as refused:
            raise InvalidInput(fields={"until": refused.fields["day"]}) from None
        if since > until or since < date(2000, 1, 1):
            raise InvalidInput(fields={"until": ["before-start"]})
        return Span(datetime.combine(since, time.min, self._context.office.zone), end)

    def _long_suspended(self, span: Span, longest: timedelta) -> Iterator[Deviation]:
        for each in self._accounts.everything(span.end, AccountState.SUSPENDED):
            lasted = min(span.end, self._context.clock()) - each.since
            if lasted > longest:
                yield _of_account(each, DeviationKind.LONG_SUSPENDED, days=lasted.days, reason=each.reason)


def _void_pacts(session: Session, span: Span) -> Iterator[Deviation]:
    asked = (
        select(AccountRow.id, AccountRow.request_id, AccountRow.username, PactRow.void_at, PactRow.void_reason)
        .join(PactRow, PactRow.id == AccountRow.pact_id)
        .where(PactRow.void_at < span.end, AccountRow.state != AccountState.REVOKED)
    )
    for each in session.execute(asked):
        yield Deviation(
            DeviationKind.WITHOUT_PACT,
            each.void_at,
            request_id=each.request_id,
            account_id=each.id,
            username=each.username,
            facts={"reason": each.void_reason},
        )


def _without_pact(each: AccountThen) -> Deviation:
    return _of_account(each, DeviationKind.WITHOUT_PACT, target=next(iter(each.systems), ""))


def _of_account(each: AccountThen, kind: DeviationKind, **facts: str | int) -> Deviation:
    return Deviation(
        kind,
        each.since,
        request_id=each.request_id,
        request_number=each.request_number,
        letter_number=each.letter_number,
        account_id=each.account_id,
        username=each.username,
        facts=facts,
    )
