"""Letters and requests as one line of a list."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.procedure import Procedure
from provisioner.provisioning.desk_views import LetterLine, RequestLine
from provisioner.provisioning.sop_line import step_number
from provisioner.request import TAKES_PART, RequestState
from provisioner.store.tables import DeskVisitRow, LetterRow, RegisterEntryRow, RequestRow

_Visits = Mapping[tuple[str, str | None], DeskVisitRow]
"""By letter and request; None: the letter itself."""


def letter_lines(session: Session, rows: Sequence[LetterRow]) -> tuple[LetterLine, ...]:
    """The letters as inboxes list them. Asks as many questions for fifty as for one."""
    lying, people = _lying(session, [row.id for row in rows]), dict[str, list[RequestRow]]()
    named = select(RequestRow).where(RequestRow.letter_id.in_([row.id for row in rows])).order_by(RequestRow.position)
    for each in session.scalars(named) if rows else ():
        people.setdefault(each.letter_id, []).append(each)
    registered = [row.register_id for row in rows if row.register_id]
    written = select(RegisterEntryRow.id, RegisterEntryRow.number).where(RegisterEntryRow.id.in_(registered))
    numbers = {row.id: row.number for row in session.execute(written)} if registered else {}
    return tuple(
        _letter_line(row, people.get(row.id, ()), lying.get((row.id, None)), numbers.get(row.register_id or "", ""))
        for row in rows
    )


def request_lines(session: Session, procedure: Procedure, rows: Sequence[RequestRow]) -> tuple[RequestLine, ...]:
    """The requests as lists show them: on whose desk each lies, and since when."""
    letter_ids = [row.letter_id for row in rows]
    letters = session.scalars(select(LetterRow).where(LetterRow.id.in_(letter_ids))).all() if rows else ()
    lying, of = _lying(session, letter_ids), {letter.id: letter for letter in letters}
    found = []
    for row in rows:
        with_letter = lying.get((row.letter_id, None)) if row.state == RequestState.WITH_LETTER else None
        visit = lying.get((row.letter_id, row.id)) or with_letter
        found.append(_request_line(procedure, row, of[row.letter_id], visit))
    return tuple(found)


def request_line(session: Session, procedure: Procedure, row: RequestRow) -> RequestLine:
    """One request, likewise."""
    return request_lines(session, procedure, [row])[0]


def _lying(session: Session, letter_ids: Sequence[str]) -> _Visits:
    """Where these letters and the requests on them lie now."""
    if not letter_ids:
        return {}
    now = select(DeskVisitRow).where(DeskVisitRow.letter_id.in_(letter_ids), DeskVisitRow.left_at.is_(None))
    return {(visit.letter_id, visit.request_id): visit for visit in session.scalars(now)}


def _letter_line(
    row: LetterRow, people: Sequence[RequestRow], visit: DeskVisitRow | None, register_number: str
) -> LetterLine:
    return LetterLine(
        row.id,
        row.number,
        row.sender,
        row.urgency,
        row.state,
        row.step,
        tuple(each.display_name or each.full_name for each in people if each.state in TAKES_PART),
        visit.arrived_at if visit else row.received_at or row.created_at,
        visit is not None and visit.opened_at is not None,
        register_number,
    )


def _request_line(procedure: Procedure, row: RequestRow, letter: LetterRow, visit: DeskVisitRow | None) -> RequestLine:
    return RequestLine(
        row.id,
        row.number or "",
        row.letter_id,
        letter.number,
        letter.sender,
        row.display_name or row.full_name,
        row.role,
        row.region,
        row.state,
        letter.state,
        step_number(procedure, letter, row),
        visit.desk if visit else "",
        visit.arrived_at if visit else row.finished_at or row.submitted_at or row.created_at,
        visit is not None and visit.opened_at is not None,
        row.destroyed_at is not None,
    )
