"""The papers that come with a letter: taken in, reduced, sealed, shown again and removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.attachment import AttachmentReader, Paper
from provisioner.errors import InvalidInput, NotFound
from provisioner.provisioning import access, lookup
from provisioner.provisioning.context import Context
from provisioner.provisioning.with_applicant import refuse_unless_letter_with_applicant, refuse_unless_with_applicant
from provisioner.store.tables import AttachmentRow, LetterRow, RequestRow

PURPOSE = "attachment"
LETTER_KIND = "letter"
KINDS = (LETTER_KIND, "id-card", "decree", "assignment-order", "other")
SHEET_KIND = "disposition-sheet"
"""A scanned disposition sheet: the office's own paper, which no applicant sees."""
MAX_PER_REQUEST = 20


@dataclass(frozen=True)
class PaperLine:
    """One paper in a list. ``on_letter``: it belongs to the letter, not to one applicant."""

    id: str
    kind: str
    file_name: str
    media_type: str
    pages: int
    size: int
    created_at: datetime
    on_letter: bool
    original_seen_at: datetime | None = None
    """When its original was shown at the counter; None: it was not."""
    original_seen_by: str = ""
    """Post and name of who saw it."""


@dataclass(frozen=True)
class PaperContent:
    """A paper to be shown or downloaded."""

    file_name: str
    media_type: str
    content: bytes


class Attachments:
    """Papers of letters and requests."""

    def __init__(self, context: Context, reader: AttachmentReader) -> None:
        self._context = context
        self._reader = reader

    def add(
        self,
        request_id: str,
        kind: str,
        files: Sequence[tuple[str, bytes]],
        actor: Actor | None = None,
        *,
        original_seen: bool = False,
    ) -> PaperLine:
        """Take in one paper made of one or several files (pages from a phone's camera are reduced and joined).

        ``original_seen``: the applicant showed its original at the counter. Only an official can say so.

        :raises InvalidInput: type (by content), size, pages, scripts inside, or too many papers; nothing is kept.
        :raises WrongState: the request is not with the applicant.
        """
        if kind not in KINDS:
            raise InvalidInput("attachment-kind-unknown", fields={"kind": ["unknown"]})
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            _refuse_unless_theirs(request, kind)
            if len(papers_of(session, request.letter_id, request.id)) >= MAX_PER_REQUEST:
                raise InvalidInput("attachments-too-many", limit=MAX_PER_REQUEST)
        paper = self._reader.read(files)
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            _refuse_unless_theirs(request, kind)
            of_request = None if kind == LETTER_KIND else request.id
            row = keep(session, self._context, request.letter, of_request, kind, paper)
            note_addition(
                session,
                self._context,
                row,
                actor=_who(actor, request.id, request.display_name),
                subjects=lookup.subjects(request.letter, request),
                letter_number=request.letter.number,
            )
            if original_seen and actor is not None:
                self._see_original(session, actor, row)
            return _line(row)

    def see_original(self, actor: Actor, request_id: str, attachment_id: str) -> None:
        """The original of a paper was shown at the counter, later than its scan was made.

        :raises NotAllowed: not the secretary. :raises NotFound: not a paper of this request of the counter.
        """
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            row = session.get(AttachmentRow, attachment_id)
            if row is None or not _is_of(row, request):
                raise NotFound("attachment-unknown")
            if row.original_seen_at is None:
                self._see_original(session, actor, row)

    def remove(self, request_id: str, attachment_id: str, actor: Actor | None = None) -> None:
        """Take a paper off again while the request is with the applicant.

        :raises NotFound: not a paper of this request. :raises WrongState: the request is not with the applicant.
        """
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            row = session.get(AttachmentRow, attachment_id)
            if row is None or not _is_of(row, request):
                raise NotFound("attachment-unknown")
            _refuse_unless_theirs(request, row.kind)
            session.delete(row)
            self._context.trail.record(
                session,
                "attachment-removed",
                actor=_who(actor, request.id, request.display_name),
                subjects=lookup.subjects(request.letter, request),
                document=row.kind,
                letter_number=request.letter.number,
                sha256=row.sha256,
            )

    def of_request(self, request_id: str) -> tuple[PaperLine, ...]:
        """The papers of a request and its letter."""
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            return papers_of(session, request.letter_id, request.id)

    def own(self, request_id: str, attachment_id: str) -> PaperContent:
        """A paper, for the applicant who brought it.

        :raises NotFound: not a paper of this request.
        """
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            row = session.get(AttachmentRow, attachment_id)
            if row is None or not _is_of(row, request):
                raise NotFound("attachment-unknown")
            return self._content(row)

    def read(self, actor: Actor, attachment_id: str) -> PaperContent:
        """A paper, for a desk. Written into the trail.

        :raises NotFound: no such paper. :raises NotAllowed: this person has no need of it.
        """
        actor.require(*access.SCANS)
        with self._context.store.begin() as session:
            row = session.get(AttachmentRow, attachment_id)
            if row is None:
                raise NotFound("attachment-unknown")
            letter = lookup.letter(session, row.letter_id)
            access.require_paper(actor, letter, of_letter=row.request_id is None)
            self._context.trail.record(
                session,
                "attachment-read",
                actor=actor.in_trail(),
                subjects=audit.Subjects(letter=row.letter_id, request=row.request_id),
                document=row.kind,
                letter_number=letter.number,
                sha256=row.sha256,
            )
            return self._content(row)

    def _see_original(self, session: Session, actor: Actor, row: AttachmentRow) -> None:
        capacity = actor.require("secretary")
        row.original_seen_at, row.original_seen_by = self._context.clock(), actor.official_id
        row.original_seen_label = f"{capacity.label}, {actor.name}"[:300]
        letter = lookup.letter(session, row.letter_id)
        self._context.trail.record(
            session,
            "original-seen",
            actor=actor.in_trail(capacity),
            subjects=audit.Subjects(letter=row.letter_id, request=row.request_id),
            document=row.kind,
            letter_number=letter.number,
            sha256=row.sha256,
        )

    def _content(self, row: AttachmentRow) -> PaperContent:
        return PaperContent(row.file_name, row.media_type, self._context.keyring.open(PURPOSE, row.content))


def keep(
    session: Session, context: Context, letter: LetterRow, request_id: str | None, kind: str, paper: Paper
) -> AttachmentRow:
    """Keep a paper sealed, in the caller's unit of work. ``request_id`` None: it is the letter's."""
    row = AttachmentRow(
        letter_id=letter.id,
        request_id=request_id,
        kind=kind,
        file_name=paper.file_name,
        media_type=paper.media_type,
        pages=paper.pages,
        size=len(paper.content),
        sha256=sha256(paper.content).hexdigest(),
        content=context.keyring.seal(PURPOSE, paper.content),
        created_at=context.clock(),
    )
    session.add(row)
    session.flush()
    return row


def note_addition(
    session: Session,
    context: Context,
    row: AttachmentRow,
    *,
    actor: audit.Actor,
    subjects: audit.Subjects,
    letter_number: str,
) -> None:
    """Write into the trail that a paper was taken in."""
    context.trail.record(
        session,
        "attachment-added",
        actor=actor,
        subjects=subjects,
        document=row.kind,
        letter_number=letter_number,
        sha256=row.sha256,
        length=row.size,
        pages=row.pages,
        file_name=row.file_name,
    )


def _refuse_unless_theirs(request: RequestRow, kind: str) -> None:
    """The letter's own scan is everybody's on it, and what the heads saw: it stays once they disposed of it.

    :raises WrongState: ``not-with-applicant``.
    """
    if kind == LETTER_KIND:
        refuse_unless_letter_with_applicant(request)
    else:
        refuse_unless_with_applicant(request)


def _is_of(row: AttachmentRow, request: RequestRow) -> bool:
    """Whether it is a paper that the applicant brought: their own, or their letter's."""
    mine = row.letter_id == request.letter_id and row.request_id in (None, request.id)
    return mine and row.kind != SHEET_KIND


def papers_of(
    session: Session, letter_id: str, request_id: str | None, *, internal: bool = False
) -> tuple[PaperLine, ...]:
    """The papers of a letter, and of one of its requests; ``internal``: the office's own on it too."""
    mine: ColumnElement[bool] = AttachmentRow.request_id.is_(None)
    if request_id is not None:
        mine = or_(mine, AttachmentRow.request_id == request_id)
    rows = session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.letter_id == letter_id, mine)
        .where(true() if internal else AttachmentRow.kind != SHEET_KIND)
        .order_by(AttachmentRow.created_at)
    )
    return tuple(_line(row) for row in rows)


def _line(row: AttachmentRow) -> PaperLine:
    return PaperLine(
        row.id,
        row.kind,
        row.file_name,
        row.media_type,
        row.pages,
        row.size,
        row.created_at,
        row.request_id is None,
        row.original_seen_at,
        row.original_seen_label or "",
    )


def _who(actor: Actor | None, request_id: str, name: str) -> audit.Actor:
    return actor.in_trail() if actor else audit.Actor.applicant(request_id, name=name)
