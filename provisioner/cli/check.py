"""``provisioner check``: is everything as it must be, and what to do where it is not."""

import json
import sys

import click

from provisioner.checking import Checked, check_everything
from provisioner.checking_schema import check_schema, usable
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.connector import Severity

MARKS = {Severity.OK: "ok     ", Severity.WARNING: "warning", Severity.ERROR: "ERROR  "}


@click.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def command(opened: Opened, as_json: bool) -> None:
    """Check files, keys, database, letters and every system. Ends with 1 if anything is an error.

    With the program of a later release it announces, before anything is changed, whether the processes of the release
    before may go on while provisioner init changes the database.
    """
    if usable(opened.context):
        found = check_everything(opened.provisioner)
    else:
        found = [Checked(where, finding) for where, finding in check_schema(opened.context)]
    for each in found:
        click.echo(json.dumps(_plain(each), ensure_ascii=False) if as_json else _line(each))
    if any(each.finding.severity is Severity.ERROR for each in found):
        sys.exit(EXIT_REFUSED)


def _plain(checked: Checked) -> dict[str, str]:
    finding = checked.finding
    return {
        "where": checked.where,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _line(checked: Checked) -> str:
    finding = checked.finding
    remedy = f"\n         -> {finding.remedy}" if finding.remedy else ""
    return f"{MARKS[finding.severity]}  {checked.where}: {finding.subject}: {finding.message}{remedy}"
