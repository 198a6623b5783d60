"""The ``provisioner`` command: what administrators type on the machine itself.

Exit codes: 0 done, 1 refused or something found wrong, 2 wrong words, 3 a file or setting is wrong.
"""

from pathlib import Path

import click

from provisioner.cli.account import group as account
from provisioner.cli.audit import audit_group
from provisioner.cli.check import command as check
from provisioner.cli.init import command as init
from provisioner.cli.keys import group as keys
from provisioner.cli.official import group as official
from provisioner.cli.opened import Opened, opened
from provisioner.cli.request import group as request
from provisioner.cli.serve import command as serve
from provisioner.cli.walk import command as walk


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


for each in (
    init,
    serve,
    check,
    walk,
    request,
    account,
    official,
    audit_group(lambda ctx: opened(ctx).provisioner.context, lambda ctx: opened(ctx).anchor_book),
    keys,
):
    main.add_command(each)
