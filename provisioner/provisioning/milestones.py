"""What a request hears of the account it became: steps 5 and 6 of the SOP end."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from provisioner.actor import Actor as Official
from provisioner.actor import Capacity
from provisioner.audit import Actor, Subjects
from provisioner.errors import WrongState
from provisioner.procedure import Act
from provisioner.provisioning import acts, visits
from provisioner.provisioning.context import Context
from provisioner.provisioning.enrolment_codes import void_codes
from provisioner.request import TRANSITIONS, RequestAct, RequestState, after
from provisioner.store.tables import AccountRow, RequestRow

_CREATED = after(RequestState.CREATION, RequestAct.CREATED)


class RequestMilestones:
    """Moves the request along. Called inside the unit of work that made it so; a second time it does nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def created(self, session: Session, accounts: Sequence[AccountRow]) -> None:
        """Step 5 is done: the envelopes wait for the applicants."""
        waiting = select(RequestRow).where(
            RequestRow.id.in_([account.request_id for account in accounts]),
            RequestRow.state == RequestState.CREATION,
        )
        requests = session.scalars(waiting).all()
        place = visits.Place(self._context.step_of(Act.RECEIVE).number, visits.APPLICANT_DESK)
        now, states = self._context.clock(), {"before": RequestState.CREATION, "after": _CREATED}
        step = self._context.step_of(Act.CREATE).number
        acts.record_alike(session, requests, step=step, kind=RequestAct.CREATED, at=now, **states)
        _hand_over(session, requests)
        visits.move_requests(session, requests, place, now)

    def received(self, session: Session, account: AccountRow) -> None:
        """Step 6 is done: the applicant has opened the envelope."""
        request = session.get_one(RequestRow, account.request_id)
        self._received(session, account, Actor.applicant(request.id, name=request.display_name))

    def _received(self, session: Session, account: AccountRow, by: Actor) -> None:
        request = session.get_one(RequestRow, account.request_id)
        if request.state != RequestState.HANDOVER:
            return
        now = self._context.clock()
        self._move(session, request, RequestAct.RECEIVE, self._context.step_of(Act.RECEIVE).number)
        request.finished_at = now
        visits.move(session, request.letter_id, request.id, None, now)
        self._context.trail.record(
            session,
            "request-completed",
            actor=by,
            subjects=Subjects(letter=request.letter_id, request=request.id, account=account.id),
            letter_number=request.letter.number,
            applicant_name=request.display_name,
        )

    def taken_over(self, session: Session, accounts: Sequence[AccountRow]) -> None:
        """The applicants have user name and password already: steps 5 and 6 end together."""
        self.created(session, accounts)
        session.flush()
        for account in accounts:
            self._received(session, account, Actor.system())

    def revoked(self, session: Session, account: AccountRow, actor: Official, capacity: Capacity) -> None:
        """The account was revoked before the applicant had it: there is nothing left to wait for, and the person may
        ask anew.
        """
        request = session.get_one(RequestRow, account.request_id)
        if (RequestState(request.state), RequestAct.REVOKE) not in TRANSITIONS:
            return
        now = self._context.clock()
        step = Act.CREATE if request.state == RequestState.CREATION else Act.RECEIVE
        self._move(session, request, RequestAct.REVOKE, self._context.step_of(step).number, actor, capacity)
        request.finished_at = now
        void_codes(session, self._context, request, now)
        visits.move(session, request.letter_id, request.id, None, now)

    def _move(
        self,
        session: Session,
        request: RequestRow,
        act: RequestAct,
        step: int,
        actor: Official | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        before = RequestState(request.state)
        request.state = after(before, act)
        acts.record(
            session,
            request.letter,
            request,
            step=step,
            kind=act,
            before=before,
            after=request.state,
            at=self._context.clock(),
            actor=actor,
            capacity=capacity,
        )


def _hand_over(session: Session, requests: Sequence[RequestRow]) -> None:
    """Move requests from step 5 to step 6 in one statement; row by row it is the most that is done for an account.

    :raises WrongState: ``changed-meanwhile``: somebody else moved one of them since it was read.
    """
    if not requests:
        return
    ids = [request.id for request in requests]
    moved = session.scalars(
        update(RequestRow)
        .where(RequestRow.id.in_(ids), RequestRow.state == RequestState.CREATION)
        .values(state=_CREATED, revision=RequestRow.revision + 1)
        .returning(RequestRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(moved) < len(requests):
        raise WrongState("changed-meanwhile")
    for request in requests:
        set_committed_value(request, "state", _CREATED)
        set_committed_value(request, "revision", request.revision + 1)
