"""The files of one case, in the order of the SOP: papers, pacts, attachments, certificates, and the data last."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from provisioner import signing
from provisioner.archive.case_record import (
    AttachmentFile,
    CaseRecord,
    LeftOut,
    PactFile,
    PaperFile,
    SignatureFile,
)
from provisioner.documents.pact import PactDocuments
from provisioner.errors import WrongState
from provisioner.pact import PactFacts, PactRecord
from provisioner.paper import CASE_KINDS, PaperKind
from provisioner.provisioning import attachments, case_facts
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.case_facts import CaseRows
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE, PACT_PURPOSE
from provisioner.provisioning.kept_papers import PAPER_PURPOSE
from provisioner.provisioning.outstanding_papers import OutstandingPapers
from provisioner.provisioning.papers import Papers
from provisioner.signing.signer import SignatureField
from provisioner.store.tables import AttachmentRow, BoxRow, FilingRow, PactRow, PaperRow, RequestRow

PAPERS, ATTACHMENTS, SIGNATURES, DATA = "naskah", "lampiran", "tanda-tangan", "data.json"
PACT = "pact"
AS_SIGNED = "as-validated-at-signing"
_TOGETHER = 20
"""How many cases are read in one go, without their documents."""


@dataclass(frozen=True)
class CaseFile:
    """One file of a case. ``name`` is relative to its folder."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Case:
    """A case whose papers have been made."""

    rows: CaseRows
    papers: tuple[PaperRow, ...]
    box: BoxRow | None
    left_out: tuple[LeftOut, ...]


def order() -> tuple[str, ...]:
    """Every kind of paper as it lies in a case file; the pact goes before what is handed over because of it."""
    kinds = [kind.value for kind in CASE_KINDS]
    kinds.insert(kinds.index(PaperKind.HANDOVER_RECEIPT.value), PACT)
    return tuple(kinds)


class CasePapers:
    """Gathers cases. Asks nobody who may read them: that is for whoever hands them out."""

    def __init__(self, context: Context, papers: Papers, documents: PactDocuments, forms: BioForms) -> None:
        self._context = context
        self._outstanding = OutstandingPapers(papers)
        self._documents = documents
        self._forms = forms

    def case(self, request_id: str) -> Case:
        """As :meth:`cases`, one."""
        return next(self.cases([request_id]))

    def cases(self, request_ids: Sequence[str]) -> Iterator[Case]:
        """Each case with every paper that can be made of what is recorded now, read a few at a time.

        :raises NotFound: ``request-unknown``. :raises WrongState: ``not-sent-yet``.
        """
        for start in range(0, len(request_ids), _TOGETHER):
            yield from self._together(request_ids[start : start + _TOGETHER])

    def files(self, case: Case, *, judge: bool) -> Iterator[CaseFile]:
        """Every file, ``data.json`` last. What was written here is small and read in one go; what applicants brought
        is not, and is read one after the other, so that one at a time is held.

        ``judge``: judge the signatures of pacts once more.
        """
        papers, pacts, brought = list[PaperFile](), list[PactFile](), list[AttachmentFile]()
        documents = self._written(case)
        for number, kind in enumerate(order(), start=1):
            if kind == PACT:
                for pact in case.rows.pacts:
                    document = documents[pact.id]
                    described, certificates = self._pact(number, pact, document, judge)
                    pacts.append(described)
                    yield CaseFile(described.file, document)
                    yield from certificates
            for paper in (each for each in case.papers if each.kind == kind):
                papers.append(_paper(number, paper))
                yield CaseFile(papers[-1].file, documents[paper.id])
        for number, attachment in enumerate(case.rows.attachments, start=1):
            brought.append(_attachment(number, attachment))
            yield CaseFile(brought[-1].file, self.document(attachment))
        record = replace(self.record(case), papers=tuple(papers), pacts=tuple(pacts), attachments=tuple(brought))
        others = [signature.certificates for pact in pacts for signature in pact.signatures]
        yield CaseFile(DATA, replace(record, other_files=tuple(others)).to_json())

    def record(self, case: Case) -> CaseRecord:
        """What is recorded, without the lists of files."""
        rows = case.rows
        return CaseRecord(
            office=self._context.office.name,
            request=case_facts.request_facts(rows.request),
            letter=case_facts.letter_facts(rows.letter),
            earlier_letters=rows.earlier_letters,
            bio_form=case_facts.masked_bio(self._forms, rows.request),
            acts=tuple(map(case_facts.act_facts, rows.acts)),
            visits=tuple(map(case_facts.visit_facts, rows.visits)),
            accounts=(rows.account.id,) if rows.account else (),
            account=case_facts.account_facts(rows.account),
            box=case.box.number if case.box else "",
            box_place=case.box.place if case.box else "",
            papers=(),
            pacts=(),
            attachments=(),
            left_out=case.left_out,
            other_files=(),
        )

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _together(self, request_ids: Sequence[str]) -> Iterator[Case]:
        with self._context.store.read() as session:
            requests = case_facts.requests_of(session, request_ids)
            for request in requests:
                refuse_unsent(request)
            every = case_facts.rows_of(session, requests)
            papers = case_facts.papers_about(session, case_facts.subjects(every))
            asked = select(FilingRow).where(FilingRow.request_id.in_(request_ids))
            boxes = {filing.request_id: filing.box for filing in session.scalars(asked)}
            outstanding = [self._outstanding.of(session, request, papers) for request in requests]
        due = dict.fromkeys(which for each in outstanding for which in each.due)
        if due:
            refused = {which: self._outstanding.make(which) for which in due}
            with self._context.store.read() as session:
                papers = case_facts.papers_about(session, case_facts.subjects(every))
        else:
            refused = {}
        for rows, lacks in zip(every, outstanding, strict=True):
            own = set(case_facts.subjects([rows]))
            reasons = {**lacks.refused, **{which[0]: refused[which] for which in lacks.due if refused[which]}}
            yield Case(
                rows,
                tuple(paper for paper in papers if paper.subject in own),
                boxes.get(rows.request.id),
                tuple(LeftOut(kind.value, reasons[kind]) for kind in CASE_KINDS if kind in reasons),
            )

    def _written(self, case: Case) -> Mapping[str, bytes]:
        """The documents of papers and pacts by their rows' ids."""
        found: dict[str, bytes] = {}
        open_ = self._context.keyring.open
        with self._context.store.read() as session:
            for table, purpose in ((PaperRow, PAPER_PURPOSE), (PactRow, PACT_PURPOSE)):
                ids = [row.id for row in (*case.papers, *case.rows.pacts) if isinstance(row, table)]
                asked = select(table.id, table.document).where(table.id.in_(ids))
                found.update((row.id, open_(purpose, row.document)) for row in session.execute(asked))
        return found

    def document(self, row: PaperRow | PactRow | AttachmentRow) -> bytes:
        """The exact bytes. Read alone, in a session of its own: rows that are kept must not keep their documents."""
        purpose, column = _sealed_in(row)
        with self._context.store.read() as session:
            sealed = session.execute(select(column).where(type(row).id == row.id)).scalar_one()
        return self._context.keyring.open(purpose, sealed)

    def _pact(self, number: int, row: PactRow, document: bytes, judge: bool) -> tuple[PactFile, list[CaseFile]]:
        facts = PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, row.facts).decode())
        name = _plain(row.number)
        signatures, files = list[SignatureFile](), list[CaseFile]()
        for place, found in enumerate(signing.certificates.certificates_of(document), start=1):
            path = f"{SIGNATURES}/{name}-{place}-{_plain(found.field)}.pem"
            files.append(CaseFile(path, found.chain))
            signatures.append(
                SignatureFile(
                    found.field,
                    found.holder,
                    found.capacity,
                    found.issuer,
                    found.certificate,
                    found.valid_from,
                    found.valid_until,
                    path,
                )
            )
        described = PactFile(
            file=f"{PAPERS}/{number:02d}-pakta-integritas-{name}{'' if row.state == 'signed' else f'-{row.state}'}.pdf",
            number=row.number,
            state=row.state,
            sha256=row.sha256,
            length=row.length,
            text_revision=row.text_revision,
            prepared_at=row.prepared_at,
            applicant_signed_at=row.applicant_signed_at,
            signed_at=row.signed_at,
            authentication=row.authentication,
            void_at=row.void_at,
            void_reason=row.void_reason,
            audit_head=f"{facts.audit_head.sequence}-{facts.audit_head.hash}",
            validation=self._validation(row, document, signatures, judge),
            signatures=tuple(signatures),
        )
        return described, files

    def _validation(self, row: PactRow, document: bytes, signatures: list[SignatureFile], judge: bool) -> str:
        if row.state != "signed":
            return ""
        by_field = {each.field: each.certificate for each in signatures}
        applicant, official = (by_field.get(field.value, "") for field in SignatureField)
        if judge:
            record = PactRecord(row.number, row.sha256, row.length, applicant, official)
            return self._documents.verify(document, record).code.value
        unchanged = len(document) == row.length and sha256(document).hexdigest() == row.sha256
        return AS_SIGNED if unchanged else "changed"


def refuse_unsent(request: RequestRow) -> None:
    """What an applicant is still writing is nobody's business at the office.

    :raises WrongState: ``not-sent-yet``.
    """
    if request.submitted_at is None:
        raise WrongState("not-sent-yet", state=request.state)


def _sealed_in(row: PaperRow | PactRow | AttachmentRow) -> tuple[str, InstrumentedAttribute[bytes]]:
    match row:
        case PactRow():
            return PACT_PURPOSE, PactRow.document
        case AttachmentRow():
            return attachments.PURPOSE, AttachmentRow.content
        case PaperRow():
            return PAPER_PURPOSE, PaperRow.document


def _paper(number: int, row: PaperRow) -> PaperFile:
    kind = PaperKind(row.kind)
    return PaperFile(
        f"{PAPERS}/{number:02d}-{kind.template}-{row.revision}.pdf",
        row.kind,
        row.number,
        row.revision,
        row.replaced_at is not None,
        row.code,
        row.sha256,
        row.length,
        row.made_at,
    )


def _attachment(number: int, row: AttachmentRow) -> AttachmentFile:
    path = f"{ATTACHMENTS}/{number:02d}-{row.kind}.pdf"
    return AttachmentFile(path, row.kind, row.file_name, row.pages, row.sha256, row.size, row.created_at)


def _plain(text: str) -> str:
    """As a file's name on every system."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "tanpa-nomor"
