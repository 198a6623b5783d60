"""Writing the register book: an entry and its number are taken in the transaction of the letter they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from provisioner.errors import InvalidInput
from provisioner.procedure import Act
from provisioner.provisioning import numbers
from provisioner.provisioning.context import Context
from provisioner.provisioning.letter_fields import line_of
from provisioner.store.tables import AttachmentRow, LetterRow, RegisterEntryRow

MAX_NUMBER = 80
FIELD = "register_number"
BOOK_FIELDS = (FIELD, "received_on", "enclosures")
"""What the secretary types for the book besides the letter's own data."""


class Direction(StrEnum):
    """The two halves of the book; each counts for itself."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True)
class Particulars:
    """What the secretary adds to the data of a letter when it is registered."""

    register_number: str = ""
    """Typed, where the office's own book gives the number."""
    received_on: date | None = None
    """None: today."""
    enclosures: str = ""

    @classmethod
    def typed(cls, fields: Mapping[str, str], today: date) -> "Particulars":
        """Read them from a form.

        :raises InvalidInput: ``register-invalid``: too long, or a day that is not one or has not come.
        """
        errors: dict[str, list[str]] = {}
        number = line_of(fields, FIELD, MAX_NUMBER, errors)
        enclosures = line_of(fields, "enclosures", 100, errors)
        received, text = None, fields.get("received_on", "").strip()
        if text:
            try:
                received = date.fromisoformat(text)
            except ValueError:
                errors["received_on"] = ["date-malformed"]
            else:
                if received > today:
                    errors["received_on"] = ["date-in-future"]
                elif received.year < today.year - 1:
                    errors["received_on"] = ["date-too-old"]
        if errors:
            raise InvalidInput("register-invalid", fields=errors)
        return cls(number, received, enclosures)


def enter_letter(
    session: Session,
    context: Context,
    letter: LetterRow,
    particulars: Particulars,
    official_id: str | None,
) -> RegisterEntryRow:
    """Enter a letter that came in, whose row is in the store already.

    :raises InvalidInput: ``register-number-missing``, ``register-number-taken``: where numbers are typed.
    """
    first = context.procedure.steps_of(Act.DISPOSE)[0].actor
    entry = RegisterEntryRow(
        direction=Direction.INCOMING,
        letter_id=letter.id,
        received_on=particulars.received_on or context.today(letter.received_at),
        sender=letter.sender,
        letter_number=letter.number,
        letter_date=letter.letter_date,
        subject=letter.subject,
        enclosures=particulars.enclosures or _counted(session, letter),
        forwarded_to=context.office.post(first).label.id,
        entered_by=official_id,
    )
    number_it(session, context, entry, particulars.register_number, context.today())
    # Not by the row itself, whose revision would count up: who has the letter open may go on with it.
    session.execute(update(LetterRow).where(LetterRow.id == letter.id).values(register_id=entry.id))
    return entry


def number_it(session: Session, context: Context, entry: RegisterEntryRow, typed: str, day: date) -> None:
    """Give an entry its line and its number in the book of ``day``'s year, and put it into the store.

    :raises InvalidInput: ``register-number-missing``, ``register-number-taken``.
    """
    ours = numbers_are_ours(context)
    if not ours and not typed:
        raise InvalidInput("register-number-missing", fields={FIELD: ["missing"]})
    entry.year, entry.entered_at = day.year, context.clock()
    # The counter is locked from here to the commit: nobody else can take this line, or this number, meanwhile.
    entry.sequence = numbers.take(session, _counter(Direction(entry.direction)), day.year)
    direction = Direction(entry.direction)
    entry.number = _ours(session, context, direction, entry.sequence, day) if ours else typed
    entry.live_number = spelling(entry.number)
    if _is_taken(session, direction, day.year, entry.number):
        raise InvalidInput("register-number-taken", fields={FIELD: ["register-number-taken"]}, number=typed)
    session.add(entry)
    session.flush()


def numbers_are_ours(context: Context) -> bool:
    """Whether this service gives the numbers; otherwise somebody types those of the office's own book."""
    return context.settings.register_book.numbers == "ours"


def following(session: Session, context: Context, direction: Direction, day: date) -> str:
    """The number of ours that :func:`number_it` would give now. Somebody else may take it first."""
    return _ours(session, context, direction, numbers.following(session, _counter(direction), day.year), day)


def entry_of(session: Session, letter: LetterRow) -> RegisterEntryRow | None:
    """A letter's entry, which its copies share; None: it is not registered yet. It may be void."""
    return session.get(RegisterEntryRow, letter.register_id) if letter.register_id else None


def lies_with(session: Session, context: Context, letter: LetterRow, post: str) -> None:
    """The letter was forwarded to a post, or taken back by one: the book says so."""
    label = context.office.post(post).label.id
    if letter.register_id:
        theirs = update(RegisterEntryRow).where(RegisterEntryRow.id == letter.register_id)
        session.execute(theirs.values(forwarded_to=label))


def add_remark(session: Session, letter: LetterRow, remark: str) -> None:
    """Write something down beside a letter's entry."""
    entry = entry_of(session, letter)
    if entry is not None:
        entry.remark = "; ".join(part for part in (entry.remark, remark) if part)


def follow(session: Session, letter: LetterRow) -> tuple[str, ...]:
    """The data of a registered letter were corrected: so is its entry. Gives what has changed."""
    entry = entry_of(session, letter)
    if entry is None or entry.void_at is not None:
        return ()
    now = {
        "sender": letter.sender,
        "letter_number": letter.number,
        "letter_date": letter.letter_date,
        "subject": letter.subject,
    }
    changed = tuple(name for name, value in now.items() if getattr(entry, name) != value)
    for name in changed:
        setattr(entry, name, now[name])
    return changed


def spelling(number: str) -> str:
    """A number in the one spelling by which two are compared: without blanks, whatever its case."""
    return "".join(number.split()).casefold()


def _counter(direction: Direction) -> str:
    return f"register-{direction}"


def _ours(session: Session, context: Context, direction: Direction, sequence: int, day: date) -> str:
    """A number of ours may have been typed before the office changed its setting in the middle of a year. The letter
    must not wait for that: it gets a letter behind its number, as is the custom.
    """
    incoming = direction is Direction.INCOMING
    number = (context.office.register_number if incoming else context.office.outgoing_number).render(sequence, day)
    while _is_taken(session, direction, day.year, number):
        number += "a"
    return number


def _is_taken(session: Session, direction: Direction, year: int, number: str) -> bool:
    with session.no_autoflush:
        found = session.scalar(
            select(RegisterEntryRow.id).where(
                RegisterEntryRow.direction == direction,
                RegisterEntryRow.year == year,
                RegisterEntryRow.live_number == spelling(number),
            )
        )
    return found is not None


def _counted(session: Session, letter: LetterRow) -> str:
    query = select(func.count()).select_from(AttachmentRow).where(AttachmentRow.letter_id == letter.id)
    count = session.scalar(query) or 0
    return f"{count} berkas" if count else ""
