"""The register book (Buku Agenda) at the desks: read and searched, letters entered late, entries voided, remarks."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.errors import NotFound, WrongState
from provisioner.letter import LetterState
from provisioner.provisioning import lookup, register_book
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import LetterLine
from provisioner.provisioning.desks import clean_note
from provisioner.provisioning.lines import letter_lines
from provisioner.provisioning.register_book import Direction, Particulars
from provisioner.provisioning.register_views import BookPage, RegisterLine, lines_of
from provisioner.store.long_lists import contains, in_order, page_of
from provisioner.store.tables import LetterRow, RegisterEntryRow

READERS = ("secretary", "head", "division_head", "section_head", "auditor")
KEEPER = "secretary"
PER_PAGE = 50


def book(direction: Direction, year: int) -> Select[RegisterEntryRow]:
    """The whole book of a year, in its order."""
    return (
        select(RegisterEntryRow)
        .where(RegisterEntryRow.direction == direction, RegisterEntryRow.year == year)
        .order_by(RegisterEntryRow.sequence)
    )


def not_registered() -> ColumnElement[bool]:
    """Letters that came in and are in no book: the secretary's to enter."""
    return and_(
        LetterRow.received_at.is_not(None),
        LetterRow.register_id.is_(None),
        LetterRow.state != LetterState.WITHDRAWN.value,
    )


class Register:
    """Who may read and who may write in the book."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def page(
        self,
        actor: Actor,
        direction: Direction,
        year: int | None = None,
        *,
        text: str = "",
        page: int = 1,
        per_page: int = PER_PAGE,
    ) -> BookPage:
        """One page of a year's book (None: this year), the newest line first; ``text`` narrows it.

        :raises NotAllowed: no post that reads the book.
        """
        actor.require(*READERS)
        query = book(direction, year or self._context.today().year)
        if text.strip():
            query = query.where(contains("register_entry", text.strip()))
        newest_first = query.order_by(None).order_by(RegisterEntryRow.sequence.desc())
        with self._context.store.read() as session:
            found = page_of(session, newest_first, RegisterEntryRow.id, max(1, page), per_page)
            rows = in_order(session, RegisterEntryRow, RegisterEntryRow.id, found.ids)
            return BookPage(tuple(lines_of(session, rows)), found.total, self._years(session, direction))

    def entry_of(self, actor: Actor, letter_id: str) -> RegisterLine | None:
        """A letter's line in the book; None: it is not registered yet.

        :raises NotAllowed: no post that reads the book. :raises NotFound: no such letter.
        """
        actor.require(*READERS)
        with self._context.store.read() as session:
            entry = register_book.entry_of(session, lookup.letter(session, letter_id))
            return lines_of(session, [entry])[0] if entry else None

    def waiting(self, actor: Actor, limit: int = PER_PAGE) -> tuple[LetterLine, ...]:
        """Letters that came in and are not in the book, the oldest first. :raises NotAllowed: not the secretary."""
        actor.require(KEEPER)
        with self._context.store.read() as session:
            return letter_lines(session, session.scalars(not_yet_registered().limit(limit)).all())

    def enter(self, actor: Actor, letter_id: str, typed: Mapping[str, str]) -> str:
        """Register a letter that came in otherwise, or whose entry is void; gives its number.

        ``typed`` may hold ``register_number``, ``received_on`` and ``enclosures``.

        :raises NotAllowed: not the secretary. :raises WrongState: ``letter-registered-already``, or it was not sent.
        :raises InvalidInput: what was typed is wrong, or the number is missing or taken.
        """
        capacity = actor.require(KEEPER)
        particulars = Particulars.typed(typed, self._context.today())
        with self._context.store.begin() as session:
            letter = lookup.letter(session, letter_id)
            before = register_book.entry_of(session, letter)
            if before is not None and before.void_at is None:
                raise WrongState("letter-registered-already", state=letter.state, number=before.number)
            if letter.received_at is None and letter.channel != "counter":
                raise NotFound("letter-unknown")
            entry = register_book.enter_letter(session, self._context, letter, particulars, actor.official_id)
            self._context.trail.record(
                session,
                "letter-registered",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(letter),
                letter_number=letter.number,
                letter_date=letter.letter_date,
                register_number=entry.number,
                sender=letter.sender,
                subject=letter.subject,
            )
            return entry.number

    def void(self, actor: Actor, entry_id: str, reason: str) -> None:
        """Strike an entry through. It keeps its line and its number and stays in the book and in every export.

        :raises NotAllowed: not the secretary. :raises InvalidInput: without a reason.
        :raises WrongState: ``register-entry-void``: it is struck through already.
        """
        capacity = actor.require(KEEPER)
        reason = clean_note(reason, needed=True, field="void_reason")
        with self._context.store.begin() as session:
            entry = _standing(session, entry_id)
            entry.void_at, entry.void_by, entry.void_reason = self._context.clock(), actor.official_id, reason
            # A number typed by mistake is needed for the letter that really has it; one of ours is never given again.
            entry.live_number = None
            self._context.trail.record(
                session,
                "register-entry-voided",
                actor=actor.in_trail(capacity),
                subjects=audit.Subjects(letter=entry.letter_id, request=entry.request_id),
                register_number=entry.number,
                direction=entry.direction,
                letter_number=entry.letter_number,
                reason=reason,
            )

    def remark(self, actor: Actor, entry_id: str, text: str) -> None:
        """Write the remark of an entry ("Ket.").

        :raises NotAllowed: not the secretary. :raises WrongState: the entry is struck through.
        """
        capacity = actor.require(KEEPER)
        text = clean_note(text, needed=False, field="remark")
        with self._context.store.begin() as session:
            entry = _standing(session, entry_id)
            if entry.remark == text:
                return
            entry.remark = text
            self._context.trail.record(
                session,
                "register-entry-corrected",
                actor=actor.in_trail(capacity),
                subjects=audit.Subjects(letter=entry.letter_id, request=entry.request_id),
                register_number=entry.number,
                changed=["note"],
                letter_number=entry.letter_number,
            )

    def _years(self, session: Session, direction: Direction) -> tuple[int, ...]:
        of_book = select(RegisterEntryRow.year).where(RegisterEntryRow.direction == direction)
        years, year = {self._context.today().year}, session.scalar(select(func.max(of_book.subquery().c.year)))
        while year is not None:  # From one year to the next one before: a look into the index for each.
            years.add(year)
            year = session.scalar(select(func.max(of_book.where(RegisterEntryRow.year < year).subquery().c.year)))
        return tuple(sorted(years, reverse=True))


def not_yet_registered() -> Select[LetterRow]:
    """Letters that came in and are in no book, the oldest first."""
    return select(LetterRow).where(not_registered()).order_by(LetterRow.received_at, LetterRow.id)


def _standing(session: Session, entry_id: str) -> RegisterEntryRow:
    entry = session.get(RegisterEntryRow, entry_id, with_for_update=True)
    if entry is None:
        raise NotFound("register-entry-unknown")
    if entry.void_at is not None:
        raise WrongState("register-entry-void", number=entry.number)
    return entry
