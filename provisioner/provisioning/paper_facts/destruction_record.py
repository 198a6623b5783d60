"""Berita Acara Pemusnahan Arsip: what was destroyed, by whose proposal and approval, on which basis."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.documents.words import long_date, long_moment, weekday
from provisioner.errors import NotFound, WrongState
from provisioner.paper import PaperKind
from provisioner.provisioning import signatories
from provisioner.provisioning.context import Context
from provisioner.provisioning.destruction_record import PACT, SCAN, CaseRecord
from provisioner.provisioning.paper_content import PaperFacts
from provisioner.provisioning.paper_facts.people import signatory
from provisioner.retention import DestructionState, Outcome
from provisioner.store.tables import DestructionCaseRow, DestructionRow

_NAMES = {
    PaperKind.REQUEST_LETTER: "Surat Permohonan",
    PaperKind.DISPOSITION_SHEET: "Lembar Disposisi",
    PaperKind.BIO_FORM: "Form Isian Bio Data",
    PaperKind.ANSWER: "Surat Jawaban",
    PaperKind.HANDOVER_RECEIPT: "Bukti Serah Terima",
    PaperKind.REVOCATION_REPORT: "Berita Acara Pencabutan",
    PACT: "Pakta Integritas",
    SCAN: "Pindaian pakta",
    "letter": "Pindaian surat",
    "id-card": "Salinan KTP-el",
    "decree": "Salinan SK",
    "assignment-order": "Surat tugas",
}
_OTHER = "Lampiran"


def gather(context: Context, session: Session, destruction_id: str) -> PaperFacts:
    """The minutes of what was really destroyed.

    :raises NotFound: ``destruction-unknown``. :raises WrongState: ``destruction-not-done``.
    """
    row = session.get(DestructionRow, destruction_id)
    if row is None:
        raise NotFound("destruction-unknown")
    if row.state != DestructionState.DONE or row.done_at is None or row.decided_as is None or row.day is None:
        raise WrongState("destruction-not-done", state=row.state)
    asked = select(DestructionCaseRow).where(DestructionCaseRow.destruction_id == row.id)
    cases = session.scalars(asked.order_by(DestructionCaseRow.position)).all()
    records = [(case, CaseRecord.read(case.record)) for case in cases if case.outcome == Outcome.DESTROYED]
    values: dict[str, object] = {
        "number": row.number,
        "day": row.day.isoformat(),
        "date": long_date(row.day),
        "weekday": weekday(row.day),
        "basis": row.basis,
        "years": row.years,
        "proposed": long_date(context.today(row.proposed_at)),
        "begun": long_moment(row.decided_at, context.office) if row.decided_at else "",
        "done": long_moment(row.done_at, context.office),
        "cases": [_case(case, record) for case, record in records],
        "papers": sum(len(record.papers) for _, record in records),
        "left_out": [case.number for case in cases if case.outcome == Outcome.LEFT_OUT],
        "boxes": _boxes([record for _, record in records]),
        "archive": {"sha256": row.archive_sha256, "at": long_moment(row.archive_at, context.office)}
        if row.archive_sha256 and row.archive_at
        else None,
        "proposer": signatory(signatories.read(row.proposed_as)),
        "approver": signatory(signatories.read(row.decided_as)),
    }
    return PaperFacts(values, values, row.done_at, number=row.number)


def _case(case: DestructionCaseRow, record: CaseRecord) -> dict[str, object]:
    return {
        "number": case.number,
        "letter_number": record.letter_number,
        "letter_date": _day(record.letter_date),
        "submitted": _day(record.submitted),
        "ended": _day(record.ended),
        "box": record.box,
        "box_place": record.box_place,
        "papers": [
            {"name": _NAMES.get(paper.kind, _OTHER), "number": paper.number, "sha256": paper.sha256}
            for paper in record.papers
        ],
    }


def _boxes(records: Sequence[CaseRecord]) -> list[dict[str, object]]:
    """The papers in these boxes are not destroyed by a program: somebody has to."""
    counted: dict[tuple[str, str], int] = {}
    for record in records:
        if record.box:
            counted[record.box, record.box_place] = counted.get((record.box, record.box_place), 0) + 1
    return [{"number": number, "place": place, "count": count} for (number, place), count in sorted(counted.items())]


def _day(day: date | None) -> str:
    return long_date(day) if day else ""
