"""Dispositions on paper: sheets printed as a stack, scanned again, and what an official initialled there recorded.

What is recorded counts as the official's own disposition, is marked as recorded from paper, and can be objected to by
them like any act of theirs. Off unless the office sets ``procedure.paper_dispositions``.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pikepdf
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.attachment import AttachmentReader, Paper
from provisioner.documents.sheet_code import paper_codes_on
from provisioner.errors import InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.letter import LetterState
from provisioner.paper import PaperKind
from provisioner.provisioning import attachments, lookup
from provisioner.provisioning.acts import Recorder
from provisioner.provisioning.attachments import SHEET_KIND
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import LetterLine
from provisioner.provisioning.desks import Desks
from provisioner.provisioning.lines import letter_lines
from provisioner.provisioning.official_rows import actor_of, may_sign_in
from provisioner.provisioning.papers import Papers
from provisioner.store.tables import ActRow, AttachmentRow, LetterRow, OfficialRow, PaperRow

RECORDER = "secretary"
DECISIONS = ("forward", "return", "reject")
MOST_SHEETS = 60


@dataclass(frozen=True)
class TakenSheet:
    """A scanned sheet that was kept with its letter."""

    id: str
    letter_id: str
    letter_number: str
    pages: int
    at: datetime
    used: bool
    """A disposition was recorded from it."""


@dataclass(frozen=True)
class Decider:
    """An official who may act now on the desk that the letter lies on."""

    official_id: str
    label: str
    """Post and name."""


class PaperDispositions:
    """What the secretary does with sheets of paper."""

    def __init__(self, context: Context, desks: Desks, reader: AttachmentReader, papers: Papers) -> None:
        self._context = context
        self._desks = desks
        self._reader = reader
        self._papers = papers

    @property
    def allowed(self) -> bool:
        """Whether this office records dispositions from paper."""
        return self._context.settings.procedure.paper_dispositions

    def on_desks(self, actor: Actor) -> tuple[LetterLine, ...]:
        """Letters that wait for a disposition, the oldest first: as many as one stack holds.

        :raises NotAllowed: not the secretary.
        """
        actor.require(RECORDER)
        with self._context.store.read() as session:
            rows = session.scalars(
                select(LetterRow)
                .where(LetterRow.state == LetterState.DISPOSING.value)
                .order_by(LetterRow.received_at, LetterRow.id)
                .limit(MOST_SHEETS)
            )
            return letter_lines(session, rows.all())

    def stack(self, actor: Actor, letter_ids: Sequence[str]) -> bytes:
        """The sheets of these letters as one PDF. Printing each is an event of its letter.

        :raises NotAllowed: not the secretary. :raises NotFound: no such letter.
        :raises InvalidInput: ``sheets-none-chosen``, ``sheets-too-many``.
        """
        capacity = actor.require(RECORDER)
        if not letter_ids:
            raise InvalidInput("sheets-none-chosen")
        if len(letter_ids) > MOST_SHEETS:
            raise InvalidInput("sheets-too-many", limit=MOST_SHEETS)
        paper = _joined([self._sheet(each) for each in letter_ids])
        with self._context.store.begin() as session:
            head = self._context.trail.head(session)
            for each in letter_ids:
                letter = lookup.letter(session, each)
                self._context.trail.record(
                    session,
                    "paper-printed",
                    actor=actor.in_trail(capacity),
                    subjects=lookup.subjects(letter),
                    document=SHEET_KIND,
                    letter_number=letter.number,
                    head_seq=head.seq,
                )
        return paper

    def take_in(self, actor: Actor, files: Sequence[tuple[str, bytes]], letter_id: str = "") -> tuple[TakenSheet, ...]:
        """Keep scanned sheets, each with the letter that its QR code names; one file may hold a whole stack.

        A page without a code goes with the page before it (the back of a sheet). ``letter_id``: which letter it is,
        where no code can be read.

        :raises NotAllowed: not the secretary, or the office does not record from paper.
        :raises InvalidInput: the file is refused, ``sheet-code-unreadable`` (``page``), ``sheet-of-another-letter``, or
            ``sheet-not-waiting`` (``page``): its letter is on no desk that disposes of it. Nothing is kept then.
        """
        self._require(actor)
        paper = self._reader.read(files)
        codes = paper_codes_on(paper.content, paper.pages)
        with self._context.store.read() as session:
            owners = self._letters(session, codes)
        parts = _by_letter(paper, owners, letter_id)
        with self._context.store.begin() as session:
            return tuple(self._keep(session, actor, paper, part) for part in parts)

    def sheets(self, actor: Actor, letter_id: str) -> tuple[TakenSheet, ...]:
        """The scanned sheets of a letter, the newest first. :raises NotAllowed: not the secretary, or not here."""
        self._require(actor)
        with self._context.store.read() as session:
            rows = session.scalars(
                select(AttachmentRow)
                .where(AttachmentRow.letter_id == letter_id, AttachmentRow.kind == SHEET_KIND)
                .order_by(AttachmentRow.created_at.desc())
            )
            return tuple(_taken(session, row, lookup.letter(session, letter_id)) for row in rows)

    def unrecorded(self, actor: Actor) -> tuple[TakenSheet, ...]:
        """Scans from which nothing was recorded yet, of letters that wait for a disposition, the oldest first.

        :raises NotAllowed: not the secretary, or the office does not record from paper.
        """
        self._require(actor)
        used = select(ActRow.sheet_id).where(ActRow.sheet_id.is_not(None), ActRow.undone_at.is_(None))
        with self._context.store.read() as session:
            rows = session.scalars(
                select(AttachmentRow)
                .join(LetterRow, LetterRow.id == AttachmentRow.letter_id)
                .where(
                    AttachmentRow.kind == SHEET_KIND,
                    AttachmentRow.id.not_in(used),
                    LetterRow.state == LetterState.DISPOSING.value,
                )
                .order_by(AttachmentRow.created_at)
            )
            return tuple(_taken(session, row, lookup.letter(session, row.letter_id)) for row in rows)

    def deciders(self, actor: Actor, letter_id: str) -> tuple[Decider, ...]:
        """Who may have initialled the sheet: the holders of the letter's desk, and who stands in for them today.

        :raises NotAllowed: not the secretary, or the office does not record from paper.
        """
        self._require(actor)
        with self._context.store.read() as session:
            step = self._context.procedure.step(lookup.letter(session, letter_id).step)
            found = []
            for row in session.scalars(select(OfficialRow).order_by(OfficialRow.full_name)):
                somebody = actor_of(self._context, session, row)
                if may_sign_in(self._context, row) and somebody.holds(step.actor):
                    found.append(Decider(row.id, f"{somebody.require(step.actor).label}, {somebody.name}"))
            return tuple(found)

    def record(
        self,
        actor: Actor,
        letter_id: str,
        revision: int,
        *,
        sheet_id: str,
        official_id: str,
        decision: str,
        requested_action: str = "",
        note: str = "",
    ) -> None:
        """Record what an official decided on paper. It counts as theirs; :class:`Desks` says what each decision does
        and refuses.

        :raises NotAllowed: not the secretary; the office does not record from paper; ``own-desk-on-paper``: the
            secretary holds that desk themself.
        :raises InvalidInput: no decision, no official of that desk, or no sheet of this letter.
        """
        self._require(actor)
        recorder = self._recorder(actor, letter_id, sheet_id)
        decider = self._decider(letter_id, official_id)
        if decision == "forward":
            self._desks.forward(decider, letter_id, revision, requested_action, note, recorder=recorder)
        elif decision == "return":
            self._desks.return_for_repair(decider, letter_id, revision, note, recorder=recorder)
        elif decision == "reject":
            self._desks.reject(decider, letter_id, revision, note, recorder=recorder)
        else:
            raise InvalidInput("decision-unknown", fields={"decision": ["missing"]})

    def discard(self, actor: Actor, sheet_id: str) -> str:
        """Take a scan off again from which nothing was recorded; gives its letter.

        :raises NotAllowed: not the secretary. :raises NotFound: no such sheet. :raises WrongState: it was used.
        """
        capacity = self._require(actor)
        with self._context.store.begin() as session:
            row = session.get(AttachmentRow, sheet_id)
            if row is None or row.kind != SHEET_KIND:
                raise NotFound("attachment-unknown")
            letter = lookup.letter(session, row.letter_id)
            if _is_used(session, row.id):
                raise WrongState("sheet-used", state=letter.state)
            session.delete(row)
            self._context.trail.record(
                session,
                "attachment-removed",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(letter),
                document=row.kind,
                letter_number=letter.number,
                sha256=row.sha256,
            )
            return letter.id

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _require(self, actor: Actor) -> Capacity:
        capacity = actor.require(RECORDER)
        if not self.allowed:
            raise NotAllowed("paper-dispositions-off")
        return capacity

    def _keep(self, session: Session, actor: Actor, paper: Paper, part: "_Part") -> TakenSheet:
        letter = session.get(LetterRow, part.letter_id)
        if letter is None or letter.state != LetterState.DISPOSING:
            raise InvalidInput("sheet-not-waiting", page=part.first_page)
        scan = replace(paper, pages=part.pages, content=part.content)
        row = attachments.keep(session, self._context, letter, None, SHEET_KIND, scan)
        attachments.note_addition(
            session,
            self._context,
            row,
            actor=actor.in_trail(actor.require(RECORDER)),
            subjects=lookup.subjects(letter),
            letter_number=letter.number,
        )
        return _taken(session, row, letter)

    def _recorder(self, actor: Actor, letter_id: str, sheet_id: str) -> Recorder:
        with self._context.store.read() as session:
            row = session.get(AttachmentRow, sheet_id)
            if row is None or row.kind != SHEET_KIND or row.letter_id != letter_id:
                raise InvalidInput("sheet-unknown", fields={"sheet": ["missing"]})
            return Recorder(actor, actor.require(RECORDER), row.id, row.sha256, row.size)

    def _decider(self, letter_id: str, official_id: str) -> Actor:
        """The official as they may act today.

        :raises InvalidInput: ``decider-unknown``: nobody who may act on the letter's desk.
        """
        with self._context.store.read() as session:
            step = self._context.procedure.step(lookup.letter(session, letter_id).step)
            row = session.get(OfficialRow, official_id)
            if row is not None and may_sign_in(self._context, row):
                decider = actor_of(self._context, session, row)
                if decider.holds(step.actor):
                    return decider
        raise InvalidInput("decider-unknown", fields={"official": ["missing"]})

    def _sheet(self, letter_id: str) -> bytes:
        return self._papers.bytes_of(self._papers.make(PaperKind.DISPOSITION_SHEET, letter_id))

    def _letters(self, session: Session, codes: Sequence[str]) -> list[str]:
        """The letter of each sheet by its code; empty where there is none, or it is no sheet of this office."""
        rows = session.execute(
            select(PaperRow.code, PaperRow.letter_id).where(
                PaperRow.code.in_(set(codes)), PaperRow.kind == PaperKind.DISPOSITION_SHEET.value
            )
        )
        known = {code: letter_id or "" for code, letter_id in rows}
        return [known.get(code, "") for code in codes]


@dataclass(frozen=True)
class _Part:
    """The pages of a scan that belong to one letter."""

    letter_id: str
    first_page: int
    pages: int
    content: bytes


def _joined(sheets: Sequence[bytes]) -> bytes:
    if len(sheets) == 1:
        return sheets[0]
    out = io.BytesIO()
    with pikepdf.new() as stack:
        for sheet in sheets:
            with pikepdf.open(io.BytesIO(sheet)) as one:
                stack.pages.extend(one.pages)
        stack.save(out, deterministic_id=True)
    return out.getvalue()


def _by_letter(paper: Paper, codes: Sequence[str], chosen: str) -> list[_Part]:
    """The scan taken apart by letter.

    :raises InvalidInput: ``sheet-code-unreadable``, ``sheet-of-another-letter``.
    """
    owners: list[str] = []
    for number, code in enumerate(codes, start=1):
        owner = code or (owners[-1] if owners else chosen)
        if not owner:
            raise InvalidInput("sheet-code-unreadable", page=number)
        owners.append(owner)
    if chosen and set(owners) != {chosen}:
        raise InvalidInput("sheet-of-another-letter")
    letters = list(dict.fromkeys(owners))
    if len(letters) == 1:
        # Kept as it was sent, byte for byte.
        return [_Part(letters[0], 1, len(owners), paper.content)]
    return [
        _Part(letter, owners.index(letter) + 1, owners.count(letter), _pages(paper.content, owners, letter))
        for letter in letters
    ]


def _pages(pdf: bytes, owners: Sequence[str], letter: str) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as source, pikepdf.new() as part:
        part.pages.extend(page for page, owner in zip(source.pages, owners, strict=True) if owner == letter)
        out = io.BytesIO()
        part.save(out, deterministic_id=True)
    return out.getvalue()


def _taken(session: Session, row: AttachmentRow, letter: LetterRow) -> TakenSheet:
    return TakenSheet(row.id, letter.id, letter.number, row.pages, row.created_at, _is_used(session, row.id))


def _is_used(session: Session, sheet_id: str) -> bool:
    return session.scalar(select(ActRow.id).where(ActRow.sheet_id == sheet_id).limit(1)) is not None
