"""The ``provisioner`` command: what administrators type on the machine itself.

Exit codes: 0 done, 1 refused or something found wrong, 2 wrong words, 3 a file or setting is wrong.
"""

from pathlib import Path

import click

from provisioner.cli import account, check, init, keys, official, request, serve, walk
from provisioner.cli.audit import audit_group
from provisioner.cli.opened import Opened, opened


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


main.add_command(init.command)
main.add_command(serve.command)
main.add_command(check.command)
main.add_command(walk.command)
main.add_command(request.group)
main.add_command(account.group)
main.add_command(official.group)
main.add_command(
    audit_group(
        lambda ctx: opened(ctx).provisioner.context,
        lambda ctx: opened(ctx).anchor_book,
    )
)
main.add_command(keys.group)
