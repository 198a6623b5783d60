"""``provisioner card``: what people were asked to do at systems only they operate, and have not done."""

import json

import click

from provisioner.cli.opened import Command, Opened
from provisioner.provisioning.card_views import Card, SystemCards
from provisioner.provisioning.console import Console


@click.group("card")
def group() -> None:
    """Cards of systems that only people operate: list. Confirming them is for the pages."""


@group.command("list", cls=Command)
@click.option("--target", default=None, help="Only this system, by its name in the settings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def show_all(opened: Opened, target: str | None, as_json: bool) -> None:
    """List everything that is asked and not done, by system, the most urgent first."""
    for system in opened.provisioner.cards.undone(Console().actor(), target):
        if as_json:
            for card in system.cards:
                click.echo(json.dumps(_plain(card)))
        else:
            click.echo(_told(system))


def _plain(card: Card) -> dict[str, object]:
    return {
        "card": card.id,
        "target": card.target,
        "task": card.action,
        "username": card.username_there or card.username,
        "asked_at": card.asked_at.isoformat(),
        "due_at": card.due_at.isoformat(),
        "urgent": card.urgent,
        "overdue": card.overdue,
    }


def _told(system: SystemCards) -> str:
    head = f"{system.target}: {len(system.cards)} undone, {system.urgent} urgent, {system.overdue} overdue"
    return "\n".join([head, *(f"  {_line(card)}" for card in system.cards)])


def _line(card: Card) -> str:
    mark = "OVERDUE" if card.overdue else "urgent" if card.urgent else ""
    due = card.due_at.isoformat(timespec="minutes")
    return f"{card.action:8} {card.username_there or card.username:24} due {due}  {mark}".rstrip()
