"""``provisioner target``: how each system stands, and what IT does about a whole system."""

import json
import sys
from datetime import datetime

import click

from provisioner.cli.check import MARKS
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.connector import Finding, Severity
from provisioner.provisioning.console import Console
from provisioner.provisioning.system_views import SystemView

_FIGURES = ("accounts", "done", "waiting", "asked", "failed", "in_doubt", "at_work")
_LONGEST_CHECK_SECONDS = 600.0


@click.group("target")
def group() -> None:
    """Systems: list, show, check, pause, resume, retry."""


@group.command("list", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each system.")
@click.pass_obj
def show_all(opened: Opened, as_json: bool) -> None:
    """List every system: whether it answers, and how many accounts wait. No system is asked."""
    for view in opened.provisioner.systems.all(Console().actor()):
        click.echo(json.dumps(_plain(view), ensure_ascii=False) if as_json else _line(view))


@group.command("show", cls=Command)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show(opened: Opened, name: str, as_json: bool) -> None:
    """Show one system by its NAME in the settings: its state, its last check, its password rules."""
    view = opened.provisioner.systems.one(Console().actor(), name)
    click.echo(json.dumps(_plain(view), ensure_ascii=False) if as_json else _details(view))


@group.command("check", cls=Command)
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def check(opened: Opened, name: str, as_json: bool) -> None:
    """Ask one system everything now, and keep what it says for the pages. Ends with 1 if anything is an error."""
    systems = opened.provisioner.systems
    if not systems.check(Console().actor(), name, _LONGEST_CHECK_SECONDS):
        click.echo("A check of this system is under way already; here is the last one.", err=True)
    view = systems.one(Console().actor(), name)
    click.echo(json.dumps(_plain(view), ensure_ascii=False) if as_json else _details(view))
    if any(each.severity is Severity.ERROR for each in view.problems):
        sys.exit(EXIT_REFUSED)


@group.command("pause", cls=Command)
@click.argument("name")
@click.option("--reason", default="", help="Why, in words.")
@click.pass_obj
def pause(opened: Opened, name: str, reason: str) -> None:
    """Send nothing to a system until it is resumed, suspensions and revocations included."""
    opened.provisioner.systems.pause(Console().actor(), name, reason)
    click.echo(f"Nothing is sent to {name} any more; what is under way ends first.")


@group.command("resume", cls=Command)
@click.argument("name")
@click.pass_obj
def resume(opened: Opened, name: str) -> None:
    """Send to a paused system again."""
    opened.provisioner.systems.resume(Console().actor(), name)
    click.echo(f"The running service sends to {name} again.")


@group.command("retry", cls=Command)
@click.argument("name")
@click.pass_obj
def retry(opened: Opened, name: str) -> None:
    """Try a system again at once: its rest ends, and what was put off or given up is due."""
    count = opened.provisioner.systems.retry(Console().actor(), name)
    click.echo(f"The running service tries {name} again: {count} account(s) that were put off or given up.")


def _plain(view: SystemView) -> dict[str, object]:
    """For machines. Times are ISO text, spans seconds."""
    check = view.check
    return {
        "target": view.target,
        "label": view.label,
        "kind": view.kind,
        "state": view.state.value,
        "failures": view.failures,
        "failing_since": _iso(view.failing_since),
        "next_try_at": _iso(view.next_try_at),
        "paused_at": _iso(view.paused_at),
        "pause_reason": view.pause_reason,
        **{name: getattr(view, name) for name in _FIGURES},
        "workers": view.workers,
        "limit": view.limit,
        "oldest_waiting_since": _iso(view.oldest_waiting_since),
        "troubles": dict(view.troubles),
        "checked_at": _iso(check.checked_at),
        "findings": [_finding(each) for each in check.findings],
        "rules_at": _iso(check.rules_at),
        "rules": [rules_plain(vars(each)) for each in check.rules],
        "issued_passwords_meet_rules": None if check.rules_at is None else not view.issued_broken,
    }


def rules_plain(values: dict[str, object]) -> dict[str, object]:
    """Rules with their spans in seconds."""
    return {
        name: int(value.total_seconds()) if hasattr(value, "total_seconds") else value for name, value in values.items()
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {**vars(finding), "severity": finding.severity.value}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _line(view: SystemView) -> str:
    figures = ", ".join(f"{name.replace('_', ' ')} {getattr(view, name)}" for name in _FIGURES)
    since = f" since {_iso(view.failing_since or view.paused_at)}" if view.failing_since or view.paused_at else ""
    return f"{view.target:16} {view.kind:16} {view.state.value}{since}\n    {figures}"


def _details(view: SystemView) -> str:
    lines = [_line(view)]
    if view.next_try_at is not None:
        lines.append(f"    tried next at {_iso(view.next_try_at)}")
    lines += [f"    {count} account(s): {error}" for error, count in view.troubles]
    check = view.check
    lines.append(f"checked at {_iso(check.checked_at) or '-'}")
    for each in check.findings:
        remedy = f"\n         -> {each.remedy}" if each.remedy else ""
        lines.append(f"{MARKS[each.severity]}  {each.subject}: {each.message}{remedy}")
    if check.rules_at is not None:
        met = "no" if view.issued_broken else "yes"
        lines.append(f"initial passwords meet its rules (as of {_iso(check.rules_at)}): {met}")
    return "\n".join(lines)
