"""The letter (Surat Permohonan) as a state machine: steps 1 to 3 of the SOP act on it. Pure.

Which desks dispose of it, and in which order, is data (``config/procedure.toml``); ``step`` says on which one it lies.
"""

from enum import StrEnum

from provisioner.errors import WrongState


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFT = "draft"
    """Konsep: the applicant is still writing."""
    DISPOSING = "disposing"
    """On the desk of the actor of its step, who disposes of it."""
    DISPOSED = "disposed"
    """Every disposition was given: each request on it goes its own way."""
    RETURNED = "returned"
    """Back with the applicant for repair."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class LetterAct(StrEnum):
    """What can be done to a letter."""

    SUBMIT = "submit"
    FORWARD = "forward"
    """Dispose of it to the next disposing desk."""
    ASSIGN = "assign"
    """The last disposition: to the section head, who decides on each person."""
    RETURN = "return"
    RESUBMIT = "resubmit"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    UNDO = "undo"


TRANSITIONS: dict[tuple[LetterState, LetterAct], LetterState] = {
    (LetterState.DRAFT, LetterAct.SUBMIT): LetterState.DISPOSING,
    (LetterState.DRAFT, LetterAct.WITHDRAW): LetterState.WITHDRAWN,
    (LetterState.DISPOSING, LetterAct.FORWARD): LetterState.DISPOSING,
    (LetterState.DISPOSING, LetterAct.ASSIGN): LetterState.DISPOSED,
    (LetterState.DISPOSING, LetterAct.RETURN): LetterState.RETURNED,
    (LetterState.DISPOSING, LetterAct.REJECT): LetterState.REJECTED,
    (LetterState.DISPOSING, LetterAct.WITHDRAW): LetterState.WITHDRAWN,
    (LetterState.RETURNED, LetterAct.RESUBMIT): LetterState.DISPOSING,
    (LetterState.RETURNED, LetterAct.WITHDRAW): LetterState.WITHDRAWN,
    # An act can be taken back until the next desk opens it.
    (LetterState.DISPOSING, LetterAct.UNDO): LetterState.DISPOSING,
    (LetterState.DISPOSED, LetterAct.UNDO): LetterState.DISPOSING,
    (LetterState.RETURNED, LetterAct.UNDO): LetterState.DISPOSING,
    (LetterState.REJECTED, LetterAct.UNDO): LetterState.DISPOSING,
}

OPEN = frozenset({LetterState.DRAFT, LetterState.DISPOSING, LetterState.DISPOSED, LetterState.RETURNED})
WITH_APPLICANT = frozenset({LetterState.DRAFT, LetterState.RETURNED})


def after(state: LetterState, act: LetterAct) -> LetterState:
    """The state that follows.

    :raises WrongState: the act is not possible now; ``data`` carries ``state`` and ``act``.
    """
    try:
        return TRANSITIONS[state, act]
    except KeyError:
        raise WrongState("letter-wrong-state", state=state.value, act=act.value) from None
