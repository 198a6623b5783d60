"""Enrolment codes of a request: under way (asked for, or given out and not exchanged yet), ended, exchanged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.provisioning import lookup
from provisioner.provisioning.context import Context
from provisioner.request import RequestState
from provisioner.store.tables import EnrolmentRow, RequestRow

OVER = (RequestState.REJECTED, RequestState.WITHDRAWN, RequestState.REVOKED)
"""Where no ticket is of use to a request any more. A rejection may be taken back; then its codes are good again."""


@dataclass(frozen=True)
class TicketNews:
    """What the holder of a ticket must hear, in case it was not they who asked. A first ticket is no news."""

    replaced_at: datetime | None = None
    """When a code was exchanged for the present ticket: the one before is worth nothing any more."""
    code_until: datetime | None = None
    """A code was given out that replaces the present ticket if it is exchanged until then."""


def is_under_way() -> ColumnElement[bool]:
    """The condition for rows of :class:`EnrolmentRow` joined with their request."""
    return and_(
        EnrolmentRow.used_at.is_(None),
        EnrolmentRow.void_at.is_(None),
        RequestRow.state.not_in([state.value for state in OVER]),
    )


def void_codes(session: Session, context: Context, request: RequestRow, at: datetime) -> None:
    """The request has ended for good: what was asked for is not given, what was given opens nothing."""
    waiting = select(EnrolmentRow).where(
        EnrolmentRow.request_id == request.id, EnrolmentRow.used_at.is_(None), EnrolmentRow.void_at.is_(None)
    )
    for row in session.scalars(waiting):
        row.void_at = at
        context.trail.record(
            session,
            "enrolment-code-voided",
            actor=audit.Actor.system(),
            subjects=lookup.subjects(request.letter, request, account=request.account_id),
            applicant_name=request.display_name,
        )


def ended_with_request(session: Session, request: RequestRow) -> bool:
    """Whether the end of the request made a code worthless that somebody waits for or has in hand."""
    if request.state not in OVER or request.finished_at is None:
        return False
    rows = session.scalars(
        select(EnrolmentRow).where(EnrolmentRow.request_id == request.id, EnrolmentRow.used_at.is_(None))
    )
    return any(row.void_at is None or row.void_at >= request.finished_at for row in rows)


def ticket_news(session: Session, request: RequestRow, now: datetime) -> TicketNews:
    """Whether the ticket of the request was replaced, or may be at any moment."""
    rows = session.scalars(
        select(EnrolmentRow).where(EnrolmentRow.request_id == request.id, EnrolmentRow.reason != "counter")
    ).all()
    given = [] if request.state in OVER else [row for row in rows if row.used_at is None and row.void_at is None]
    return TicketNews(
        max((row.used_at for row in rows if row.used_at is not None), default=None),
        max((row.expires_at for row in given if row.expires_at is not None and row.expires_at > now), default=None),
    )
