"""What waits for an official ("menunggu tindakan Anda")."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import history
from provisioner.provisioning.context import Context
from provisioner.provisioning.desk_views import Inbox, OnPaper
from provisioner.provisioning.enrolment_codes import is_under_way
from provisioner.provisioning.kept_pacts import view, waiting_for
from provisioner.provisioning.lines import letter_line, request_line
from provisioner.provisioning.register import waiting_letters
from provisioner.request import RequestState
from provisioner.store.tables import ActRow, EnrolmentRow, LetterRow, RequestRow

MOST_UNREGISTERED = 50
SHOWN_FOR = timedelta(days=14)
"""How long an official sees what was recorded in their name."""


class Inboxes:
    """Reads for officials, each in all of their capacities."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, actor: Actor) -> Inbox:
        """What waits for this person, in any of their capacities."""
        procedure = self._context.procedure
        review, create = self._context.step_of(Act.REVIEW).actor, self._context.step_of(Act.CREATE).actor
        with self._context.store.read() as session:
            desks = [step.number for step in procedure.steps_of(Act.DISPOSE) if actor.holds(step.actor)]
            letters = session.scalars(
                select(LetterRow)
                .where(LetterRow.state == LetterState.DISPOSING.value, LetterRow.step.in_(desks))
                .order_by(LetterRow.received_at)
            ).all()
            requests = _in_states(session, [RequestState.REVIEW]) if actor.holds(review) else ()
            by_button = self._context.settings.procedure.step_5 == "button" and actor.holds(create, review)
            creations = _in_states(session, [RequestState.CREATION]) if by_button else ()
            pacts = waiting_for(session, actor) if actor.holds(review) else ()
            drafts = (
                session.scalars(
                    select(LetterRow).where(
                        LetterRow.channel == "counter",
                        LetterRow.state.in_((LetterState.DRAFT.value, LetterState.RETURNED.value)),
                    )
                ).all()
                if actor.holds("secretary")
                else ()
            )
            with_applicant = [RequestState.BIO_FORM, RequestState.RETURNED]
            back = _in_states(session, with_applicant) if actor.holds("secretary") else ()
            return Inbox(
                tuple(letter_line(session, row) for row in letters),
                tuple(request_line(session, procedure, row) for row in requests),
                tuple(view(session, row) for row in pacts),
                tuple(request_line(session, procedure, row) for row in creations if row.account_id is None),
                _codes_to_agree(session, actor, self._context.clock()),
                tuple(letter_line(session, row) for row in drafts),
                tuple(request_line(session, procedure, row) for row in back if row.letter.channel == "counter"),
                waiting_letters(session, MOST_UNREGISTERED) if actor.holds("secretary") else (),
                self._on_paper(session, actor),
            )

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


def _in_states(session: Session, states: Sequence[RequestState]) -> Sequence[RequestRow]:
    return session.scalars(
        select(RequestRow)
        .where(RequestRow.state.in_([state.value for state in states]))
        .order_by(RequestRow.submitted_at)
    ).all()


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
