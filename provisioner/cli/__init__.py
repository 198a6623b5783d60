"""The ``provisioner`` command: what administrators type on the machine itself.

Exit codes: 0 done, 1 refused or something found wrong, 2 wrong words, 3 a file or setting is wrong.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from provisioner.cli.opened import Opened

COMMANDS = {
    "init": "init:command",
    "serve": "serve:command",
    "work": "work:command",
    "check": "check:command",
    "walk": "walk:command",
    "request": "request:group",
    "account": "account:group",
    "card": "card:group",
    "official": "official:group",
    "target": "target:group",
    "reconcile": "reconcile:command",
    "connector": "connector:group",
    "archive": "archive:group",
    "audit": "trail:group",
    "keys": "keys:group",
    "backup": "backup:group",
    "restore": "restore:group",
}
"""Where each command stands. It is imported when it is typed: what ``serve`` imports stays in memory while it runs."""


class Commands(click.Group):
    """The commands, in this order."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  The library's signature.
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        found: Any = getattr(import_module(f"{__name__}.{module}"), name)
        assert isinstance(found, click.Command)  # noqa: S101  The table above is ours.
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings file; without it the one PROVISIONER_CONFIG names, else the embedded default.",
)
@click.version_option(package_name="siak-provisioner")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Carries SOP/PIPD/PIAK/04: from the letter to a working SIAK operator account."""
    ctx.obj = Opened(config)
