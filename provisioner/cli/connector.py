"""``provisioner connector``: for whoever writes a connector to another kind of system."""

from pathlib import Path

import click

from provisioner.cli.opened import Command
from provisioner.connector_project import make_project
from provisioner.errors import InvalidInput

_REASONS = {
    ("name", "malformed"): "small letters, digits and single hyphens, at most 32, and a letter first: e.g. json-file",
    ("name", "taken-here"): "a kind of system, or a module of Python, is called so already",
    ("into", "missing"): "there is no such folder",
    ("into", "taken-here"): "something of this name is there already; nothing was changed",
}


@click.group("connector")
def group() -> None:
    """Connectors to other kinds of system: new."""


@group.command("new", cls=Command)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path(),
    help="The folder in which the project's folder is made; without it the current one.",
)
def new(name: str, into: Path) -> None:
    """Make a project for a connector: it installs, and fails the contract until it is written.

    NAME is what the settings call the kind of system, e.g. json-file. docs/connector-guide.md goes on from there.
    """
    try:
        made = make_project(name, into)
    except InvalidInput as error:
        ((field, (code,)),) = error.fields.items()
        where = name if field == "name" else str(into / name if code == "taken-here" else into)
        raise click.ClickException(f"{where}: {_REASONS[field, code]}") from None
    for file in made:
        click.echo(file)
    click.echo(f"Next: cd {into / name}, then pytest: it fails, and tells what is still to be written.")
