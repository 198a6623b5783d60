"""Everything that is recorded about one request, gathered for its case file. Nothing is judged or left out here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from provisioner.archive.case_record import (
    AccountFacts,
    ActFacts,
    LetterFacts,
    RequestFacts,
    VisitFacts,
)
from provisioner.provisioning import history
from provisioner.provisioning.bio import BioForms
from provisioner.store.tables import (
    AccountRow,
    ActRow,
    AttachmentRow,
    DeskVisitRow,
    LetterRow,
    PactRow,
    PaperRow,
    RequestRow,
)


@dataclass(frozen=True)
class CaseRows:
    """The rows of a case. Documents are read one by one later: they are large."""

    request: RequestRow
    letter: LetterRow
    account: AccountRow | None
    earlier_letters: tuple[str, ...]
    acts: Sequence[ActRow]
    visits: Sequence[DeskVisitRow]
    pacts: Sequence[PactRow]
    attachments: Sequence[AttachmentRow]


def rows_of(session: Session, request: RequestRow) -> CaseRows:
    """Read what belongs to the request, its letters and its account."""
    letter = request.letter
    earlier = tuple(each.id for each in history.earlier_letters(session, [request]))
    letters = (letter.id, *earlier)
    account = session.get(AccountRow, request.account_id) if request.account_id else None
    return CaseRows(
        request,
        letter,
        account,
        earlier,
        session.scalars(
            select(ActRow)
            .where(ActRow.letter_id.in_(letters), or_(ActRow.request_id.is_(None), ActRow.request_id == request.id))
            .order_by(ActRow.at, ActRow.id)
        ).all(),
        session.scalars(
            select(DeskVisitRow)
            .where(
                DeskVisitRow.letter_id.in_(letters),
                or_(DeskVisitRow.request_id.is_(None), DeskVisitRow.request_id == request.id),
            )
            .order_by(DeskVisitRow.arrived_at, DeskVisitRow.id)
        ).all(),
        session.scalars(
            select(PactRow).where(PactRow.request_id == request.id).order_by(PactRow.prepared_at, PactRow.id)
        ).all(),
        session.scalars(
            select(AttachmentRow)
            .where(
                AttachmentRow.letter_id == letter.id,
                or_(AttachmentRow.request_id.is_(None), AttachmentRow.request_id == request.id),
            )
            .order_by(AttachmentRow.created_at, AttachmentRow.id)
        ).all(),
    )


def papers_among(session: Session, subjects: Iterable[str]) -> Sequence[PaperRow]:
    """Every revision of every paper about these letters, requests and accounts."""
    return session.scalars(
        select(PaperRow).where(PaperRow.subject.in_(list(subjects))).order_by(PaperRow.kind, PaperRow.revision)
    ).all()


def letter_facts(row: LetterRow) -> LetterFacts:
    """The letter as recorded."""
    return LetterFacts(
        row.id,
        row.number,
        row.letter_date,
        row.sender,
        row.subject,
        row.urgency,
        row.channel,
        row.state,
        row.received_at,
    )


def request_facts(row: RequestRow) -> RequestFacts:
    """The request as recorded."""
    return RequestFacts(
        id=row.id,
        number=row.number or "",
        state=row.state,
        applicant=row.display_name,
        role=row.role,
        region=row.region,
        org_unit=row.org_unit,
        username=row.username or "",
        check_code=row.check_code or "",
        person_confirmed_at=row.person_confirmed_at,
        answer=row.answer,
        valid_until=row.valid_until,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        finished_at=row.finished_at,
    )


def act_facts(row: ActRow) -> ActFacts:
    """One act as recorded."""
    return ActFacts(
        row.at,
        row.step,
        row.kind,
        row.actor_label,
        row.acting_for,
        row.requested_action,
        row.note,
        row.state_before,
        row.state_after,
        row.letter_id,
        row.undone_at,
    )


def visit_facts(row: DeskVisitRow) -> VisitFacts:
    """One stay on a desk."""
    return VisitFacts(row.step, row.desk, row.arrived_at, row.opened_at, row.left_at)


def account_facts(row: AccountRow | None) -> AccountFacts | None:
    """The account as it is now."""
    if row is None:
        return None
    return AccountFacts(
        row.id,
        row.username,
        row.role,
        row.region,
        row.state,
        row.state_reason,
        row.state_at,
        row.valid_until,
        row.created_at,
        {link.target: link.state for link in row.links},
    )


def masked_bio(forms: BioForms, row: RequestRow) -> Mapping[str, str]:
    """The bio form as typed, with the NIK masked: whoever reads case files has no need of the whole number."""
    checked = forms.checked(row)
    masked = {name: text for name, text in sorted(checked.typed.items()) if text}
    if "nik" in masked:
        masked["nik"] = checked.form.nik.masked() if checked.form else f"{masked['nik'][:4]}…"
    return masked
