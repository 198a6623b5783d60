"""Operators' accounts this month: which end, which pacts lapse, which envelopes nobody fetched, what may go."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.month.point import MONTH_DAYS, Point, Subject, Urgency
from provisioner.provisioning.context import Context
from provisioner.provisioning.retention import Retention
from provisioner.store.tables import AccountRow, GenerationRow

ENVELOPE_DAYS = 3
"""An envelope that lapses within so many days should be spoken of with its applicant."""


def operator_points(context: Context, retention: Retention) -> Iterator[Point]:
    """Counts only: the lists stand on the pages of those who may see them."""
    today, now = context.today(), context.clock()
    month = today + timedelta(days=MONTH_DAYS)
    alive = AccountRow.state != AccountState.REVOKED
    with context.store.read() as session:
        yield _counted(session, Subject.ACCOUNTS_END, alive, AccountRow.valid_until.between(today, month))
        yield _counted(session, Subject.PACTS_LAPSE, alive, AccountRow.pact_lapses_on.between(today, month))
        waiting = select(func.count(GenerationRow.id)).where(
            GenerationRow.kind == "initial",
            GenerationRow.state == "sealed",
            GenerationRow.lapses_at.between(now, now + timedelta(days=ENVELOPE_DAYS)),
        )
        yield _point(Subject.ENVELOPES, session.scalar(waiting) or 0, {"days": ENVELOPE_DAYS})
        if retention.years is not None:
            yield _point(Subject.RETENTION, len(retention.due(session)), {})


def _counted(session: Session, subject: Subject, *conditions: ColumnElement[bool]) -> Point:
    count = session.scalar(select(func.count()).select_from(AccountRow).where(*conditions)) or 0
    return _point(subject, count, {})


def _point(subject: Subject, count: int, facts: dict[str, str | int]) -> Point:
    return Point(subject, Urgency.MONTH if count else Urgency.GOOD, facts={"count": count, **facts})
