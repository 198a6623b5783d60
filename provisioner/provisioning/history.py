"""The history of a letter and of a request: every act, those of the rounds before a request started again too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.letter import LetterAct
from provisioner.provisioning.desk_views import ActLine, EarlierLetter
from provisioner.provisioning.desks import somebody_comes_back
from provisioner.request import RequestAct
from provisioner.store.tables import ActRow, DeskVisitRow, LetterRow, RequestRow

_UNDOABLE = {LetterAct.FORWARD, LetterAct.ASSIGN, LetterAct.RETURN, LetterAct.REJECT, RequestAct.APPROVE}


@dataclass(frozen=True)
class _Round:
    """The time a request was on another letter: with another person, role or region it started again on a copy."""

    letter: LetterRow
    until: datetime


def of_letter(session: Session, letter: LetterRow, actor: Actor) -> tuple[ActLine, ...]:
    """Every act on the letter itself, oldest first."""
    rows = _acts(session, letter.id, None)
    return tuple(_line(row, _may_undo(rows, row, actor) and somebody_comes_back(letter, row.kind)) for row in rows)


def of_request(session: Session, request: RequestRow, actor: Actor) -> tuple[ActLine, ...]:
    """Every act on the request and the letters it was on, oldest first."""
    own = _acts(session, request.letter_id, request.id)
    lines = [*of_letter(session, request.letter, actor), *(_line(row, _may_undo(own, row, actor)) for row in own)]
    for each in _rounds(session, request):
        rows = (*_acts(session, each.letter.id, None), *_acts(session, each.letter.id, request.id))
        lines += [_line(row, earlier=each.letter.id) for row in rows if row.at <= each.until]
    return tuple(sorted(lines, key=lambda line: line.at))


def earlier_letters(session: Session, requests: Sequence[RequestRow]) -> tuple[EarlierLetter, ...]:
    """The letters that ``requests`` were on before they started again, the oldest first."""
    found = {each.letter.id: each for request in requests for each in _rounds(session, request)}
    return tuple(
        EarlierLetter(each.letter.id, each.letter.number, each.until)
        for each in sorted(found.values(), key=lambda each: each.until)
    )


def moved_on(session: Session, letter: LetterRow) -> Sequence[RequestRow]:
    """The requests that left this letter to start again on a copy of it."""
    gone = select(DeskVisitRow.request_id).where(DeskVisitRow.letter_id == letter.id)
    return session.scalars(
        select(RequestRow)
        .where(RequestRow.id.in_(gone), RequestRow.letter_id != letter.id)
        .order_by(RequestRow.submitted_at, RequestRow.id)
    ).all()


def _rounds(session: Session, request: RequestRow) -> list[_Round]:
    """Where a request has lain on a desk, there it has been: the visits tell which letters these were."""
    rows = session.execute(
        select(LetterRow, func.max(DeskVisitRow.left_at))
        .join(DeskVisitRow, DeskVisitRow.letter_id == LetterRow.id)
        .where(DeskVisitRow.request_id == request.id, DeskVisitRow.letter_id != request.letter_id)
        .group_by(LetterRow.id)
        .order_by(func.max(DeskVisitRow.left_at))
    )
    return [_Round(letter, until) for letter, until in rows if until is not None]


def _acts(session: Session, letter_id: str, request_id: str | None) -> Sequence[ActRow]:
    mine = ActRow.request_id.is_(None) if request_id is None else ActRow.request_id == request_id
    return session.scalars(select(ActRow).where(ActRow.letter_id == letter_id, mine).order_by(ActRow.at)).all()


def _may_undo(rows: Sequence[ActRow], row: ActRow, actor: Actor) -> bool:
    last = next((each for each in reversed(rows) if each.undone_at is None), None)
    return row is last and row.seen_at is None and row.official_id == actor.official_id and row.kind in _UNDOABLE


def _line(row: ActRow, can_undo: bool = False, earlier: str = "") -> ActLine:
    return ActLine(
        row.id,
        row.kind,
        row.step,
        row.actor_label,
        row.acting_for,
        row.requested_action,
        row.note,
        row.at,
        row.undone_at is not None,
        can_undo,
        row.request_id is None,
        earlier,
    )
