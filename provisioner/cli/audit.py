"""``provisioner audit``: take the trail out, note its head, and verify an export anywhere.

Exit codes: 0 sound or done, 1 something is wrong with the trail, 2 wrong usage.
"""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

import click
from rich.console import Console
from rich.progress import open as open_with_progress

from provisioner.audit import Actor, Anchor, AnchorBook, AuditTrail, Head
from provisioner.audit.chain import MAC_PURPOSE
from provisioner.audit.export import export
from provisioner.audit.findings import Report
from provisioner.audit.head import read_anchors
from provisioner.audit.verify import Mac, verify
from provisioner.cli.opened import Command
from provisioner.keyring import Keyring
from provisioner.store import Store


class AuditHouse(Protocol):
    """What these commands need of the office's service; :class:`provisioner.provisioning.context.Context` has it."""

    @property
    def store(self) -> Store:
        """The database."""
        ...

    @property
    def trail(self) -> AuditTrail:
        """The trail, its ``flush`` already hung into the store."""
        ...

    @property
    def keyring(self) -> Keyring:
        """The office's keys."""
        ...


Opener = Callable[[click.Context], AuditHouse]
AnchorBookOpener = Callable[[click.Context], tuple[AnchorBook, datetime]]
"""The configured anchor book, and the moment it is by the office's clock."""


def audit_group(house: Opener, book: AnchorBookOpener) -> click.Group:
    """The group ``audit``. Both are only called by commands that need the office: ``verify`` works without it."""
    group = click.Group("audit", help="The audit trail: verify, export, head, anchor.")
    group.add_command(_verify_command(house))
    group.add_command(_export_command(house))
    group.add_command(_head_command(house))
    group.add_command(_anchor_command(house, book))
    return group


def _verify_command(house: Opener) -> click.Command:
    @click.command("verify", cls=Command)
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
    @click.option("--anchor", "texts", multiple=True, metavar="ANCHOR", help="SEQ:HASH or the line from a paper.")
    @click.option(
        "--anchors",
        "files",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="A file of anchors, one a line, as the office's daily one.",
    )
    @click.option("--macs", is_flag=True, help="Also check the MACs, with the office's keys.")
    @click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
    @click.pass_context
    def command(
        context: click.Context, file: Path, texts: tuple[str, ...], files: tuple[Path, ...], macs: bool, as_json: bool
    ) -> None:
        """Verify an exported trail FILE ("-" reads standard input). Needs neither database nor settings."""
        anchors = _anchors(texts, files)
        mac = _mac(house(context)) if macs else None
        with _opened(file) as lines:
            report = verify(lines, anchors, mac)
        click.echo(json.dumps(report.to_dict(), indent=1) if as_json else _in_words(report, bool(anchors)))
        context.exit(0 if report.sound else 1)

    return command


def _export_command(house: Opener) -> click.Command:
    @click.command("export", cls=Command)
    @click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A new file; else stdout.")
    @click.option("--after", type=click.IntRange(min=0), default=0, help="Only rows after this number.")
    @click.option("--personal", is_flag=True, help="With personal values that were not erased. Keep it accordingly.")
    @click.pass_context
    def command(context: click.Context, output: Path | None, after: int, personal: bool) -> None:
        """Write the trail as JSON lines. That it was taken out stands in it."""
        office = house(context)
        with office.store.begin() as session:
            last = office.trail.head(session).seq + 1
            office.trail.record(
                session,
                "audit-exported",
                actor=Actor.command(_os_user()),
                first_seq=after + 1,
                last_seq=last,
                with_personal=personal,
                form="json-lines",
            )
        with _created(output) as target, office.store.read() as session:
            for line in export(session, office.trail, personal=personal, after=after):
                target.write(line)

    return command


def _head_command(house: Opener) -> click.Command:
    @click.command("head", cls=Command)
    @click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
    @click.pass_context
    def command(context: click.Context, as_json: bool) -> None:
        """Print the head (number and hash of the last row), to be kept elsewhere as an anchor."""
        head = _head(house(context))
        document = {"seq": head.seq, "hash": head.hash, "short": head.short}
        click.echo(json.dumps(document) if as_json else str(head))

    return command


def _anchor_command(house: Opener, book: AnchorBookOpener) -> click.Command:
    @click.command("anchor", cls=Command)
    @click.pass_context
    def command(context: click.Context) -> None:
        """Add the head to the office's file of anchors now."""
        anchors, at = book(context)
        try:
            path = anchors.write(_head(house(context)), at)
        except OSError as error:
            raise click.ClickException(f"the anchor cannot be written: {error}") from None
        click.echo(path)

    return command


def _anchors(texts: Iterable[str], files: Iterable[Path]) -> list[Anchor]:
    try:
        anchors = [Anchor.parse(text) for text in texts]
        for file in files:
            anchors += read_anchors(file.read_text(encoding="utf-8", errors="replace").splitlines())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return anchors


def _mac(office: AuditHouse) -> Mac:
    keyring = office.keyring
    return lambda data: keyring.mac(MAC_PURPOSE, data)


def _head(office: AuditHouse) -> Head:
    with office.store.read() as session:
        return office.trail.head(session)


def _opened(file: Path) -> AbstractContextManager[IO[str]]:
    """The export, line by line, with a progress bar where somebody watches. Bytes that are no text stay visible."""
    if str(file) == "-":
        return click.open_file("-", encoding="utf-8", errors="replace")
    console = Console(stderr=True)
    return open_with_progress(
        file,
        "r",
        encoding="utf-8",
        errors="replace",
        console=console,
        transient=True,
        disable=not console.is_terminal,
        description="verifying",
    )


def _created(output: Path | None) -> AbstractContextManager[IO[str]]:
    """A new file that only its owner can read, or standard output."""
    if output is None:
        return nullcontext(sys.stdout)
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from None
    return os.fdopen(descriptor, "w", encoding="utf-8")


def _os_user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None  # A container may know no name for its user.


def _in_words(report: Report, anchored: bool) -> str:
    lines = [str(found) for found in report.findings]
    span = f"rows {report.first} to {report.last}" if report.rows else "no rows"
    lines.append(f"{'sound' if report.sound else 'NOT SOUND'}: {span}, head {report.head}")
    if report.last_anchored:
        lines.append(
            f"anchored up to row {report.last_anchored}; {report.unanchored} later rows rest on the chain alone"
        )
    elif not anchored:
        lines.append("no anchor given: rows cut off the end would not show")
    if not report.macs_checked:
        lines.append("MACs not checked: a trail hashed anew after its last anchor would not show")
    lines += [str(epoch) for epoch in report.epochs]
    return "\n".join(lines)
