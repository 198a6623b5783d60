"""Step 4, the section head on one person: open, return, reject, undo. Approving is making the pact (``pacts``)."""

from datetime import datetime

from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.audit import Subjects
from provisioner.errors import NotFound, WrongState
from provisioner.procedure import Act, Step
from provisioner.provisioning import acts, lookup, visits
from provisioner.provisioning.context import Context
from provisioner.provisioning.desks import clean_note, own_undoable_act
from provisioner.provisioning.repair import void_open_pact
from provisioner.provisioning.username_offer import free_username
from provisioner.provisioning.visits import APPLICANT_DESK, Place
from provisioner.request import RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import LetterRow, RequestRow

_UNDO = {
    RequestAct.RETURN: RequestAct.UNDO_RETURN,
    RequestAct.REJECT: RequestAct.UNDO_REJECT,
    RequestAct.APPROVE: RequestAct.UNDO_APPROVE,
}


class Review:
    """What the section head decides about each person on a letter."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def open(self, actor: Actor, request_id: str) -> None:
        """The desk opens the request: its minutes start, and the act before it cannot be undone any more."""
        at = self._context.clock()
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            visit = visits.current(session, request.letter_id, request.id)
            if visit is None or visit.desk == APPLICANT_DESK or not actor.holds(visit.desk):
                return
            if not visits.opened(session, request.letter_id, request.id, actor.official_id, at):
                return
            acts.seen_by_next_desk(session, request.letter_id, None, at)
            acts.seen_by_next_desk(session, request.letter_id, request.id, at)
            capacity = actor.require(visit.desk)
            self._context.trail.record(
                session,
                "request-opened",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(request.letter, request),
                letter_number=request.letter.number,
                desk=capacity.label,
                step=visit.step,
                applicant_name=request.display_name,
            )

    def return_for_repair(self, actor: Actor, request_id: str, revision: int, reason: str) -> None:
        """Give the request back to the applicant; repaired, it comes back here (or starts again at the head).

        :raises InvalidInput: without a reason. :raises NotAllowed: not this person's desk, own request or a second
            step. :raises WrongState: not now.
        """
        reason = clean_note(reason, needed=True, field="reason")
        at = self._context.clock()
        with self._context.store.begin() as session:
            request, step, capacity = on_review_desk(self._context, session, actor, request_id, revision)
            visits.opened(session, request.letter_id, request.id, actor.official_id, at)
            before, request.state = request.state, request_after(RequestState(request.state), RequestAct.RETURN)
            visits.move(session, request.letter_id, request.id, Place(step.number, APPLICANT_DESK), at)
            _write_down(session, request, step, RequestAct.RETURN, before, actor, capacity, reason, at)
            self._context.trail.record(
                session,
                "request-returned",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(request.letter, request),
                letter_number=request.letter.number,
                to=APPLICANT_DESK,
                step=step.number,
                applicant_name=request.display_name,
                reason=reason,
            )

    def reject(self, actor: Actor, request_id: str, revision: int, reason: str) -> None:
        """Refuse the request. An unfinished pact becomes void, the reserved user name free.

        :raises InvalidInput: without a reason. Else as :meth:`return_for_repair`.
        """
        reason = clean_note(reason, needed=True, field="reason")
        at = self._context.clock()
        with self._context.store.begin() as session:
            request, step, capacity = on_review_desk(self._context, session, actor, request_id, revision)
            visits.opened(session, request.letter_id, request.id, actor.official_id, at)
            before, request.state = request.state, request_after(RequestState(request.state), RequestAct.REJECT)
            request.finished_at = at
            void_open_pact(session, self._context, request, "rejected", at)
            free_username(session, request)
            visits.move(session, request.letter_id, request.id, None, at)
            _write_down(session, request, step, RequestAct.REJECT, before, actor, capacity, reason, at)
            self._context.trail.record(
                session,
                "request-rejected",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(request.letter, request),
                letter_number=request.letter.number,
                step=step.number,
                applicant_name=request.display_name,
                reason=reason,
            )

    def undo(self, actor: Actor, act_id: str) -> None:
        """Take an own act on a request back, as long as the applicant has not opened it.

        :raises NotAllowed: somebody else's act. :raises WrongState: ``already-opened``, or something followed.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            act = own_undoable_act(session, actor, act_id)
            if act.request_id is None or act.kind not in _UNDO:
                raise NotFound("act-unknown")
            request = lookup.request(session, act.request_id)
            request.state = request_after(RequestState(request.state), _UNDO[RequestAct(act.kind)])
            request.finished_at = None
            void_open_pact(session, self._context, request, "act-undone", at)
            free_username(session, request)
            step = self._context.procedure.step(act.step)
            visits.move(session, request.letter_id, request.id, Place(step.number, step.actor), at)
            session.flush()
            visits.opened(session, request.letter_id, request.id, actor.official_id, at)
            act.undone_at = at
            self._context.trail.record(
                session,
                "act-undone",
                actor=actor.in_trail(actor.require(step.actor)),
                subjects=Subjects(letter=request.letter_id, request=request.id),
                act=act.kind,
                letter_number=request.letter.number,
                step=act.step,
            )


def on_review_desk(
    context: Context, session: Session, actor: Actor, request_id: str, revision: int | None = None
) -> tuple[RequestRow, Step, Capacity]:
    """The request, if the section head may act on it: not their own, and no second step of it.

    :raises NotAllowed: not this person's desk, own request, second step. :raises WrongState: stale form.
    """
    request = lookup.request(session, request_id)
    step = context.step_of(Act.REVIEW)
    if request.state not in (RequestState.REVIEW, RequestState.PACT_APPLICANT, RequestState.PACT_OFFICIAL):
        raise WrongState("request-wrong-state", state=request.state)
    capacity = actor.require(step.actor)
    if revision is not None:
        acts.refuse_stale_form(request, revision)
    acts.refuse_own_request(actor, [request])
    allowed = context.settings.procedure.allow_two_steps
    acts.refuse_second_step(session, actor, request.letter_id, request.id, step.number, allowed=allowed)
    return request, step, capacity


def _write_down(
    session: Session,
    request: RequestRow,
    step: Step,
    kind: RequestAct,
    before: str,
    actor: Actor,
    capacity: Capacity,
    reason: str,
    at: datetime,
) -> None:
    letter: LetterRow = request.letter
    acts.record(
        session,
        letter,
        request,
        step=step.number,
        kind=kind,
        before=before,
        after=request.state,
        at=at,
        actor=actor,
        capacity=capacity,
        note=reason,
    )
