"""``provisioner keys``: the keys that protect personal data."""

import click

from provisioner import audit
from provisioner.cli.opened import Command, Opened
from provisioner.errors import ConfigurationError
from provisioner.keyring import Keyring


@click.group("keys")
def group() -> None:
    """The keys that protect personal data: show, rotate, confirm the second copy."""


@group.command("show", cls=Command)
@click.pass_obj
def show(opened: Opened) -> None:
    """Name the keys, newest first. Never shows a key itself."""
    keyring = opened.provisioner.context.keyring
    for key_id in reversed(keyring.key_ids):
        click.echo(f"{key_id}{'  (seals)' if key_id == keyring.newest_id else ''}")


@group.command("rotate", cls=Command)
@click.pass_obj
def rotate(opened: Opened) -> None:
    """Make a new key; from the next start on it seals. Older keys still open what they sealed."""
    settings = opened.settings
    if settings.keys.env is not None:
        raise ConfigurationError("keys.env", "keys that come from the environment are rotated where they are kept")
    file = settings.path(settings.keys.file)
    context = opened.provisioner.context
    old, rotated = context.keyring.newest_id, Keyring.load(file).rotated()
    rotated.save(file)
    with context.store.begin() as session:
        context.trail.record(
            session, "keys-rotated", actor=audit.Actor.command(), key_id=rotated.newest_id, old_key_id=old
        )
    click.echo(f"New key {rotated.newest_id}. Restart the service, and renew the second copy of {file.name}.")


@group.command("confirm-copy", cls=Command)
@click.pass_obj
def confirm_copy(opened: Opened) -> None:
    """Note in the audit trail that a second copy of the keys lies in another safe place."""
    context = opened.provisioner.context
    with context.store.begin() as session:
        context.trail.record(
            session, "key-copy-confirmed", actor=audit.Actor.command(), key_id=context.keyring.newest_id
        )
    click.echo("Noted. Set keys.second_copy_confirmed = true, so that check stops warning.")
