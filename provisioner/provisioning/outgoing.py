"""Numbers of the letters that the office sends: each takes a line in the book of outgoing letters."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.provisioning import register_book
from provisioner.provisioning.context import Context
from provisioner.provisioning.register_book import Direction
from provisioner.store.tables import LetterRow, RegisterEntryRow


def assign(
    session: Session,
    context: Context,
    *,
    kind: str,
    letter_id: str | None,
    request_id: str | None,
    day: date,
    subject: str,
    addressee: str,
    typed: str = "",
    by: audit.Actor | None = None,
) -> str:
    """The number of a letter that goes out now, taken in the caller's unit of work: rolled back, it was never taken.

    :param kind: which paper it is, e.g. ``answer``; also the ``document`` of the audit event.
    :param letter_id: the letter it answers, if any; ``request_id`` the request it is about.
    :param day: the date it bears, which also decides the year of its number.
    :param typed: the number of the office's own book; used, and needed, where ``register_book.numbers`` is ``typed``.
    :param by: who sends it; None: the service itself.

    Asked twice for the same kind of paper about the same letter and request, it gives the same number again, unless
    that entry was voided: a paper printed again is no second letter.

    :raises InvalidInput: ``register-number-missing``, ``register-number-taken`` (field ``register_number``).
    """
    before = _given(session, kind, letter_id, request_id)
    if before is not None:
        return before.number
    answered = session.get(LetterRow, letter_id) if letter_id else None
    entry = RegisterEntryRow(
        direction=Direction.OUTGOING,
        kind=kind,
        letter_id=letter_id,
        request_id=request_id,
        received_on=day,
        sender=context.office.short_name,
        letter_number=answered.number if answered else "",
        letter_date=answered.letter_date if answered else None,
        subject=subject[:200],
        forwarded_to=addressee[:200],
    )
    register_book.number_it(session, context, entry, typed.strip(), day)
    context.trail.record(
        session,
        "outgoing-number-given",
        actor=by or audit.Actor.system(),
        subjects=audit.Subjects(letter=letter_id, request=request_id),
        register_number=entry.number,
        document=kind,
        letter_number=entry.letter_number,
    )
    return entry.number


def foreseen(
    session: Session, context: Context, *, kind: str, letter_id: str | None, request_id: str | None, day: date
) -> str:
    """The number that :func:`assign` would give now, so that a paper can be rendered before it is taken. Empty where
    the office types its own, and this letter has none yet.
    """
    before = _given(session, kind, letter_id, request_id)
    if before is not None:
        return before.number
    ours = register_book.numbers_are_ours(context)
    return register_book.following(session, context, Direction.OUTGOING, day) if ours else ""


def _given(session: Session, kind: str, letter_id: str | None, request_id: str | None) -> RegisterEntryRow | None:
    return session.scalars(
        select(RegisterEntryRow).where(
            RegisterEntryRow.direction == Direction.OUTGOING,
            RegisterEntryRow.kind == kind,
            RegisterEntryRow.letter_id.is_(None) if letter_id is None else RegisterEntryRow.letter_id == letter_id,
            RegisterEntryRow.request_id.is_(None) if request_id is None else RegisterEntryRow.request_id == request_id,
            RegisterEntryRow.void_at.is_(None),
        )
    ).first()
