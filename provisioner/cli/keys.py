"""``provisioner keys``: the keys that protect personal data."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from provisioner import audit
from provisioner.cli.key_paper import paper, restore
from provisioner.cli.opened import Command, Opened
from provisioner.errors import ConfigurationError
from provisioner.keyring import Keyring
from provisioner.resealing import Progress as Told
from provisioner.resealing import Resealing


@click.group("keys")
def group() -> None:
    """The keys that protect personal data: show, rotate, reseal, retire, paper, restore-from-paper, confirm-copy."""


@group.command("show", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def show(opened: Opened, as_json: bool) -> None:
    """Name the keys, newest first, and how many values each has sealed. Never shows a key itself."""
    keyring, sealed = opened.provisioner.context.keyring, _resealing(opened).count()
    for key_id in reversed(list(sealed)):
        seals = key_id == keyring.newest_id
        if as_json:
            line = {"key": key_id, "seals": seals, "values": sealed[key_id], "known": key_id in keyring.key_ids}
            click.echo(json.dumps(line))
        else:
            mark = "  (seals)" if seals else "" if key_id in keyring.key_ids else "  (MISSING)"
            click.echo(f"{key_id}  {sealed[key_id]:>9} values{mark}")


@group.command("rotate", cls=Command)
@click.pass_obj
def rotate(opened: Opened) -> None:
    """Make a new key, which seals from now on. Older keys still open what they sealed."""
    file = _file(opened)
    context = opened.provisioner.context
    old, rotated = context.keyring.newest_id, Keyring.load(file).rotated()
    rotated.save(file)
    with context.store.begin() as session:
        context.trail.record(
            session, "keys-rotated", actor=audit.Actor.command(), key_id=rotated.newest_id, old_key_id=old
        )
    click.echo(f"New key {rotated.newest_id}. Print its paper copy anew; then: provisioner keys reseal")


@group.command("reseal", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def reseal(opened: Opened, as_json: bool) -> None:
    """Seal with the newest key what older ones sealed.

    May be stopped at any time and run again. The service may run meanwhile.
    """
    resealing, newest = _resealing(opened), opened.provisioner.context.keyring.newest_id
    waiting = sum(number for key_id, number in resealing.count().items() if key_id != newest)
    with _bar(waiting) as told:
        done = resealing.run(told)
    left = [key_id for key_id, number in resealing.count().items() if key_id != newest and number]
    if as_json:
        click.echo(json.dumps({"key": newest, "resealed": done, "still_used": left}))
    else:
        click.echo(f"{done} values sealed anew with key {newest}.")
        click.echo(f"Still used: {', '.join(left)}: run it again." if left else "No older key is used any more.")


@group.command("retire", cls=Command)
@click.argument("key_id")
@click.pass_obj
def retire(opened: Opened, key_id: str) -> None:
    """Take the key KEY_ID out of the key file, if nothing is sealed with it any more.

    Backups from before "reseal" can only be read with it: keep a copy of it for as long as you keep them.
    """
    file = _file(opened)
    _resealing(opened).retire(key_id, lambda left: left.save(file))
    click.echo(f"Key {key_id} is retired. Backups from before keep needing it. Renew the second copy of {file.name}.")


@group.command("confirm-copy", cls=Command)
@click.option("--place", default="", help="Where it lies, in words.")
@click.pass_obj
def confirm_copy(opened: Opened, place: str) -> None:
    """Note that a second copy of the keys lies in another safe place, e.g. on a medium.

    It counts for the keys of now. A paper copy that was tried says more: provisioner keys paper --check
    """
    opened.provisioner.key_copies.confirm("stated", place)
    click.echo("Noted for the keys of now; after the next rotation it has to be confirmed anew.")


group.add_command(paper)
group.add_command(restore)


def _resealing(opened: Opened) -> Resealing:
    context = opened.provisioner.context
    return Resealing(context.store, context.keyring, context.trail, context.clock)


def _file(opened: Opened) -> Path:
    """:raises ConfigurationError: the keys come from the environment."""
    settings = opened.settings
    if settings.keys.env is not None:
        raise ConfigurationError("keys.env", "keys that come from the environment are changed where they are kept")
    return settings.path(settings.keys.file)


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    """A progress bar where somebody watches."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("sealing anew", total=total)
        yield lambda number: progress.advance(task, number)
