"""The use case ``provisioner backup``: make one, write down that it was made, delete those that are too old."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from provisioner import audit
from provisioner.backup.writing import Progress, Written, write_backup
from provisioner.provisioning.context import Context
from provisioner.release import release
from provisioner.store.tables import BackupRow

_NAME = re.compile(r"siak-(\d{8}T\d{6}Z)\.backup(\.age)?")
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Kept:
    """A backup in a folder, by its name."""

    file: Path
    made_at: datetime
    size: int
    encrypted: bool


def make_backup(
    context: Context, place: Path, by: str | None, progress: Progress = lambda _done, _all: None
) -> tuple[Written, list[Path]]:
    """Make one in the folder ``place``, or as the file ``place``. Gives it, and which older ones in the folder were
    deleted: only those with names of ours, and only when this one is finished.

    :raises OSError, WrongState, ConfigurationError, BackupBroken: see :func:`write_backup`; nothing was deleted.
    """
    settings = context.settings.backup
    into_folder = place.is_dir() or not place.suffix
    if into_folder:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = place / name_for(context.clock(), encrypted=bool(settings.recipients)) if into_folder else place
    written = write_backup(context, file, settings.recipients, progress)
    _write_down(context, written, by)
    return written, _delete_old(context, place) if into_folder else []


def name_for(at: datetime, *, encrypted: bool) -> str:
    """The name of a backup of this moment: they sort by time."""
    return f"siak-{at.astimezone(UTC).strftime(_STAMP)}.backup{'.age' if encrypted else ''}"


def kept_in(folder: Path) -> list[Kept]:
    """Backups in a folder, newest first; other files are passed over."""
    found = [(each, _NAME.fullmatch(each.name)) for each in folder.iterdir() if each.is_file()]
    kept = [
        Kept(file, datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC), file.stat().st_size, bool(named[2]))
        for file, named in found
        if named is not None
    ]
    return sorted(kept, key=lambda each: each.made_at, reverse=True)


def _write_down(context: Context, written: Written, by: str | None) -> None:
    with context.store.begin() as session:
        session.add(
            BackupRow(
                made_at=written.made_at,
                file_name=written.file.name[:200],
                size=written.size,
                milliseconds=written.milliseconds,
                sha256=written.sha256,
                encrypted=written.encrypted,
                verified=written.verified,
                release=release(),
            )
        )
        context.trail.record(
            session,
            "backup-made",
            actor=audit.Actor.command(by),
            size=written.size,
            sha256=written.sha256,
            verified=written.verified,
            encrypted=written.encrypted,
            release=release(),
        )


def _delete_old(context: Context, folder: Path) -> list[Path]:
    before = context.clock() - timedelta(days=context.settings.backup.keep_days)
    old = [each.file for each in kept_in(folder)[1:] if each.made_at < before]
    for file in old:
        file.unlink()
    return old
