"""The program's own processes, on whatever machine: each says every few seconds that it lives, and which it is."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from provisioner.errors import WrongState
from provisioner.release import release
from provisioner.store import Store
from provisioner.store.locking import alone, is_locking
from provisioner.store.schema import newest_revision
from provisioner.store.tables import ProcessRow, UtcDateTime

Kind = Literal["serve", "work"]

EMBEDDED = "embedded"
"""The setting ``dispatch.engine`` of a process that serves pages and does the work too."""
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
        """This process begins to work; gives the id for the calls below.

        :raises WrongState: ``runner-elsewhere``: the embedded runner takes back whatever leases it finds, so it must be
            the only one of its office, and another machine's lives. On one machine its lock file tells.
        """
        host = socket.gethostname()[:255]
        with self._store.begin() as session:
            alone(session, "enter")  # Or two that begin at once would not see each other.
            now = _now(session)
            if engine == EMBEDDED and is_locking(session):
                _refuse_elsewhere(session, host)
            row = ProcessRow(
                kind=kind,
                host=host,
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
        """It lives; processes that have not been seen for a day are forgotten. False: it was itself.

        :raises WrongState: ``runner-elsewhere``: it was not seen for so long that another machine took its place.
        """
        with self._store.begin() as session:
            now = _now(session)
            session.execute(delete(ProcessRow).where(ProcessRow.seen_at < now - FORGOTTEN_AFTER))
            mine = update(ProcessRow).where(ProcessRow.id == process_id)
            row = session.scalars(mine.values(seen_at=now).returning(ProcessRow)).one_or_none()
            if row is not None and row.engine == EMBEDDED and is_locking(session):
                _refuse_elsewhere(session, row.host, row.started_at)
            return row is not None

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


def _refuse_elsewhere(session: Session, host: str, since: datetime | None = None) -> None:
    """``since``: only others that began later count; those were let in, so this one has to go."""
    others = [each for each in everybody(session) if not each.missed and each.host != host]
    elsewhere = [each.name for each in others if _works(each) and (since is None or each.started_at > since)]
    if elsewhere:
        raise WrongState(
            "runner-elsewhere",
            "dispatch.engine is embedded, which is for one machine alone, and another one works on this office: stop "
            f"it, or set procrastinate on all of them; a machine that died is forgotten after {MISSED_AFTER.seconds} s",
            running="; ".join(elsewhere),
        )


def _works(process: Process) -> bool:
    return process.kind == "work" or process.engine == EMBEDDED


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
