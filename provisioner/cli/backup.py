"""``provisioner backup``: make one while the service runs, list them, verify one anywhere, take its files out."""

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from provisioner.backup.contents import BackupBroken
from provisioner.backup.encryption import new_identity
from provisioner.backup.making import kept_in, make_backup
from provisioner.backup.reading import OfficeFile, Verified, opened_backup, verify_backup
from provisioner.backup.writing import Progress as Told
from provisioner.cli.default_command import GroupWithDefault
from provisioner.cli.opened import Command, Opened
from provisioner.keyring import Keyring

IDENTITY = click.option(
    "--identity",
    type=click.File("r"),
    help="File with the private key (AGE-SECRET-KEY-1...) of an encrypted backup; - types it or pipes it in.",
)


@click.group("backup", cls=GroupWithDefault)
def group() -> None:
    """Back everything up, without the keys: make, list, verify, files, key.

    A folder or file behind it means make.
    """


@group.command("make", cls=Command)
@click.argument("place", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def make(opened: Opened, place: Path | None, as_json: bool) -> None:
    """Back up into PLACE, a folder or a new file; without it into the folder of the settings.

    The service may run meanwhile. The keys are never in it: keep their copies elsewhere.
    """
    settings = opened.settings
    context = opened.provisioner.context
    with _bar("backing up") as told:
        try:
            written, deleted = make_backup(
                context, place or settings.path(settings.backup.folder), getpass.getuser(), told
            )
        except OSError as error:
            raise click.ClickException(f"the backup cannot be written: {error}") from None
    if as_json:
        line = {
            "file": str(written.file),
            "made_at": written.made_at.isoformat(),
            "size": written.size,
            "sha256": written.sha256,
            "encrypted": written.encrypted,
            "verified": written.verified,
            "head_seq": written.manifest.head_seq,
            "counts": dict(written.manifest.counts),
            "deleted": [str(each) for each in deleted],
        }
        click.echo(json.dumps(line))
        return
    checked = "read again whole" if written.verified == "content" else "read again byte by byte"
    click.echo(f"{written.file}: {written.size / 1e6:.1f} MB, {checked}, {written.milliseconds / 1000:.1f} s")
    for each in deleted:
        click.echo(f"Deleted, older than {settings.backup.keep_days} days: {each.name}")
    if not written.encrypted:
        click.echo("Not encrypted: names, user names and hashes of passwords are in clear. See backup.recipients.")
    click.echo("The keys are not in it: without their own copy it cannot be restored.")


@group.command("list", cls=Command)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_(opened: Opened, folder: Path | None, as_json: bool) -> None:
    """List the backups in FOLDER, newest first; without it those in the folder of the settings."""
    place = folder or opened.settings.path(opened.settings.backup.folder)
    kept = kept_in(place) if place.is_dir() else []
    for each in kept:
        line = {"file": str(each.file), "made_at": each.made_at.isoformat(), "size": each.size}
        text = f"{each.made_at:%Y-%m-%d %H:%M} UTC  {each.size / 1e6:9.1f} MB  {each.file.name}"
        click.echo(json.dumps({**line, "encrypted": each.encrypted}) if as_json else text)
    if not kept and not as_json:
        click.echo(f"No backup in {place}.")


@group.command("verify", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@IDENTITY
@click.option("--keys", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The key file to try.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(file: Path, identity: IO[str] | None, keys: Path | None, as_json: bool) -> None:
    """Read all of a backup and check it, on any machine. With --keys also whether these keys are the ones it needs.

    Ends with 1 when it is not whole.
    """
    found = verify_backup(file, Keyring.load(keys) if keys else None, identity_text(identity))
    click.echo(json.dumps(_plain(found)) if as_json else _in_words(found))


@group.command("files", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@IDENTITY
def files(file: Path, folder: Path, identity: IO[str] | None) -> None:
    """Take the office's files, letters, anchors and settings out of a backup into a new FOLDER.

    Settings come as settings.json, without secrets: for reading while a machine is set up again.
    """
    if folder.exists():
        raise click.UsageError(f"{folder} is there already")
    with opened_backup(file, None, identity_text(identity)) as reader:
        for part in reader.parts():
            if isinstance(part, OfficeFile):
                _put(folder, part)
    click.echo(f"Written to {folder}.")


@group.command("key", cls=Command)
@click.argument("private", type=click.Path(path_type=Path, dir_okay=False))
def key(private: Path) -> None:
    """Make a pair of keys for encrypted backups; the private one goes into the new file PRIVATE.

    Print that file or carry it away, and delete it from this machine: it is needed only to restore. The public one is
    printed: put it into backup.recipients.
    """
    secret, public = new_identity()
    try:
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(f"# Backups of the provisioner; public key: {public}\n{secret}\n")
    except FileExistsError:
        raise click.UsageError(f"{private} is there already") from None
    click.echo(public)


def identity_text(given: IO[str] | None) -> str:
    """The text with the private key, from a file or standard input: never an argument, which others could see."""
    return given.read() if given is not None else ""


def _put(folder: Path, part: OfficeFile) -> None:
    target = (folder / part.name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise BackupBroken("backup-broken", "it names a file outside of its folder")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.write_bytes(part.content)


def _plain(found: Verified) -> dict[str, object]:
    header, manifest = found.header, found.manifest
    return {
        "made_at": header.made_at,
        "release": header.release,
        "revision": header.revision,
        "office": header.office,
        "database": header.database,
        "keys": list(header.keys),
        "keys_checked": found.keys_checked,
        "head_seq": manifest.head_seq,
        "head_hash": manifest.head_hash,
        "trail_sound": found.trail_sound,
        "epoch": manifest.epoch,
        "counts": dict(manifest.counts),
        "rows": sum(part.rows or 0 for part in manifest.parts.values()),
    }


def _in_words(found: Verified) -> str:
    header, manifest = found.header, found.manifest
    counts = ", ".join(f"{count} {name}s" for name, count in sorted(manifest.counts.items()))
    trail = "sound" if found.trail_sound else "NOT SOUND: verify the exported trail"
    keys = "these keys are its" if found.keys_checked else "not tried; give --keys"
    return "\n".join(
        [
            f"Whole. {header.office}, {header.made_at}, release {header.release}, from {header.database}",
            f"Holds {counts}",
            f"Audit trail up to row {manifest.head_seq}: {trail}",
            f"Keys needed: {', '.join(header.keys)} ({keys})",
        ]
    )


@contextmanager
def _bar(what: str) -> Iterator[Told]:
    """A progress bar where somebody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)
