"""Letters and requests as one line of a list."""

from sqlalchemy.orm import Session

from provisioner.procedure import Procedure
from provisioner.provisioning import register_book, visits
from provisioner.provisioning.desk_views import LetterLine, RequestLine
from provisioner.provisioning.sop_line import step_number
from provisioner.request import TAKES_PART, RequestState
from provisioner.store.tables import LetterRow, RequestRow


def letter_line(session: Session, row: LetterRow) -> LetterLine:
    """The letter as inboxes list it."""
    visit = visits.current(session, row.id, None)
    entry = register_book.entry_of(session, row)
    return LetterLine(
        row.id,
        row.number,
        row.sender,
        row.urgency,
        row.state,
        row.step,
        tuple(each.display_name or each.full_name for each in row.requests if each.state in TAKES_PART),
        visit.arrived_at if visit else row.received_at or row.created_at,
        visit is not None and visit.opened_at is not None,
        entry.number if entry else "",
    )


def request_line(session: Session, procedure: Procedure, row: RequestRow) -> RequestLine:
    """The request as lists show it: on whose desk it lies, and since when."""
    visit = visits.current(session, row.letter_id, row.id) or (
        visits.current(session, row.letter_id, None) if row.state == RequestState.WITH_LETTER else None
    )
    return RequestLine(
        row.id,
        row.number or "",
        row.letter_id,
        row.letter.number,
        row.letter.sender,
        row.display_name or row.full_name,
        row.role,
        row.region,
        row.state,
        row.letter.state,
        step_number(procedure, row.letter, row),
        visit.desk if visit else "",
        visit.arrived_at if visit else row.finished_at or row.submitted_at or row.created_at,
        visit is not None and visit.opened_at is not None,
        row.destroyed_at is not None,
    )
