"""``provisioner walk``: one request through all six steps and the first login, against the configured systems."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.errors import InvalidInput, ProvisionerError
from provisioner.walk import Stage, Walk


@click.command("walk", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a stage.")
@click.option(
    "--keep", is_flag=True, help="Stop before the first change; print user name and initial password; clean nothing up."
)
@click.option(
    "--applicant",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON object with the fields of the bio form; without it a person who does not exist.",
)
@click.pass_obj
def command(opened: Opened, as_json: bool, keep: bool, applicant: Path | None) -> None:
    """Take one request from the letter to the first login and clean up: the smoke test after installing."""
    bio = _read(applicant) if applicant else None
    console = Console(stderr=True)
    with console.status("") as status:
        walk = Walk(opened.provisioner, bio, on_wait=status.update)
        try:
            for stage in walk.run(keep=keep):
                click.echo(_line(stage, as_json))
        except ProvisionerError as error:
            click.echo(json.dumps({"stage": "refused", "code": error.code}) if as_json else f"refused: {error}")
            sys.exit(EXIT_REFUSED)


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput("applicant-file", file=file.name) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidInput("applicant-file", file=file.name)
    return found


def _line(stage: Stage, as_json: bool) -> str:
    if as_json:
        return json.dumps(
            {
                "step": stage.step,
                "stage": stage.stage,
                "output": stage.output,
                "seconds": stage.seconds,
                **stage.data,
            },
            ensure_ascii=False,
        )
    step = f"{stage.step}." if stage.step else "  "
    data = "  ".join(f"{name}={value}" for name, value in stage.data.items() if value)
    return f"{step:3} {stage.stage:12} {stage.seconds:7.2f} s  {stage.output}  {data}"
