"""Emptying a case file: what is deleted, what stays as a shell with number, dates and state, table by table.

Shells stay where other rows need them, so that no number and no user name is ever given again and pages can say what
became of the papers. Nothing here is asked about: whoever calls it has.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from provisioner.account_record import sealed_contact
from provisioner.connector import Profile
from provisioner.keyring import Keyring
from provisioner.store.tables import (
    AccountHistoryRow,
    AccountRow,
    ActRow,
    AttachmentRow,
    CardEvidenceRow,
    CredentialRow,
    EnrolmentRow,
    EnvelopeAlarmRow,
    FilingRow,
    FindingRow,
    GenerationRow,
    HelpCardRow,
    LetterRow,
    LinkRow,
    ManualAccountRow,
    PactRow,
    PaperRow,
    RecordedAccountRow,
    RegisterEntryRow,
    RequestRow,
    SessionRow,
    TaskCardRow,
)

_DESTROYED = "Arsip dimusnahkan"
"""The remark of a line of the register book: its number and dates stay."""
_NOBODY = Profile(full_name="", display_name="", role="", region="")


def empty_request(session: Session, request: RequestRow, destruction_id: str, at: datetime) -> None:
    """The request itself, its papers, pacts, attachments and codes. Number, states, dates, role and region stay."""
    _empty_papers(session, PaperRow.subject == request.id)
    session.execute(
        update(PactRow)
        .where(PactRow.request_id == request.id)
        .values(facts=b"", document=b"", scan=None)
        .execution_options(synchronize_session=False)
    )
    for table in (AttachmentRow, EnrolmentRow, FilingRow):
        session.execute(delete(table).where(table.request_id == request.id))
    session.execute(delete(SessionRow).where(SessionRow.subject_id == request.id))
    _empty_acts(session, ActRow.request_id == request.id, at)
    _empty_entries(session, RegisterEntryRow.request_id == request.id)
    _empty_recorded(session, RecordedAccountRow.request_id == request.id)
    _blank(request)
    request.destroyed_at, request.destruction_id = at, destruction_id


def empty_account(session: Session, account_id: str, keyring: Keyring, at: datetime) -> None:
    """The account that came of the request. User name, states, dates, role and region stay.

    Its rows are changed in the database itself: the history of accounts notes every other change of one.
    """
    _empty_papers(session, PaperRow.subject == account_id)
    credentials = select(CredentialRow.id).where(CredentialRow.account_id == account_id)
    session.execute(
        update(LinkRow).where(LinkRow.account_id == account_id).values(credential_id=None, error_message="")
    )
    session.execute(delete(GenerationRow).where(GenerationRow.credential_id.in_(credentials)))
    session.execute(delete(CredentialRow).where(CredentialRow.account_id == account_id))
    cards = select(TaskCardRow.id).where(TaskCardRow.account_id == account_id)
    session.execute(delete(CardEvidenceRow).where(CardEvidenceRow.card_id.in_(cards)))
    for table in (TaskCardRow, HelpCardRow, EnvelopeAlarmRow):
        session.execute(delete(table).where(table.account_id == account_id))
    session.execute(delete(SessionRow).where(SessionRow.subject_id == account_id))
    session.execute(update(ManualAccountRow).where(ManualAccountRow.account_id == account_id).values(profile=b""))
    session.execute(update(FindingRow).where(FindingRow.account_id == account_id).values(details=None))
    _empty_recorded(session, RecordedAccountRow.account_id == account_id)
    nobody = {"full_name": "", "display_name": "", "org_unit": ""}
    session.execute(update(AccountHistoryRow).where(AccountHistoryRow.account_id == account_id).values(**nobody))
    session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id)
        .values(
            **nobody,
            person_key=b"",
            staff_key=None,
            contact=sealed_contact(keyring, _NOBODY),
            state_note="",
            destroyed_at=at,
            revision=AccountRow.revision + 1,
        )
        .execution_options(synchronize_session=False)
    )


def empty_letter(session: Session, letter: LetterRow, destruction_id: str, at: datetime) -> None:
    """A letter when nobody on it is kept any more, with those who were taken off it before it was sent."""
    _empty_papers(session, PaperRow.subject == letter.id)
    _empty_acts(session, ActRow.letter_id == letter.id, at)
    session.execute(delete(AttachmentRow).where(AttachmentRow.letter_id == letter.id))
    letter.sender = letter.subject = ""
    _empty_entries(session, or_(RegisterEntryRow.letter_id == letter.id, RegisterEntryRow.id == letter.register_id))
    letter.destroyed_at, letter.destruction_id = at, destruction_id
    for request in letter.requests:
        if request.destroyed_at is None:
            _blank(request)


def _blank(request: RequestRow) -> None:
    request.bio = request.forwarded_identity = request.person_key = request.staff_key = None
    request.tracking_key = request.tracking_code = request.opening_key = request.signing_key = None
    request.ticket_fingerprint = request.check_code = None
    request.full_name = request.display_name = request.org_unit = request.replaces_username = request.answer = ""
    request.bio_complete = False


def _empty_papers(session: Session, which: ColumnElement[bool]) -> None:
    """Code, number and digest stay: they tell nothing, and by them the paper is known when somebody asks."""
    session.execute(
        update(PaperRow)
        .where(which)
        .values(facts=b"", facts_digest=b"", document=b"")
        .execution_options(synchronize_session=False)
    )


def _empty_entries(session: Session, which: ColumnElement[bool]) -> None:
    """Lines of the register book keep their number and dates: the book has no gaps."""
    nobody = {"sender": "", "subject": "", "forwarded_to": "", "void_reason": ""}
    session.execute(update(RegisterEntryRow).where(which).values(**nobody, remark=_DESTROYED))


def _empty_acts(session: Session, which: ColumnElement[bool], at: datetime) -> None:
    """What was written goes; who decided, in which post and when, stays. Nothing of it can be undone any more."""
    session.execute(update(ActRow).where(which).values(note="", sheet_id=None))
    session.execute(update(ActRow).where(which, ActRow.seen_at.is_(None)).values(seen_at=at))
    session.execute(update(ActRow).where(which, ActRow.official_id.is_(None)).values(actor_label=""))


def _empty_recorded(session: Session, which: ColumnElement[bool]) -> None:
    found = session.scalars(select(RecordedAccountRow).where(which)).all()
    for row in found:
        row.full_name = row.org_unit = ""
        row.contact, row.person_key = b"", None


def sent_requests(session: Session, letter_id: str, moved_on: Sequence[RequestRow]) -> list[RequestRow]:
    """Everybody who is or was on a letter as an applicant, as the office has seen them."""
    on_it = session.scalars(
        select(RequestRow).where(
            or_(RequestRow.letter_id == letter_id, RequestRow.id.in_([each.id for each in moved_on])),
            RequestRow.submitted_at.is_not(None),
        )
    )
    return list(on_it)
