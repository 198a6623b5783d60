"""``provisioner restore``: put a backup back, see what is held, set numbers that were given since, confirm."""

import getpass
import json
import sys
from pathlib import Path
from typing import IO

import click
from rich.console import Console as Screen
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from provisioner.cli.backup import IDENTITY, identity_text
from provisioner.cli.default_command import GroupWithDefault
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.errors import InvalidInput
from provisioner.provisioning.console import Console
from provisioner.provisioning.restorations import SERIES, ComparedSystem
from provisioner.restore.restoring import Restored, restore


class _Group(GroupWithDefault):
    default = "from"


@click.group("restore", cls=_Group)
def group() -> None:
    """Restore a backup: from, status, compare, number, confirm.

    A file behind it means from.
    """


@group.command("from", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--reason", required=True, help="Why; it stands in the audit trail.")
@click.option("--replace", is_flag=True, help="Even though an office lives in the database: what is there is lost.")
@IDENTITY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def from_(opened: Opened, file: Path, reason: str, replace: bool, identity: IO[str] | None, as_json: bool) -> None:
    """Restore FILE into the empty database of the settings. Every process of the service must be stopped.

    The right keys must lie in their place first. Afterwards nothing is written to any system until somebody has
    confirmed how they compare: provisioner restore status.
    """
    text = identity_text(identity)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Screen(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("restoring", total=None)
        done = restore(
            opened.settings,
            file,
            reason=reason,
            by=getpass.getuser(),
            identity=text,
            replace=replace,
            progress=lambda what, count, total: bar.update(
                task, description=what, completed=count, total=total or None
            ),
        )
    click.echo(json.dumps(_plain(done)) if as_json else _in_words(done))


@group.command("status", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def status(opened: Opened, as_json: bool) -> None:
    """Say whether a restoration waits to be confirmed, and what is still missing. Ends with 1 while it does."""
    view = opened.provisioner.restorations.last(Console().actor())
    if view is None:
        click.echo(json.dumps({"held": False}) if as_json else "Never restored.")
        return
    if as_json:
        systems = {each.target: _state(each) for each in view.systems}
        numbers = {each.name: each.last for each in view.series}
        line = {"held": view.held, "backup": view.backup_made_at.isoformat(), "lost_events": view.lost_events}
        click.echo(json.dumps({**line, "systems": systems, "last_numbers": numbers}))
    else:
        click.echo(
            f"Restored {view.restored_at:%Y-%m-%d %H:%M} UTC from a backup of {view.backup_made_at:%Y-%m-%d %H:%M}"
        )
        for system in view.systems:
            click.echo(f"  {system.label}: {_state(system)}")
        click.echo("  last numbers: " + ", ".join(f"{each.name} {each.last}" for each in view.series))
        click.echo("HELD: nothing is written to any system." if view.held else f"Confirmed by {view.confirmed_by}.")
    if view.held:
        sys.exit(EXIT_REFUSED)


@group.command("compare", cls=Command)
@click.pass_obj
def compare(opened: Opened) -> None:
    """Read every system that was not read since the restoration, here and now. Changes nothing there."""
    actor, core = Console().actor(), opened.provisioner
    view = core.restorations.last(actor)
    for system in view.uncompared if view is not None else ():
        run = core.reconciliations.run(actor, system.target)
        click.echo(f"{system.label}: {run.state}, {run.read} entries read")


@group.command("number", cls=Command)
@click.argument("series", type=click.Choice(SERIES))
@click.argument("number", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why numbers are left out; it stands in the audit trail.")
@click.pass_obj
def number(opened: Opened, series: str, number: int, reason: str) -> None:
    """Let the next paper of SERIES have NUMBER: those before it were given after the backup."""
    try:
        opened.provisioner.restorations.set_next_number(Console().actor(), series, number, reason)
    except InvalidInput:
        raise click.UsageError("the number must come after the one that would be given next") from None
    click.echo(f"The next number of {series} is {number}.")


@group.command("confirm", cls=Command)
@click.option("--numbers-seen", is_flag=True, help="The numbers given since the backup were looked at.")
@click.option("--people-looked", is_flag=True, help="Somebody looked into the systems that only people operate.")
@click.option("--note", default="", help="What was found; it stands in the audit trail.")
@click.pass_obj
def confirm(opened: Opened, numbers_seen: bool, people_looked: bool, note: str) -> None:
    """Confirm the comparison: from now on the service writes to the systems again."""
    restorations, actor = opened.provisioner.restorations, Console().actor()
    try:
        restorations.confirm(actor, numbers_seen=numbers_seen, people_looked=people_looked, note=note)
    except InvalidInput as error:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in error.fields)
        raise click.UsageError(f"say that it was done: {options}") from None
    click.echo("Confirmed. The running service goes on.")


def _state(system: ComparedSystem) -> str:
    if system.compared is not None:
        run = system.compared
        return f"compared: differ {run.drift}, missing {run.missing}, without an account {run.orphan}"
    if system.running:
        return "being read"
    if not system.readable:
        return "only people can look there"
    return "could not be read to its end" if system.failed else "not compared yet"


def _plain(done: Restored) -> dict[str, object]:
    return {
        "backup_made_at": done.header.made_at,
        "backup_seq": done.manifest.head_seq,
        "epoch_seq": done.epoch_seq,
        "lost_events": done.lost_events,
        "trail_sound": done.trail_sound,
        "anchored": done.anchored,
        "envelopes_void": done.voided.envelopes,
        "tickets_void": done.voided.tickets,
        "codes_void": done.voided.codes,
        "sessions_ended": done.voided.sessions,
    }


def _in_words(done: Restored) -> str:
    lost = "not known" if done.lost_events is None else f"at least {done.lost_events} events"
    lines = [
        f"Restored as it was {done.header.made_at}. Lost since then: {lost}.",
        f"Void: {done.voided.envelopes} envelopes, {done.voided.tickets} collection codes, {done.voided.codes} codes.",
        f"The audit trail goes on in a new epoch, from row {done.epoch_seq}.",
    ]
    if not done.trail_sound:
        lines.append("WARNING: the audit trail in the backup is not sound. Export and verify it.")
    if not done.anchored:
        lines.append("WARNING: the new head could not be added to the anchors: provisioner audit anchor")
    lines.append("HELD: nothing is written to any system. Start the service, then: provisioner restore status")
    return "\n".join(lines)
