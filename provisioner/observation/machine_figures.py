"""Figures about the machines and their housekeeping: processes, backups, restorations, jobs.

They are read by the names of their tables where those are: an engine or a schema that lacks one shows nothing of it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import String, column, func, inspect, select, table
from sqlalchemy.orm import Session

from provisioner.observation.figure import Figure, Labels
from provisioner.store.tables import UtcDateTime

_ALIVE = timedelta(seconds=60)
"""A process that was seen so long before the one that was seen last is taken for dead. Compared with one another, not
with the clock of this machine."""

_MOMENT = UtcDateTime()
_PROCESS = table("process", column("kind", String), column("engine", String), column("seen_at", _MOMENT))
_BACKUP = table("backup", column("made_at", _MOMENT))
_RESTORATION = table("restoration", column("restored_at", _MOMENT), column("confirmed_at", _MOMENT))
_JOBS = table("procrastinate_jobs", column("status", String))


def machines(session: Session, now: datetime) -> Iterator[Figure]:
    """Whatever of it there is."""
    present = inspect(session.connection())
    readers: tuple[tuple[str, Callable[[Session, datetime], Iterable[Figure]]], ...] = (
        (_PROCESS.name, _processes),
        (_BACKUP.name, _backups),
        (_RESTORATION.name, _restorations),
        (_JOBS.name, _jobs),
    )
    for name, reader in readers:
        if present.has_table(name):
            yield from reader(session, now)


def _processes(session: Session, _now: datetime) -> Iterator[Figure]:
    seen = _PROCESS.c.seen_at
    newest = session.scalar(select(func.max(seen)))
    counts: dict[Labels, float] = {(("kind", kind), ("engine", "")): 0.0 for kind in ("serve", "work")}
    if newest is not None:
        living = select(_PROCESS.c.kind, _PROCESS.c.engine, func.count()).where(seen > newest - _ALIVE)
        for kind, engine, count in session.execute(living.group_by(_PROCESS.c.kind, _PROCESS.c.engine)):
            counts[("kind", str(kind)), ("engine", str(engine))] = float(count)
    yield Figure("provisioner_processes", "Processes of this office that were seen just now.", counts)


def _backups(session: Session, now: datetime) -> Iterator[Figure]:
    newest = session.scalar(select(func.max(_BACKUP.c.made_at)))
    if newest is not None:
        text = "Time since the state that the last backup holds."
        yield Figure.one("provisioner_backup_age_seconds", text, max((now - newest).total_seconds(), 0.0))


def _restorations(session: Session, _now: datetime) -> Iterator[Figure]:
    held = select(func.count()).select_from(_RESTORATION).where(_RESTORATION.c.confirmed_at.is_(None))
    text = "1 while nothing is done in any system until a restoration is confirmed."
    yield Figure.one("provisioner_dispatch_held", text, float(bool(session.scalar(held))))


def _jobs(session: Session, _now: datetime) -> Iterator[Figure]:
    waiting = select(func.count()).select_from(_JOBS).where(_JOBS.c.status == "todo")
    yield Figure.one("provisioner_jobs_waiting", "Wake-ups that wait for a worker.", session.scalar(waiting) or 0)
