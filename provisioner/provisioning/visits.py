"""The time on each desk: counted from the actor's first opening; what lay there before is shown apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from provisioner.store.tables import DeskVisitRow, RequestRow

APPLICANT_DESK = "applicant"


@dataclass(frozen=True)
class Place:
    """On which desk (a post, or ``applicant``) of which step something lies."""

    step: int
    desk: str


def current(session: Session, letter_id: str, request_id: str | None) -> DeskVisitRow | None:
    """The desk it lies on now, or None when nobody has it."""
    return session.scalars(
        select(DeskVisitRow).where(
            DeskVisitRow.letter_id == letter_id,
            DeskVisitRow.request_id.is_(None) if request_id is None else DeskVisitRow.request_id == request_id,
            DeskVisitRow.left_at.is_(None),
        )
    ).one_or_none()


def move(
    session: Session,
    letter_id: str,
    request_id: str | None,
    to: Place | None,
    at: datetime,
    visit: DeskVisitRow | None = None,
) -> None:
    """It leaves its desk (``visit``, where the caller has it in hand) and arrives on another (or none)."""
    visit = visit or current(session, letter_id, request_id)
    if visit is not None:
        visit.left_at = at
    if to is not None:
        session.add(DeskVisitRow(**_arrival(letter_id, request_id, to, at)))


def move_requests(session: Session, requests: Sequence[RequestRow], to: Place, at: datetime) -> None:
    """As :func:`move` for several requests, in two statements; visits that were read before do not show it."""
    if not requests:
        return
    theirs = DeskVisitRow.request_id.in_([request.id for request in requests])
    session.execute(
        update(DeskVisitRow)
        .where(theirs, DeskVisitRow.left_at.is_(None))
        .values(left_at=at)
        .execution_options(synchronize_session=False)
    )
    session.execute(insert(DeskVisitRow), [_arrival(request.letter_id, request.id, to, at) for request in requests])


def _arrival(letter_id: str, request_id: str | None, to: Place, at: datetime) -> dict[str, Any]:
    return {"letter_id": letter_id, "request_id": request_id, "step": to.step, "desk": to.desk, "arrived_at": at}


def opened(session: Session, letter_id: str, request_id: str | None, official_id: str | None, at: datetime) -> bool:
    """Note the actor's first opening. True when this was it."""
    visit = current(session, letter_id, request_id)
    return visit is not None and note_opening(visit, official_id, at)


def note_opening(visit: DeskVisitRow, official_id: str | None, at: datetime) -> bool:
    """As :func:`opened`, for a visit that the caller has in hand."""
    if visit.opened_at is not None:
        return False
    visit.opened_at, visit.opened_by = at, official_id
    return True
