"""Which of the office's papers an uploaded file is, was, or claims to be."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import pikepdf
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from provisioner.documents.comparison import Comparison, compare
from provisioner.documents.receipt import KEYWORD as RECEIPT
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_papers import PAPER_PURPOSE
from provisioner.store.tables import PactRow, PaperRow

_ENDS = re.compile(rb"%%EOF(?:\r\n|\n|\r)?")
_KEYWORDS = re.compile(rb"/Keywords ?\(([^()\\]{1,300})\)")
_MOST_CUTS = 50
_MOST_CANDIDATES = 10
_LONGEST_CLAIM = 80
_PDF_FAULTS = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError)


@dataclass(frozen=True)
class Recognised:
    """A paper, and how the file differs from it (None: not at all)."""

    paper: PaperRow
    comparison: Comparison | None
    proven: bool
    """Who sent the file has had the paper: its bytes or its code."""


def same_paper(session: Session, document: bytes) -> PaperRow | None:
    """The paper that ``document`` is, byte for byte."""
    return session.scalars(select(PaperRow).where(PaperRow.sha256 == _digest(document)).limit(1)).first()


def same_pact(session: Session, document: bytes) -> PactRow | None:
    """The pact, signed by both, in force or void, that ``document`` is byte for byte."""
    where = PactRow.sha256 == _digest(document), *finished()
    return session.scalars(select(PactRow).where(*where).limit(1)).first()


def finished() -> tuple[ColumnElement[bool], ...]:
    """Of a pact: both have signed, whatever became of it."""
    return PactRow.state.in_(("signed", "void")), PactRow.signed_at.is_not(None)


def calls_itself_receipt(claimed: tuple[str, ...]) -> bool:
    """Whether a file's own keywords say that it is a receipt. Receipts are not kept, so nothing more can be told."""
    return RECEIPT in claimed


def claims(document: bytes) -> tuple[str, ...]:
    """The keywords a file gives itself: numbers and codes, even of a broken file. Nothing to believe in."""
    found: list[str] = []
    for text in (*_repaired_keywords(document), *_raw(document)):
        found += [text, *re.split(r"[,;]\s*", text)]
    return tuple(dict.fromkeys(each.strip() for each in found if 0 < len(each.strip()) <= _LONGEST_CLAIM))


def recognise(
    context: Context, session: Session, document: bytes, claimed: tuple[str, ...], expected: str = ""
) -> Recognised | None:
    """The paper that ``document`` contains whole, or else claims to be, or else is ``expected`` (by its code) to be."""
    contained = _contained(session, document)
    if contained is not None and not contained.facts:  # Destroyed: nothing is left to compare with.
        return Recognised(contained, None, proven=True)
    if contained is not None:
        return Recognised(contained, compare(_kept(context, contained), document), proven=True)
    rows = _claimed(session, claimed, expected)
    if (gone := next((row for row in rows if not row.facts), None)) is not None and len(rows) == 1:
        return Recognised(gone, None, gone.code in claimed or gone.code == expected)
    compared = [(row, compare(_kept(context, row), document)) for row in rows if row.facts]
    nearest = max(compared, key=lambda pair: pair[1].shared if pair[1] else 0, default=None)
    if nearest is None:
        return None
    row, comparison = nearest
    has_code = row.code in claimed or row.code == expected
    return Recognised(row, comparison, has_code or comparison is None or comparison.has_seen(row.length))


def _contained(session: Session, document: bytes) -> PaperRow | None:
    """A paper of ours that the file begins or ends with: every end of a PDF within it is tried."""
    ends = [found.end() for found in _ENDS.finditer(document)][:_MOST_CUTS]
    cuts = {cut for end in ends for cut in (end, end - 1, end - 2)}
    running, last, digests = sha256(), 0, []
    for cut in sorted(cuts):
        running.update(document[last:cut])
        last = cut
        digests.append(running.copy().hexdigest())
    start = document.find(b"%PDF-", 1)
    if start > 0:
        digests.append(_digest(document[start:]))
    return session.scalars(select(PaperRow).where(PaperRow.sha256.in_(digests)).limit(1)).first()


def _claimed(session: Session, claimed: tuple[str, ...], expected: str) -> list[PaperRow]:
    by_code = [*claimed, expected] if expected else list(claimed)
    if not by_code:
        return []
    codes = session.scalars(select(PaperRow).where(PaperRow.code.in_(claimed)).limit(1)).all()
    if codes:
        return list(codes)
    asked = select(PaperRow).where(or_(PaperRow.number.in_(claimed), PaperRow.code == (expected or None)))
    return list(session.scalars(asked.order_by(PaperRow.made_at.desc()).limit(_MOST_CANDIDATES)))


def _kept(context: Context, paper: PaperRow) -> bytes:
    return context.keyring.open(PAPER_PURPOSE, paper.document)


def _repaired_keywords(document: bytes) -> Iterator[str]:
    try:
        with pikepdf.open(io.BytesIO(document)) as pdf:
            yield str(pdf.docinfo.get("/Keywords", ""))[:1000]
    except _PDF_FAULTS:
        return


def _raw(document: bytes) -> Iterator[str]:
    for found in list(_KEYWORDS.finditer(document))[:5]:
        yield found[1].decode(errors="replace")


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
