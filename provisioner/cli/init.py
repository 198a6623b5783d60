"""``provisioner init``: prepare an office: folder, keys, database, certificate authority."""

import click

from provisioner.cli.opened import Command, Opened
from provisioner.preparation import prepare


@click.command("init", cls=Command)
@click.pass_obj
def command(opened: Opened) -> None:
    """Prepare the office: data folder, keys, database and the authority that signs pacts.

    Run again it brings the database up to date and leaves everything else as it is.
    """
    done = prepare(opened.settings)
    for line in done:
        click.echo(line)
    click.echo(
        "Next: provisioner official add NAME --name NAME --post it --output FILE, then provisioner keys paper, then"
        " provisioner check, then provisioner serve."
    )
