"""What the minutes tell of one destroyed case: numbers, dates, the box, digests. Nobody's name."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Self

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, AttachmentRow, FilingRow, LetterRow, PactRow, PaperRow, RequestRow

PACT, SCAN = "pact", "pact-scan"


@dataclass(frozen=True)
class DestroyedPaper:
    """One paper that is gone. ``kind``: of :class:`PaperKind`, of an attachment, :data:`PACT` or :data:`SCAN`."""

    kind: str
    number: str
    sha256: str


@dataclass(frozen=True)
class CaseRecord:
    """One case as it was just before."""

    letter_number: str = ""
    letter_date: date | None = None
    submitted: date | None = None
    ended: date | None = None
    account: bool = False
    box: str = ""
    box_place: str = ""
    letter: bool = False
    """The papers of the letter went with it: nobody else on it is kept."""
    papers: tuple[DestroyedPaper, ...] = field(default=())

    def to_json(self) -> str:
        """For the store."""
        return TypeAdapter(CaseRecord).dump_json(self).decode()

    def fingerprint(self) -> str:
        """SHA-256 of what the minutes say of it."""
        return sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def read(cls, kept: str) -> Self:
        """Back from :meth:`to_json`; of nothing: an empty record."""
        return TypeAdapter(cls).validate_json(kept) if kept else cls()


def record_of(
    context: Context, session: Session, request: RequestRow, account: AccountRow | None, letters: Sequence[LetterRow]
) -> CaseRecord:
    """What is there to be destroyed with this request. ``letters``: those that go with it."""
    subjects = [request.id, *(each.id for each in letters), *([account.id] if account else [])]
    own = AttachmentRow.request_id == request.id
    shared = AttachmentRow.letter_id.in_([each.id for each in letters]) & AttachmentRow.request_id.is_(None)
    filing = session.get(FilingRow, request.id)
    ended = max(filter(None, (request.finished_at, account.revoked_at if account else None)), default=None)
    return CaseRecord(
        letter_number=request.letter.number,
        letter_date=request.letter.letter_date,
        submitted=context.today(request.submitted_at) if request.submitted_at else None,
        ended=context.today(ended) if ended else None,
        account=account is not None,
        box=filing.box.number if filing else "",
        box_place=filing.box.place if filing else "",
        letter=bool(letters),
        papers=(
            *_papers(session, PaperRow.subject.in_(subjects)),
            *_pacts(session, request.id),
            *_attachments(session, own | shared),
        ),
    )


def _papers(session: Session, which: ColumnElement[bool]) -> list[DestroyedPaper]:
    rows = session.scalars(select(PaperRow).where(which).order_by(PaperRow.made_at, PaperRow.id))
    return [DestroyedPaper(row.kind, row.number, row.sha256) for row in rows]


def _pacts(session: Session, request_id: str) -> list[DestroyedPaper]:
    found = []
    asked = select(PactRow).where(PactRow.request_id == request_id).order_by(PactRow.prepared_at, PactRow.id)
    for row in session.scalars(asked):
        found.append(DestroyedPaper(PACT, row.number, row.sha256))
        if row.scan_sha256:
            found.append(DestroyedPaper(SCAN, row.number, row.scan_sha256))
    return found


def _attachments(session: Session, which: ColumnElement[bool]) -> list[DestroyedPaper]:
    rows = session.scalars(select(AttachmentRow).where(which).order_by(AttachmentRow.created_at, AttachmentRow.id))
    return [DestroyedPaper(row.kind, "", row.sha256) for row in rows]
