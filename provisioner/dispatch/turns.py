"""Whose turn it is to do recurring work that only one may do at a time, across all machines.

Whoever has the turn keeps it, by a sign of life now and then; when the signs stop, another takes it. Nothing may rest
on the turn alone: a process that stood still finds out only at its next question. What is done here is written down on
conditions of its own (a row that is locked, a marker at the target), so that two at once are wasteful and not wrong.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol
from uuid import uuid4

from sqlalchemy import or_, select, update

from provisioner.clock import Clock
from provisioner.store import Store
from provisioner.store.agreement import insert_if_missing
from provisioner.store.tables import TurnRow


class Turns(Protocol):
    """Asked before every piece of the work."""

    def ours(self, name: str) -> bool:
        """Whether this process may go on with the work of this name."""
        ...

    def end(self) -> None:
        """The process stops: others need not wait for its turns."""
        ...


class AlwaysOurs:
    """There is one runner only."""

    def ours(self, name: str) -> bool:  # noqa: ARG002  The protocol's.
        """Yes."""
        return True

    def end(self) -> None:
        """Nobody waits."""


class StoreTurns:
    """Agreed on in the store. Safe for several threads."""

    def __init__(self, store: Store, clock: Clock, lease: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._lease = lease
        self._token = uuid4().hex
        self._lock = Lock()
        self._until: dict[str, datetime] = {}
        """Until when a turn is ours."""
        self._others: dict[str, datetime] = {}
        """Until when it is somebody else's, at least."""

    def ours(self, name: str) -> bool:
        """See the protocol. A question to the store about twice in a lease."""
        with self._lock:
            now = self._clock()
            if now < self._until.get(name, now) - self._lease / 2:
                return True
            if now < self._others.get(name, now):
                return False
            return self._taken(name, now)

    def end(self) -> None:
        """See the protocol."""
        with self._lock, self._store.begin() as session:
            session.execute(
                update(TurnRow)
                .where(TurnRow.token == self._token)
                .values(until=self._clock())
                .execution_options(synchronize_session=False)
            )
            self._until.clear()

    def _taken(self, name: str, now: datetime) -> bool:
        until = now + self._lease
        self._until.pop(name, None)
        with self._store.begin() as session:
            free = or_(TurnRow.token == self._token, TurnRow.until <= now)
            taken = (
                update(TurnRow)
                .where(TurnRow.name == name, free)
                .values(token=self._token, until=until)
                .returning(TurnRow.name)
                .execution_options(synchronize_session=False)
            )
            got = session.scalars(taken).first() is not None
            if not got:
                got = insert_if_missing(session, TurnRow, name=name, token=self._token, until=until)
            theirs = None if got else session.scalar(select(TurnRow.until).where(TurnRow.name == name))
        if got:
            self._until[name] = until
        elif theirs is not None:
            # Not before it can be over; but they may also end in good order, before that.
            self._others[name] = min(theirs, now + self._lease / 4)
        return got
