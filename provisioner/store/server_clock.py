"""The time of the database server, so that machines whose clocks disagree agree on leases, turns and deadlines."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from provisioner.clock import Clock, system_clock

_ASK_AGAIN_SECONDS = 30.0
_SLOWEST_ANSWER_SECONDS = 0.5
_NEVER_MIND = timedelta(milliseconds=100)
"""Smaller differences come from the way the answer takes; following them would let time run backwards."""


class ServerClock:
    """A :data:`~provisioner.clock.Clock` that asks the server now and then, over connections that are being taken from
    the pool anyway, and counts on by itself in between. Before the first connection it is the machine's own.
    """

    def __init__(self, engine: Engine, own: Clock = system_clock) -> None:
        self._own = own
        self._asked_at: float | None = None
        self._known: tuple[datetime, float] | None = None
        """The server's time, and what this machine had counted then."""
        event.listen(engine, "checkout", self._on_checkout)

    def __call__(self) -> datetime:
        """The present moment."""
        return self._at(_counted())

    def _on_checkout(self, connection: Any, _record: Any, _proxy: Any) -> None:
        if self._asked_at is None or _counted() - self._asked_at > _ASK_AGAIN_SECONDS:
            self._ask(connection)

    def _ask(self, connection: Any) -> None:
        before = self._asked_at = _counted()
        try:
            (told,) = connection.execute("SELECT clock_timestamp()").fetchone()
            connection.rollback()
        except psycopg.OperationalError as error:
            self._asked_at = None
            raise DisconnectionError from error  # The pool opens another one, which is asked again.
        except psycopg.Error:
            return  # Whoever takes this connection will be told.
        after = _counted()
        known = told.astimezone(UTC), (before + after) / 2
        if self._known is None or (after - before < _SLOWEST_ANSWER_SECONDS and self._differs(known)):
            self._known = known

    def _differs(self, known: tuple[datetime, float]) -> bool:
        return abs(self._at(known[1]) - known[0]) > _NEVER_MIND

    def _at(self, counted: float) -> datetime:
        if self._known is None:
            return self._own()
        then, since = self._known
        return then + timedelta(seconds=counted - since)


def _counted() -> float:
    """Seconds since the machine was started, also those in which it slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
