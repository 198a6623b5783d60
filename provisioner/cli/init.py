"""``provisioner init``: prepare an office: folder, keys, database, certificate authority."""

import click

from provisioner.cli.opened import Command, Opened
from provisioner.preparation import prepare


@click.command("init", cls=Command)
@click.option(
    "--stop-confirmed",
    is_flag=True,
    help="No process of the release before runs any more, whatever the table of processes says.",
)
@click.pass_obj
def command(opened: Opened, stop_confirmed: bool) -> None:
    """Prepare the office: data folder, keys, database and the authority that signs pacts.

    Run again it brings the database up to date and leaves everything else as it is. Processes of the release before go
    on working meanwhile, unless provisioner check announced a change that they cannot stand: then stop them first.
    """
    done = prepare(opened.settings, stop_confirmed=stop_confirmed)
    for line in done:
        click.echo(line)
    click.echo(
        "Next: provisioner official add NAME --name NAME --post it --output FILE, then provisioner keys paper"
        " --output FILE, then provisioner check, then provisioner serve."
    )
