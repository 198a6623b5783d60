"""What waits for an official ("menunggu tindakan Anda")."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import history
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import Inbox, InboxCount, OnPaper
from provisioner.provisioning.enrolment_codes import is_under_way
from provisioner.provisioning.kept_pacts import views, waiting_for
from provisioner.provisioning.lines import letter_lines, request_lines
from provisioner.provisioning.register import not_yet_registered
from provisioner.request import RequestState
from provisioner.store.tables import ActRow, EnrolmentRow, LetterRow, RequestRow

MOST_SHOWN = 50
"""Of each kind. The oldest: those that come after them move up."""
COUNTED = ("letters", "requests", "pacts", "creations", "at_counter", "unregistered")
"""Kinds that the number beside the menu's word counts."""
SHOWN_FOR = timedelta(days=14)
"""How long an official sees what was recorded in their name."""


class Inboxes:
    """Reads for officials, each in all of their capacities."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, actor: Actor) -> Inbox:
        """What waits for this person, in any of their capacities: of each kind the oldest, and how many there are."""
        procedure, asked = self._context.procedure, self._asked(actor)
        with self._context.store.read() as session:

            def oldest(kind: str) -> Sequence[Any]:
                return session.scalars(asked[kind].limit(MOST_SHOWN)).all() if kind in asked else ()

            return Inbox(
                letter_lines(session, oldest("letters")),
                request_lines(session, procedure, oldest("requests")),
                views(session, oldest("pacts")),
                request_lines(session, procedure, oldest("creations")),
                _codes_to_agree(session, actor, self._context.clock()),
                letter_lines(session, oldest("drafts")),
                request_lines(session, procedure, oldest("at_counter")),
                letter_lines(session, oldest("unregistered")),
                self._on_paper(session, actor),
                _numbers(session, asked),
            )

    def count(self, actor: Actor) -> InboxCount:
        """How much waits, for the head of every page. Reads nothing of it."""
        asked = self._asked(actor)
        with self._context.store.read() as session:
            numbers = _numbers(session, {kind: query for kind, query in asked.items() if kind in COUNTED})
            codes = _codes_to_agree(session, actor, self._context.clock())
        return InboxCount(sum(numbers.values()) + codes, numbers.get("pacts", 0))

    def _asked(self, actor: Actor) -> dict[str, Select[Any]]:
        """What this person is to see, by the names of :class:`Inbox`, the oldest first."""
        review, create = self._context.step_of(Act.REVIEW).actor, self._context.step_of(Act.CREATE).actor
        steps = self._context.procedure.steps_of(Act.DISPOSE)
        asked: dict[str, Select[Any]] = {}
        if desks := [step.number for step in steps if actor.holds(step.actor)]:
            asked["letters"] = (
                select(LetterRow)
                .where(LetterRow.state == LetterState.DISPOSING.value, LetterRow.step.in_(desks))
                .order_by(LetterRow.received_at, LetterRow.id)
            )
        if actor.holds(review):
            asked["requests"] = _in_states(RequestState.REVIEW)
            asked["pacts"] = waiting_for(actor)
        if self._context.settings.procedure.step_5 == "button" and actor.holds(create, review):
            asked["creations"] = _in_states(RequestState.CREATION).where(RequestRow.account_id.is_(None))
        if actor.holds("secretary"):
            asked["drafts"] = _drafts()
            with_applicant = _in_states(RequestState.BIO_FORM, RequestState.RETURNED)
            # They are few: looked up by their states, each letter after its request. A database that may begin with the
            # letters of the counter, or with all requests in their order, does so.
            of_counter = exists().where(LetterRow.id == RequestRow.letter_id, LetterRow.channel == "counter")
            waiting = func.coalesce(RequestRow.submitted_at, RequestRow.created_at)
            asked["at_counter"] = with_applicant.where(of_counter).order_by(None).order_by(waiting, RequestRow.id)
            asked["unregistered"] = not_yet_registered()
        return asked

    def _on_paper(self, session: Session, actor: Actor) -> tuple[OnPaper, ...]:
        rows = session.scalars(
            select(ActRow)
            .where(
                ActRow.official_id == actor.official_id,
                ActRow.recorded_by.is_not(None),
                ActRow.undone_at.is_(None),
                ActRow.at > self._context.clock() - SHOWN_FOR,
            )
            .order_by(ActRow.at.desc())
        )
        return tuple(
            OnPaper(line.letter.id, line.letter.number, found)
            for line in rows
            for found in history.of_letter(session, line.letter, actor)
            if found.id == line.id
        )


def _in_states(*states: RequestState) -> Select[RequestRow]:
    return (
        select(RequestRow)
        .where(RequestRow.state.in_([state.value for state in states]))
        .order_by(RequestRow.submitted_at, RequestRow.id)
    )


def _drafts() -> Select[LetterRow]:
    """Letters of the counter that were not sent, or came back."""
    unsent = (LetterState.DRAFT.value, LetterState.RETURNED.value)
    theirs = select(LetterRow).where(LetterRow.channel == "counter", LetterRow.state.in_(unsent))
    return theirs.order_by(LetterRow.created_at, LetterRow.id)


def _numbers(session: Session, asked: Mapping[str, Select[Any]]) -> dict[str, int]:
    """How many there are of each, in one question."""
    if not asked:
        return {}
    counts = [
        select(func.count()).select_from(query.order_by(None).subquery()).scalar_subquery().label(kind)
        for kind, query in asked.items()
    ]
    return {kind: int(number) for kind, number in session.execute(select(*counts)).one()._mapping.items()}


def _codes_to_agree(session: Session, actor: Actor, now: datetime) -> int:
    if not actor.holds("section_head", "adb", "it"):
        return 0
    waiting = (
        select(func.count())
        .select_from(EnrolmentRow)
        .join(RequestRow, EnrolmentRow.request_id == RequestRow.id)
        .where(
            is_under_way(),
            EnrolmentRow.agreed_by.is_(None),
            EnrolmentRow.code_key.is_(None),
            EnrolmentRow.asked_by != actor.official_id,
            or_(EnrolmentRow.expires_at.is_(None), EnrolmentRow.expires_at > now),
        )
    )
    return session.scalar(waiting) or 0
