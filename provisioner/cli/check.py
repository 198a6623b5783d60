"""``provisioner check``: is everything as it must be, and what to do where it is not."""

import json
import sys

import click

from provisioner.checking import Checked, check_everything
from provisioner.checking.schema import check_schema
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.connector import Severity
from provisioner.month.english import found_of, remedy_of, time_left, title_of
from provisioner.month.point import Point, Urgency
from provisioner.store.schema import fits

URGENCIES = {Urgency.NOW: "NOW    ", Urgency.MONTH: "month  ", Urgency.UNKNOWN: "unknown"}
MARKS = {Severity.OK: "ok     ", Severity.WARNING: "warning", Severity.ERROR: "ERROR  "}


@click.command("check", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--month", is_flag=True, help="What to do this month instead; ends with 1 if anything is late.")
@click.option("--morning", is_flag=True, help="Both, one after the other; ends with 1 if either would.")
@click.pass_obj
def command(opened: Opened, as_json: bool, month: bool, morning: bool) -> None:
    """Check files, keys, database, letters and every system. Ends with 1 if anything is an error.

    With the program of a later release it announces, before anything is changed, whether the processes of the release
    before may go on while provisioner init changes the database.
    """
    ready = fits(opened.context.store.engine)
    found = []
    if not ready:
        found = [*check_schema(opened.context)]
    elif morning or not month:
        found = check_everything(opened.provisioner)
    for each in found:
        click.echo(json.dumps(_plain(each), ensure_ascii=False) if as_json else _line(each))
    late = ready and (morning or month) and _month(opened, as_json)
    if late or any(each.finding.severity is Severity.ERROR for each in found):
        sys.exit(EXIT_REFUSED)


def _month(opened: Opened, as_json: bool) -> bool:
    """The list of the page "Pemeriksaan bulan ini", looked up now; what was found is kept for the page. Whether some of
    it is late.
    """
    found, today = opened.provisioner.month.look(), opened.provisioner.context.today()
    if not as_json and not [each for each in found.points if each.urgency is not Urgency.GOOD]:
        click.echo("Nothing is to be done this month.")
    for each in found.points:
        if as_json:
            click.echo(json.dumps(_plain_point(each), ensure_ascii=False))
        elif each.urgency is not Urgency.GOOD:
            said = ". ".join(filter(None, [time_left(each, today), found_of(each)]))
            click.echo(f"{URGENCIES[each.urgency]}  {title_of(each)}: {said}\n         -> {remedy_of(each)}")
    return bool(found.of(Urgency.NOW))


def _plain_point(point: Point) -> dict[str, object]:
    return {
        "subject": point.subject.value,
        "about": point.about,
        "urgency": point.urgency.value,
        "due": point.due.isoformat() if point.due else None,
        "facts": point.facts,
        "message": found_of(point),
        "remedy": remedy_of(point),
    }


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
