"""``provisioner archive``: case files as an archive that anybody can verify, of one request or of a whole year."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import click
from rich.console import Console as Screen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from provisioner.cli.opened import Command, Opened
from provisioner.provisioning.console import Console


@click.group("archive")
def group() -> None:
    """Case files: export."""


@group.command("export", cls=Command)
@click.option("--year", type=click.IntRange(1990, 9998), help="Every case whose request was sent in this year.")
@click.option("--request", "numbers", multiple=True, metavar="NUMBER", help="This case; may be given more than once.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The ZIP, a new file.")
@click.pass_obj
def export(opened: Opened, year: int | None, numbers: tuple[str, ...], out: Path) -> None:
    """Write case files into one ZIP: papers, data, the audit trail's proof and a script that verifies them.

    The file appears under its name once it is whole. Broken off, it is begun anew.
    """
    if (year is None) == (not numbers):
        raise click.UsageError("give either --year or --request")
    provisioner = opened.provisioner
    files, actor = provisioner.case_files, Console().actor()
    if year is not None:
        written = files.year(actor, year)
    else:
        written = files.zip(actor, [Console.find_request(provisioner.context, number) for number in numbers])
    count = 0
    with _whole(out) as target, _progress() as progress:
        task = progress.add_task("cases", total=None)
        for piece in written:
            target.write(piece.data)
            count = piece.of
            progress.update(task, completed=piece.number, total=piece.of)
    click.echo(f"{out}: {count} case files; verify with: python3 verify.py {out.name}")


@contextmanager
def _whole(out: Path) -> Iterator[IO[bytes]]:
    """A new file that only its owner can read, under another name until it is whole and on the disk.

    :raises click.ClickException: the name is taken, or the folder cannot be written.
    """
    if out.exists():
        raise click.ClickException(f"{out} exists already")
    part = out.with_name(f".{out.name}.part")
    try:
        # What an export that was broken off has left is in nobody's way.
        with suppress(FileNotFoundError):
            part.unlink()
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as target:
                yield target
                target.flush()
                os.fsync(target.fileno())
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None


def _progress() -> Progress:
    screen = Screen(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )
