"""What can go wrong with a call, and the plan that says with which."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Fault(StrEnum):
    """What happens to one call. A call that only reads has no effect to lose: there, no answer is no answer."""

    FAIL = "fail"
    """Nothing happens; the target says that it is busy."""
    LOSE_REQUEST = "lose-request"
    """Nothing happens; no answer comes."""
    LOSE_ANSWER = "lose-answer"
    """It takes effect; no answer comes."""
    LATE = "late"
    """No answer comes; it takes effect later, when the caller has given up, before the ``later``-th call that
    follows."""
    DELIVER_TWICE = "deliver-twice"
    """It is delivered twice, and the first answer is given."""
    DELIVER_TWICE_ANSWER_LAST = "deliver-twice-answer-last"
    """It is delivered twice, and the second answer is given."""
    ANSWER_TWICE = "answer-twice"
    """It is answered twice: the next call of the same name takes effect, but gets this one's answer again."""
    DELAY = "delay"
    """It is carried out after ``seconds``."""
    LIE = "lie"
    """The target says that it is done, and nothing happens."""
    STOP_BEFORE = "stop-before"
    """The process stops itself (SIGSTOP) before the call is sent; it is carried out when somebody wakes the process."""
    STOP_AFTER = "stop-after"
    """The process stops itself after the effect, before it hears the answer."""


UNANSWERED = frozenset({Fault.FAIL, Fault.LOSE_REQUEST, Fault.LOSE_ANSWER, Fault.LATE})
"""The caller hears of no success."""

STOPPING = frozenset({Fault.STOP_BEFORE, Fault.STOP_AFTER})
"""Somebody else has to wake the process, so that these are never drawn by lot."""

BY_LOT = tuple(each for each in Fault if each not in STOPPING)


class PlannedFault(BaseModel):
    """One call that goes wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    call: Annotated[int, Field(ge=1)]
    """Which one, counted from 1 since the connector was built."""

    fault: Fault
    """What happens to it."""

    operation: str | None = None
    """Count only calls of this name, e.g. ``update``."""

    seconds: Annotated[float, Field(ge=0)] = 0.0
    """For ``delay``."""

    later: Annotated[int, Field(ge=1)] = 1
    """For ``late``: before which of the calls that follow it takes effect."""


class Plan:
    """Says what happens to each call. The same seed says the same."""

    def __init__(
        self, faults: Sequence[PlannedFault] = (), *, share: float = 0.0, seed: int = 0, kinds: Sequence[Fault] = BY_LOT
    ) -> None:
        """``share`` of all other calls, from 0 to 1, go wrong in one of the ways of ``kinds``, as ``seed`` has it."""
        self._faults = tuple(faults)
        self._share = share
        self._seed = seed
        self._kinds = tuple(kinds)

    def at(self, number: int, operation: str, number_of_operation: int) -> PlannedFault | None:
        """What happens to this call, the ``number``-th of all and the ``number_of_operation``-th of its name."""
        for fault in self._faults:
            counted = number if fault.operation is None else number_of_operation
            if fault.call == counted and fault.operation in (None, operation):
                return fault
        return self._drawn(number)

    def _drawn(self, number: int) -> PlannedFault | None:
        # Drawn for each number by itself, so that threads which come in another order change nothing.
        lot = Random(f"{self._seed}:{number}")  # noqa: S311  Nothing is kept secret by it.
        if lot.random() >= self._share:
            return None
        return PlannedFault(call=number, fault=lot.choice(self._kinds), later=lot.randint(1, 6))
