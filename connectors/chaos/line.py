"""The way to the target, on which calls and answers get lost, doubled and delayed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from connectors.chaos.fault import UNANSWERED, Fault, Plan, PlannedFault
from provisioner.connector import ConnectorError, InDoubt, TargetUnavailable

Answer = TypeVar("Answer")

_OF_ONE_CALLER = frozenset({"authenticate"})
"""Never answered twice: the second answer would let somebody else in."""


@dataclass(frozen=True)
class _Late:
    """A call that is still under way."""

    before: int
    act: Callable[[], Any]


class Line:
    """Carries calls by a plan. Several threads may use it; a fault holds for exactly one call."""

    def __init__(self, plan: Plan) -> None:
        self._lock = Lock()
        self._begin(plan)

    def _begin(self, plan: Plan) -> None:
        self._plan = plan
        self._made: list[str] = []
        self._counts: Counter[str] = Counter()
        self._late: list[_Late] = []
        self._answered: dict[str, Any] = {}
        """Answers that are given once more, by the name of the call."""

    @property
    def calls(self) -> tuple[str, ...]:
        """The names of all calls so far."""
        return tuple(self._made)

    def follow(self, plan: Plan) -> None:
        """Another plan from now on; calls are counted anew, and what is still under way is forgotten."""
        with self._lock:
            self._begin(plan)

    def read(self, operation: str, act: Callable[[], Answer]) -> Answer:
        """A call that changes nothing."""
        return self._carry(operation, act, act, TargetUnavailable("the target did not answer"))

    def write(self, operation: str, act: Callable[[], Answer], pretended: Callable[[], Answer]) -> Answer:
        """A call with an effect; ``pretended`` makes up the answer that it would give."""
        return self._carry(operation, act, pretended, InDoubt("no answer came in time"))

    def deliver_late(self) -> None:
        """Everything that is still under way takes effect now."""
        with self._lock:
            due, self._late = self._late, []
        for late in due:
            _deliver_unheard(late.act)

    def _carry(
        self, operation: str, act: Callable[[], Answer], pretended: Callable[[], Answer], no_answer: ConnectorError
    ) -> Answer:
        with self._lock:
            self._made.append(operation)
            self._counts[operation] += 1
            number = len(self._made)
            fault = self._plan.at(number, operation, self._counts[operation])
            due = [late for late in self._late if late.before <= number]
            self._late = [late for late in self._late if late.before > number]
        for late in due:
            _deliver_unheard(late.act)
        if fault is not None and fault.fault in UNANSWERED:
            raise self._lost(fault, number, act, no_answer)
        answer = _answered(fault, act, pretended) if fault is not None else act()
        return self._answer(operation, answer, again=fault is not None and fault.fault is Fault.ANSWER_TWICE)

    def _answer(self, operation: str, answer: Answer, *, again: bool) -> Answer:
        with self._lock:
            given: Answer = self._answered.pop(operation, answer)
            if again and operation not in _OF_ONE_CALLER:
                self._answered[operation] = answer
        return given

    def _lost(
        self, fault: PlannedFault, number: int, act: Callable[[], Any], no_answer: ConnectorError
    ) -> ConnectorError:
        """The call is carried to where it gets lost; what the caller hears."""
        if fault.fault is Fault.FAIL:
            return TargetUnavailable("the target is busy")
        if fault.fault is Fault.LOSE_ANSWER:
            _deliver_unheard(act)
        elif fault.fault is Fault.LATE:
            with self._lock:
                self._late.append(_Late(number + fault.later, act))
        return no_answer


def _answered(fault: PlannedFault, act: Callable[[], Answer], pretended: Callable[[], Answer]) -> Answer:
    """The call is carried in the way of a fault that lets an answer through."""
    if fault.fault is Fault.LIE:
        return pretended()
    if fault.fault is Fault.DELAY:
        time.sleep(fault.seconds)
    elif fault.fault is Fault.STOP_BEFORE:
        _stop()
    elif fault.fault is Fault.DELIVER_TWICE_ANSWER_LAST:
        _deliver_unheard(act)
    answer = act()
    if fault.fault is Fault.STOP_AFTER:
        _stop()
    elif fault.fault is Fault.DELIVER_TWICE:
        _deliver_unheard(act)
    return answer


def _deliver_unheard(act: Callable[[], Any]) -> None:
    """Whatever the target says to it, nobody hears."""
    with suppress(ConnectorError):
        act()


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)
