"""``provisioner request``: look at requests from the machine itself. Deciding is for the desks."""

import json

import click

from provisioner.cli.opened import Command, Opened
from provisioner.cli.plan_text import plan_text
from provisioner.provisioning.console import Console


@click.group("request")
def group() -> None:
    """Requests: list, show, plan. Deciding on them is for the desks."""


@group.command("list", cls=Command)
@click.option("--state", default="", help="Only this state, or 'open'.")
@click.option("--text", default="", help="Part of a name, number, unit or user name.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def show_all(opened: Opened, state: str, text: str, page: int, as_json: bool) -> None:
    """List requests that were sent, newest first, 25 a page."""
    lines, total = opened.provisioner.request_search.find(Console().actor(), text=text, state=state, page=page)
    for each in lines:
        if as_json:
            click.echo(json.dumps({"number": each.number, "id": each.id, "state": each.state, "step": each.step}))
        else:
            click.echo(f"{each.number:26} step {each.step}  {each.state:16} {each.applicant}")
    if not as_json:
        click.echo(f"{total} in all")


@group.command("show", cls=Command)
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show(opened: Opened, number: str, as_json: bool) -> None:
    """Show one request by its NUMBER or id: its steps, desks and minutes."""
    provisioner = opened.provisioner
    found = provisioner.reading.request(Console().actor(), Console.find_request(provisioner.context, number))
    steps = [
        {
            "step": step.number,
            "state": step.state.value,
            "actor": step.actor,
            "minutes": step.used,
            "standard": step.standard,
        }
        for step in found.steps
    ]
    if as_json:
        line = {"number": found.line.number, "id": found.line.id, "state": found.line.state, "steps": steps}
        click.echo(json.dumps(line))
        return
    click.echo(f"{found.line.number}  {found.line.state}  {found.line.applicant}")
    for step in steps:
        used = "-" if step["minutes"] is None else step["minutes"]
        click.echo(f"  {step['step']}. {step['state']:8} {step['actor']:16} {used} / {step['standard']} minutes")


@group.command("plan", cls=Command)
@click.argument("number")
@click.option("--username", default="", help="Were this user name chosen; without it the one that would be offered.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each system.")
@click.pass_obj
def show_plan(opened: Opened, number: str, username: str, as_json: bool) -> None:
    """Show which calls would be made at each system, were the request approved now; make none of them."""
    provisioner = opened.provisioner
    request_id = Console.find_request(provisioner.context, number)
    name, previews = provisioner.request_previews.of(Console().actor(), request_id, username)
    if not as_json:
        click.echo(f"{number} as {name}")
    for each in previews:
        click.echo(plan_text(each, as_json=as_json))
