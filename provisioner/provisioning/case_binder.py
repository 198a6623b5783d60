"""The case file on paper: cover, index and every paper of one request in one PDF."""

import re
from collections.abc import Iterator
from datetime import datetime

from provisioner.archive.case_record import LeftOut
from provisioner.documents.case_binding import Bound, bind, page_count
from provisioner.documents.case_cover import REASONS, STATES, TITLES, CaseCovers, Cover, Entry
from provisioner.documents.words import long_date, long_moment
from provisioner.paper import PaperKind
from provisioner.provisioning.case_papers import ATTACHMENTS, PACT, Case, CasePapers, order
from provisioner.provisioning.context import Context
from provisioner.store.tables import AttachmentRow, PactRow, PaperRow

_NOTHING_YET = "belum ada yang tercatat untuknya"
_SIGNED = "tanda tangan elektroniknya ada pada berkas asli yang terlampir dalam PDF ini"


class CaseBinder:
    """Binds one case. Holds its papers in memory: one case is at most as large as what one request may bring."""

    def __init__(self, context: Context, papers: CasePapers, covers: CaseCovers) -> None:
        self._context = context
        self._papers = papers
        self._covers = covers

    def bind(self, case: Case, at: datetime, audit_head: str) -> bytes:
        """The whole PDF, its cover dated ``at``.

        :raises ConfigurationError: the cover's template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        rows = list(_in_order(case))
        documents = [self._papers.document(row) for row in rows]
        lengths = [page_count(document) for document in documents]
        cover = self._cover(case, rows, lengths, at, audit_head)
        # The index is as long as it is, and what follows begins after it: rendered twice, if need be once more.
        pages = 2
        while True:
            placed = self._covers.render(cover.placed(pages + 1, lengths), at)
            if (found := page_count(placed)) == pages:
                break
            pages = found
        bound = [_bound(row, document) for row, document in zip(rows, documents, strict=True)]
        return bind(placed, bound, cover.number)

    def _cover(
        self, case: Case, rows: list[PaperRow | PactRow | AttachmentRow], lengths: list[int], at: datetime, head: str
    ) -> Cover:
        office, request, letter, account = self._context.office, case.rows.request, case.rows.letter, case.rows.account
        role, region = office.role(request.role), office.regions.get(request.region)
        said = f"{account.username} ({STATES.get(account.state, account.state)})" if account else "belum ada"
        on = f", {long_date(letter.letter_date)}" if letter.letter_date else ""
        return Cover(
            number=request.number or "",
            applicant=request.display_name,
            unit=request.org_unit,
            role=role.label.id if role else request.role,
            region=region.full_title if region else request.region,
            letter=f"Nomor {letter.number}{on}",
            sender=letter.sender,
            submitted_at=long_moment(request.submitted_at, office) if request.submitted_at else "",
            state=STATES.get(request.state, request.state),
            account=said,
            box=case.box.number if case.box else "",
            box_place=case.box.place if case.box else "",
            papers=sum(not isinstance(row, AttachmentRow) for row in rows),
            attachments=len(case.rows.attachments),
            at=long_moment(at, office),
            audit_head=head,
            address=f"{self._context.settings.web.address}/permohonan/{request.id}",
            index=[self._entry(row, length) for row, length in zip(rows, lengths, strict=True)],
            left_out=[
                (TITLES.get(each.kind, each.kind), REASONS.get(each.reason, _NOTHING_YET)) for each in _absent(case)
            ],
        )

    def _entry(self, row: PaperRow | PactRow | AttachmentRow, length: int) -> Entry:
        note = "" if length else f"tidak dapat digabungkan; ada dalam arsip ZIP, folder {ATTACHMENTS}"
        if isinstance(row, PactRow):
            note = _SIGNED if row.state == "signed" else f"keadaan: {row.state}"
        return Entry(_title(row), _number(row), long_date(self._context.today(_made_at(row))), row.sha256[:16], note)


def _in_order(case: Case) -> Iterator[PaperRow | PactRow | AttachmentRow]:
    """What is bound: of a paper its newest revision, of pacts those that are not void, then what was brought."""
    for kind in order():
        if kind == PACT:
            yield from (pact for pact in case.rows.pacts if pact.state != "void")
        yield from (paper for paper in case.papers if paper.kind == kind and paper.replaced_at is None)
    yield from case.rows.attachments


def _absent(case: Case) -> Iterator[LeftOut]:
    kept = {paper.kind for paper in case.papers}
    return (each for each in case.left_out if each.kind not in kept)


def _left_out(what: LeftOut) -> tuple[str, str]:
    return TITLES.get(what.kind, what.kind), REASONS.get(what.reason, _NOTHING_YET)


def _bound(row: PaperRow | PactRow | AttachmentRow, document: bytes) -> Bound:
    signed = isinstance(row, PactRow) and bool(row.applicant_signed_at)
    name = re.sub(r"[^A-Za-z0-9]+", "-", row.number).strip("-") if isinstance(row, PactRow) else ""
    return Bound(_title(row), document, f"pakta-integritas-{name}.pdf" if signed else "")


def _title(row: PaperRow | PactRow | AttachmentRow) -> str:
    kind = PACT if isinstance(row, PactRow) else row.kind
    return TITLES.get(kind, PaperKind(kind).template.replace("-", " ").capitalize() if kind in set(PaperKind) else kind)


def _number(row: PaperRow | PactRow | AttachmentRow) -> str:
    if isinstance(row, AttachmentRow):
        return row.file_name
    if isinstance(row, PactRow) or row.revision == 1:
        return row.number
    return f"{row.number} lembar ke-{row.revision}".strip()


def _made_at(row: PaperRow | PactRow | AttachmentRow) -> datetime:
    match row:
        case PaperRow():
            return row.made_at
        case PactRow():
            return row.signed_at or row.prepared_at
        case AttachmentRow():
            return row.created_at
