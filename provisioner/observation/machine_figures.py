"""Figures about the machines and their housekeeping: processes, backups, restorations, wake-ups."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from provisioner.backup.last import newest_backup
from provisioner.dispatch.workers import waiting
from provisioner.observation.figure import Figure, Labels
from provisioner.provisioning.processes import everybody
from provisioner.restoration import dispatch_held
from provisioner.settings import Settings


def machines(settings: Settings) -> Callable[[Session, datetime], Iterable[Figure]]:
    """Reads them; wake-ups only with the engine that has them."""

    def read(session: Session, now: datetime) -> Iterator[Figure]:
        yield _processes(session)
        if (last := newest_backup(session)) is not None:
            text = "Time since the state that the last backup holds."
            yield Figure.one("provisioner_backup_age_seconds", text, max((now - last.made_at).total_seconds(), 0.0))
        text = "1 while nothing is done in any system until a restoration is confirmed."
        yield Figure.one("provisioner_dispatch_held", text, float(dispatch_held(session)))
        if settings.dispatch.engine == "procrastinate":
            yield Figure.one("provisioner_jobs_waiting", "Wake-ups that wait for a worker.", waiting(session))

    return read


def _processes(session: Session) -> Figure:
    living = Counter((each.kind, each.engine) for each in everybody(session) if not each.missed)
    counts: dict[Labels, float] = {(("kind", kind), ("engine", "")): 0.0 for kind in ("serve", "work")}
    for (kind, engine), count in living.items():
        counts[("kind", kind), ("engine", engine)] = float(count)
    return Figure("provisioner_processes", "Processes of this office that were seen just now.", counts)
