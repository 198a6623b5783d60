"""What is said of something whose archive was destroyed, and that nobody reads it any more."""

from sqlalchemy.orm import Session

from provisioner.errors import WrongState
from provisioner.paper import PaperKind, PaperSubject
from provisioner.retention import Destroyed
from provisioner.store.tables import AccountRow, DestructionRow, LetterRow, PactRow, PaperRow, RequestRow


def of_row(session: Session, row: RequestRow | LetterRow | None) -> Destroyed | None:
    """When a request or a letter was destroyed; None: it was not."""
    if row is None or row.destroyed_at is None:
        return None
    minutes = session.get(DestructionRow, row.destruction_id) if row.destruction_id else None
    return Destroyed(row.destroyed_at, minutes.number if minutes else "")


def of_paper(session: Session, paper: PaperRow) -> Destroyed | None:
    """As :func:`of_row`, of what the paper is about."""
    if PaperKind(paper.kind).subject is PaperSubject.LETTER:
        return of_row(session, session.get(LetterRow, paper.letter_id)) if paper.letter_id else None
    return of_row(session, session.get(RequestRow, paper.request_id)) if paper.request_id else None


def of_pact(session: Session, pact: PactRow) -> Destroyed | None:
    """As :func:`of_row`, of the pact's request."""
    return of_row(session, session.get(RequestRow, pact.request_id))


def refuse_subject(session: Session, kind: PaperKind, subject: str) -> None:
    """:raises WrongState: ``archive-destroyed``: nothing may be written or read about it any more."""
    row: RequestRow | LetterRow | None = None
    if kind.subject is PaperSubject.LETTER:
        row = session.get(LetterRow, subject)
    elif kind.subject is PaperSubject.REQUEST:
        row = session.get(RequestRow, subject)
    elif kind.subject is PaperSubject.ACCOUNT:
        account = session.get(AccountRow, subject)
        row = session.get(RequestRow, account.request_id) if account else None
    refuse(of_row(session, row))


def refuse(destroyed: Destroyed | None) -> None:
    """:raises WrongState: ``archive-destroyed``: it was."""
    if destroyed is not None:
        raise WrongState("archive-destroyed", state="destroyed", at=destroyed.at.isoformat(), number=destroyed.number)
