"""Everything that is recorded about requests, gathered for their case files. Nothing is judged or left out here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from provisioner.archive.case_record import (
    AccountFacts,
    ActFacts,
    LetterFacts,
    RequestFacts,
    VisitFacts,
)
from provisioner.errors import NotFound
from provisioner.paper import PaperSubject
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


def requests_of(session: Session, request_ids: Sequence[str]) -> list[RequestRow]:
    """The requests, in this order, with what their papers are filled from loaded along in a few queries.

    :raises NotFound: ``request-unknown``.
    """
    whole = joinedload(RequestRow.letter).options(selectinload(LetterRow.requests), selectinload(LetterRow.acts))
    asked = select(RequestRow).where(RequestRow.id.in_(request_ids)).options(whole)
    found = {row.id: row for row in session.scalars(asked)}
    if not found.keys() >= set(request_ids):
        raise NotFound("request-unknown")
    return [found[request_id] for request_id in request_ids]


def rows_of(session: Session, requests: Sequence[RequestRow]) -> list[CaseRows]:
    """Read what belongs to each of the requests, its letters and its account: one query for all of them together."""
    ids = [request.id for request in requests]
    earlier = _earlier_letters(session, ids)
    letters = {request.id: (request.letter_id, *earlier[request.id]) for request in requests}
    every = {letter for each in letters.values() for letter in each}
    accounts = _accounts(session, [request.account_id for request in requests if request.account_id])
    acts = session.scalars(select(ActRow).where(ActRow.letter_id.in_(every)).order_by(ActRow.at, ActRow.id)).all()
    visits = session.scalars(
        select(DeskVisitRow).where(DeskVisitRow.letter_id.in_(every)).order_by(DeskVisitRow.arrived_at, DeskVisitRow.id)
    ).all()
    pacts = session.scalars(
        select(PactRow).where(PactRow.request_id.in_(ids)).order_by(PactRow.prepared_at, PactRow.id)
    ).all()
    brought = session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.letter_id.in_([request.letter_id for request in requests]))
        .order_by(AttachmentRow.created_at, AttachmentRow.id)
    ).all()
    return [
        CaseRows(
            request,
            request.letter,
            accounts.get(request.account_id or ""),
            earlier[request.id],
            [row for row in acts if row.letter_id in letters[request.id] and row.request_id in (None, request.id)],
            [row for row in visits if row.letter_id in letters[request.id] and row.request_id in (None, request.id)],
            [row for row in pacts if row.request_id == request.id],
            [row for row in brought if row.letter_id == request.letter_id and row.request_id in (None, request.id)],
        )
        for request in requests
    ]


def papers_about(session: Session, subjects: Iterable[str]) -> Sequence[PaperRow]:
    """Every revision of every paper about these letters, requests and accounts."""
    return session.scalars(
        select(PaperRow).where(PaperRow.subject.in_(set(subjects))).order_by(PaperRow.kind, PaperRow.revision)
    ).all()


def _earlier_letters(session: Session, request_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """The letters that each was on before it started again, the oldest first: where it has lain on a desk."""
    left = func.max(DeskVisitRow.left_at)
    rows = session.execute(
        select(DeskVisitRow.request_id, DeskVisitRow.letter_id)
        .join(RequestRow, RequestRow.id == DeskVisitRow.request_id)
        .where(DeskVisitRow.request_id.in_(request_ids), DeskVisitRow.letter_id != RequestRow.letter_id)
        .group_by(DeskVisitRow.request_id, DeskVisitRow.letter_id)
        .having(left.is_not(None))
        .order_by(left)
    )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(request_ids, ())
    for request_id, letter_id in rows:
        found[request_id or ""] += (letter_id,)
    return found


def _accounts(session: Session, account_ids: Sequence[str]) -> Mapping[str, AccountRow]:
    asked = select(AccountRow).where(AccountRow.id.in_(account_ids)).options(selectinload(AccountRow.links))
    return {row.id: row for row in session.scalars(asked)}


def subjects_of(request: RequestRow) -> dict[PaperSubject, str]:
    """What the papers of a request are about."""
    found = {PaperSubject.LETTER: request.letter_id, PaperSubject.REQUEST: request.id}
    return {**found, PaperSubject.ACCOUNT: request.account_id} if request.account_id else found


def subjects(cases: Iterable[CaseRows]) -> Iterator[str]:
    """Ids of everything that papers of these cases may be about."""
    for rows in cases:
        yield from subjects_of(rows.request).values()
        yield from rows.earlier_letters


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
