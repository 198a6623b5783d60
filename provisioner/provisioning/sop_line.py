"""The six steps of one request as a line one reads at a glance: done, now, next, whose desk, minutes used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from provisioner.letter import LetterState
from provisioner.procedure import Act, Procedure
from provisioner.provisioning.visits import APPLICANT_DESK
from provisioner.request import RequestState
from provisioner.store.tables import DeskVisitRow, LetterRow, RequestRow
from provisioner.worktime import WorkTime

_STEP_OF_STATE = {
    RequestState.REVIEW: Act.REVIEW,
    RequestState.RETURNED: Act.REVIEW,
    RequestState.PACT_APPLICANT: Act.REVIEW,
    RequestState.PACT_OFFICIAL: Act.REVIEW,
    RequestState.CREATION: Act.CREATE,
    RequestState.HANDOVER: Act.RECEIVE,
}


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"
    """The request ended here: rejected or withdrawn."""


@dataclass(frozen=True)
class StepView:
    """One step of the line. Minutes are working time."""

    number: int
    act: Act
    activity: str
    actor: str
    """The post that takes it, or ``applicant``."""
    state: StepState
    standard: int
    used: int | None
    """Minutes counted from the actor's first opening; None where nobody opened it, or the applicant acts."""
    waited: int | None
    """Minutes it lay on the desk before it was opened."""
    with_applicant: bool = False
    """The step waits for the applicant: the clock stops."""

    @property
    def late(self) -> bool:
        """More minutes than the SOP's standard."""
        return self.used is not None and self.used > self.standard


_STOPPED = (
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
    RequestState.REVOKED,
    LetterState.REJECTED,
    LetterState.WITHDRAWN,
)


def step_number(procedure: Procedure, letter: LetterRow, request: RequestRow | None) -> int:
    """The step a request is at (the last one, when it is done)."""
    if letter.state == LetterState.DRAFT:
        return 1
    state = RequestState(request.state) if request is not None else RequestState.WITH_LETTER
    if state is RequestState.DONE:
        return len(procedure.steps)
    if state in _STEP_OF_STATE:
        return procedure.steps_of(_STEP_OF_STATE[state])[0].number
    if state is RequestState.BIO_FORM:
        return procedure.steps_of(Act.DISPOSE)[-1].number
    if state is RequestState.REVOKED:
        return procedure.steps_of(Act.CREATE)[0].number
    if state in (RequestState.REJECTED, RequestState.WITHDRAWN) and letter.state == LetterState.DISPOSED:
        return procedure.steps_of(Act.REVIEW)[0].number
    return letter.step


def sop_line(
    procedure: Procedure,
    letter: LetterRow,
    request: RequestRow | None,
    visits: Sequence[DeskVisitRow],
    worktime: WorkTime,
    now: datetime,
) -> list[StepView]:
    """Every step of the SOP with its state and minutes. ``visits``: those of the letter and of the request."""
    at = step_number(procedure, letter, request)
    state = request.state if request is not None else letter.state
    finished = state == RequestState.DONE
    # The letter's own line ends with its last disposition: from there on every request has a line of its own.
    disposed = request is None and letter.state == LetterState.DISPOSED
    stopped = state in _STOPPED
    views = []
    for step in procedure.steps:
        if step.number < at or finished or (disposed and step.number == at):
            step_state = StepState.DONE
        elif step.number == at:
            step_state = StepState.STOPPED if stopped else StepState.NOW
        else:
            step_state = StepState.NEXT
        own = [visit for visit in visits if visit.step == step.number]
        here = [visit for visit in own if visit.left_at is None]
        views.append(
            StepView(
                step.number,
                step.act,
                step.activity,
                step.actor,
                step_state,
                step.minutes,
                _minutes([(v.opened_at, v.left_at or now) for v in own if v.desk != APPLICANT_DESK], worktime),
                _minutes(
                    [(v.arrived_at, v.opened_at or v.left_at or now) for v in own if v.desk != APPLICANT_DESK], worktime
                ),
                with_applicant=any(visit.desk == APPLICANT_DESK for visit in here),
            )
        )
    return views


def _minutes(spans: Sequence[tuple[datetime | None, datetime]], worktime: WorkTime) -> int | None:
    known = [(start, end) for start, end in spans if start is not None]
    if not known:
        return None
    total = sum((worktime.between(start, end) for start, end in known), timedelta())
    return int(total.total_seconds() // 60)
