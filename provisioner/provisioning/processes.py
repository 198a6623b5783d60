"""The program's own processes, on whatever machine: each says every few seconds that it lives, and which it is."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from provisioner.release import release
from provisioner.store import Store
from provisioner.store.schema import newest_revision
from provisioner.store.tables import ProcessRow, UtcDateTime

Kind = Literal["serve", "work"]

SEEN_EVERY = timedelta(seconds=10)
MISSED_AFTER = timedelta(seconds=35)
"""Three times not seen: it died without a word, hangs, or does not reach the database."""
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Process:
    """A process as the others see it."""

    id: str
    kind: str
    host: str
    pid: int
    release: str
    revision: str
    """The newest revision of the schema that it knows."""
    engine: str
    started_at: datetime
    seen_at: datetime
    missed: bool
    """Not seen for so long that it is taken for dead."""

    @property
    def name(self) -> str:
        """As an administrator finds it."""
        return f"{self.kind} on {self.host}, process {self.pid}"


class Processes:
    """Times are the database's: the clocks of machines differ, and whoever is slow must not look dead."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def enter(self, kind: Kind, engine: str) -> str:
        """This process begins to work; gives the id for the calls below."""
        with self._store.begin() as session:
            now = _now(session)
            row = ProcessRow(
                kind=kind,
                host=socket.gethostname()[:255],
                pid=os.getpid(),
                release=release()[:60],
                revision=newest_revision(),
                engine=engine,
                started_at=now,
                seen_at=now,
            )
            session.add(row)
            session.flush()
            return row.id

    def seen(self, process_id: str) -> bool:
        """It lives; processes that have not been seen for a day are forgotten. False: it was itself."""
        with self._store.begin() as session:
            now = _now(session)
            session.execute(delete(ProcessRow).where(ProcessRow.seen_at < now - FORGOTTEN_AFTER))
            mine = update(ProcessRow).where(ProcessRow.id == process_id)
            return session.scalars(mine.values(seen_at=now).returning(ProcessRow.id)).one_or_none() is not None

    def leave(self, process_id: str) -> None:
        """It ends in good order."""
        with self._store.begin() as session:
            session.execute(delete(ProcessRow).where(ProcessRow.id == process_id))

    def all(self) -> Sequence[Process]:
        """Every process that did not say that it ended, the oldest first."""
        with self._store.read() as session:
            return everybody(session)

    def living(self) -> Sequence[Process]:
        """Those that were seen just now."""
        return [each for each in self.all() if not each.missed]

    def last_seen(self, kind: Kind) -> datetime | None:
        """When any process of a kind was seen last; None: not within a day, or all of them ended in good order."""
        return max((each.seen_at for each in self.all() if each.kind == kind), default=None)


def everybody(session: Session) -> Sequence[Process]:
    """See :meth:`Processes.all`."""
    now = _now(session)
    rows = session.scalars(select(ProcessRow).order_by(ProcessRow.started_at, ProcessRow.id))
    return [_process(row, now) for row in rows]


def _now(session: Session) -> datetime:
    # Read as a moment of ours: SQLite gives a text, PostgreSQL a moment in the zone of the connection.
    return session.scalars(select(func.current_timestamp(type_=UtcDateTime))).one()


def _process(row: ProcessRow, now: datetime) -> Process:
    return Process(
        row.id,
        row.kind,
        row.host,
        row.pid,
        row.release,
        row.revision,
        row.engine,
        row.started_at,
        row.seen_at,
        now - row.seen_at > MISSED_AFTER,
    )
