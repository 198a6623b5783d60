"""``provisioner account``: look at accounts and act as IT does, from the machine itself."""

import json
import sys
from datetime import datetime, timedelta
from typing import BinaryIO

import click

from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.cli.plan_text import plan_text
from provisioner.errors import NotFound
from provisioner.provisioning.console import Console
from provisioner.provisioning.previews import CHANGES, Terms
from provisioner.provisioning.recording import PreviewLine, Verdict
from provisioner.store.long_lists import COUNTED

_AT_REST = ("done", "gone", "left-out")


@click.group("account")
def group() -> None:
    """Operators' accounts: list, show, plan, suspend, reactivate, revoke, reset, import, retry."""


@group.command("list", cls=Command)
@click.option("--text", default="", help="Part of a name, user name or unit.")
@click.option("--state", default=None, help="Only this state.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def show_all(opened: Opened, text: str, state: str | None, page: int, as_json: bool) -> None:
    """List accounts, 25 a page."""
    found = opened.provisioner.accounts.search(Console().actor(), text, state=state, page=page)
    for each in found.rows:
        if as_json:
            click.echo(json.dumps({"username": each.username, "state": each.state, "role": each.role}))
        else:
            click.echo(f"{each.username:24} {each.state:20} {each.display_name}")
    if not as_json:
        click.echo(f"{found.total} in all" if found.total <= COUNTED else f"more than {COUNTED}")


@group.command("show", cls=Command)
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show(opened: Opened, username: str, as_json: bool) -> None:
    """Show one account and what each system holds of it."""
    provisioner = opened.provisioner
    account_id = Console.find_account(provisioner.context, username)
    found = provisioner.accounts.detail(Console().actor(), account_id)
    links = [{"target": each.target, "state": each.word, "reason": each.reason} for each in found.links]
    if as_json:
        click.echo(json.dumps({"username": found.summary.username, "state": found.summary.state, "targets": links}))
        return
    click.echo(f"{found.summary.username}  {found.summary.state}  {found.summary.display_name}")
    for link in links:
        click.echo(f"  {link['target']:20} {link['state']:10} {link['reason']}")


@group.command("plan", cls=Command)
@click.argument("username")
@click.option("--change", type=click.Choice(CHANGES), help="After this change; without it as things stand.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The new last day, with --change extend.")
@click.option("--to", "new_name", default="", help="The new user name, with --change rename.")
@click.option("--role", default="", help="Another role of the catalogue, with --change role.")
@click.option("--region", default="", help="Another region's code, with --change role.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each system.")
@click.pass_obj
def show_plan(
    opened: Opened,
    username: str,
    change: str | None,
    until: datetime | None,
    new_name: str,
    role: str,
    region: str,
    as_json: bool,
) -> None:
    """Show which calls would be made at each system, and make none of them."""
    provisioner = opened.provisioner
    account_id = Console.find_account(provisioner.context, username)
    terms = Terms(until.date() if until is not None else None, new_name, role, region)
    for each in provisioner.previews.of(Console().actor(), account_id, change or "", terms):
        click.echo(plan_text(each, as_json=as_json))


@group.command("suspend", cls=Command)
@click.argument("username")
@click.option("--reason", default="", help="Why, in words.")
@click.pass_obj
def suspend(opened: Opened, username: str, reason: str) -> None:
    """Suspend an account everywhere, at once."""
    provisioner = opened.provisioner
    provisioner.accounts.suspend_now(Console().actor(), Console.find_account(provisioner.context, username), reason)
    click.echo(f"{username} is suspended; the running service carries it to every system.")


@group.command("reactivate", cls=Command)
@click.argument("username")
@click.option("--reason", default="", help="Why, in words.")
@click.pass_obj
def reactivate(opened: Opened, username: str, reason: str) -> None:
    """Let a suspended account be used again."""
    provisioner = opened.provisioner
    account_id = Console.find_account(provisioner.context, username)
    provisioner.accounts.reactivate(Console().actor(), account_id, reason=reason)
    click.echo(f"{username} is active again; the running service carries it to every system.")


@group.command("revoke", cls=Command)
@click.argument("username")
@click.option("--reason", required=True, help="Code of a reason of the office, e.g. transfer.")
@click.option("--note", default="", help="Details.")
@click.pass_obj
def revoke(opened: Opened, username: str, reason: str, note: str) -> None:
    """Take the access away for good."""
    provisioner = opened.provisioner
    provisioner.accounts.revoke(Console().actor(), Console.find_account(provisioner.context, username), reason, note)
    click.echo(f"{username} is revoked; the running service carries it to every system.")


@group.command("reset", cls=Command)
@click.argument("username")
@click.option("--person-check", required=True, help="How the person was checked, in words.")
@click.pass_obj
def reset(opened: Opened, username: str, person_check: str) -> None:
    """Issue a new initial password. The person opens it with their collection code, or a new one."""
    provisioner = opened.provisioner
    account_id = Console.find_account(provisioner.context, username)
    if provisioner.accounts.reset(Console().actor(), account_id, person_check=person_check):
        click.echo(
            "The old collection code is spent: let an official issue a code for a new one on the account's page."
        )
    else:
        click.echo("A new envelope is being made; the person opens it with the collection code they have.")


@group.command("import", cls=Command)
@click.argument("file", type=click.File("rb"))
@click.option("--target", required=True, help="The system that has the accounts, by its name in the settings.")
@click.option(
    "--pact-by", default=None, type=click.DateTime(["%Y-%m-%d"]), help="Last day to sign; without it in 30 days."
)
@click.option("--only-good", is_flag=True, help="Record the good rows although others are wrong.")
@click.option("--dry-run", is_flag=True, help="Only say what would be recorded.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each row, then the counts.")
@click.pass_obj
def import_list(
    opened: Opened, file: BinaryIO, target: str, pact_by: datetime | None, only_good: bool, dry_run: bool, as_json: bool
) -> None:
    """Record accounts that a system has already, from a list (XLSX, CSV or text; - for standard input).

    They are listed and never touched in the system. Ends with 1 when a row cannot be recorded.
    """
    recording, context = opened.provisioner.recording, opened.provisioner.context
    source, actor = file.read(), Console().actor()
    found = recording.preview(actor, target, source)
    for line in found.lines:
        click.echo(json.dumps(_plain_line(line), ensure_ascii=False) if as_json else _told_line(line))
    count = 0
    if not dry_run:
        until = pact_by.date() if pact_by is not None else context.today() + timedelta(days=30)
        count = recording.record(actor, target, source, until, only_good=only_good).count
    counts = ", ".join(f"{name} {number}" for name, number in found.counts.items())
    click.echo(json.dumps({**found.counts, "recorded": count}) if as_json else f"{counts}; recorded {count}")
    if not found.answered or found.of(Verdict.WRONG) or found.of(Verdict.ABSENT):
        sys.exit(EXIT_REFUSED)


def _plain_line(line: PreviewLine) -> dict[str, object]:
    problems = [{"field": each.field, "code": each.code} for each in line.listed.mistakes]
    return {
        "line": line.listed.line,
        "username": line.username,
        "verdict": line.verdict.value,
        "entry": line.entry.value,
        "known_as": line.known_as,
        "problems": problems,
    }


def _told_line(line: PreviewLine) -> str:
    why = line.known_as or ", ".join(f"{each.field} {each.code}" for each in line.listed.mistakes)
    return f"{line.listed.line:5} {line.verdict.value:7} {line.username:24} {why or line.entry.value}"


@group.command("retry", cls=Command)
@click.argument("username")
@click.option("--target", default="", help="Only this system, by its name in the settings, whatever its state.")
@click.pass_obj
def retry(opened: Opened, username: str, target: str) -> None:
    """Try the systems that are not done again at once, without waiting for their turn."""
    provisioner = opened.provisioner
    account_id = Console.find_account(provisioner.context, username)
    links = provisioner.accounts.detail(Console().actor(), account_id).links
    chosen = [each for each in links if (each.target == target if target else each.word not in _AT_REST)]
    if target and not chosen:
        raise NotFound("target-unknown", target=target)
    for each in chosen:
        provisioner.account_systems.retry_now(Console().actor(), each.link_id)
    named = ", ".join(each.target for each in chosen)
    click.echo(
        f"The running service tries again: {named}." if chosen else "Every system is done: nothing to try again."
    )
