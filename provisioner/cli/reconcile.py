"""``provisioner reconcile``: compare everything a system holds with what the office has decided."""

import json
import sys
from typing import IO

import click
from rich.console import Console as Screen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from provisioner.actor import Actor
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.errors import WrongState
from provisioner.provisioning.console import Console
from provisioner.provisioning.reconciliation_views import FindingLine, RunSummary
from provisioner.provisioning.reconciliations import Reconciliations
from provisioner.user_list import ListRefused

EXIT_FOUND = EXIT_REFUSED
"""Something differs, is missing, or stands for no account."""
EXIT_UNREADABLE = 2
"""The system could not be read to its end, or only people can look there."""

_WHY_FULL = {
    "no-cursor": "there was no full reading that the changes could follow, or this kind of system cannot tell them",
    "cursor": "the system cannot tell any more what changed since the last reading",
    "memberships": "somebody else has changed groups, and the system does not tell whose memberships changed",
    "unsupported": "this system cannot tell what changed",
}
_COUNTS = ("in_order", "pending", "drift", "missing", "orphan", "unmanaged", "recorded")


@click.command("reconcile", cls=Command)
@click.option("--target", help="The system, by its name in the settings.")
@click.option("--pacts", is_flag=True, help="Instead of a system: compare every account with its pact.")
@click.option(
    "--repair/--dry-run",
    default=False,
    show_default="--dry-run",
    help="Order what differs and what is missing to be repaired as it is found. Nothing else is ever touched.",
)
@click.option(
    "--changes/--full",
    default=False,
    show_default="--full",
    help="Read only what the system says has changed since it was last read; where it cannot tell, everything.",
)
@click.option(
    "--list",
    "users",
    type=click.File("rb"),
    help="The list of users (CSV, XLSX or a name a line) of a system that only people operate; - for standard input.",
)
@click.option("--only-active", is_flag=True, help="That list names only accounts in use.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each finding listed, then the run's.")
@click.pass_obj
def command(
    opened: Opened,
    target: str | None,
    pacts: bool,
    repair: bool,
    changes: bool,
    users: IO[bytes] | None,
    only_active: bool,
    as_json: bool,
) -> None:
    """Read a system and compare it with what was decided.

    Ends with 0 when nothing was found, 1 when something differs, is missing or stands for no account, 2 when the system
    could not be read.
    """
    actor, reconciliations = Console().actor(), opened.provisioner.reconciliations
    if pacts:
        _compare_pacts(opened, actor, as_json)
        return
    if target is None:
        raise click.UsageError("name a system with --target, or ask for --pacts")
    try:
        if users is not None:
            run = reconciliations.compare(actor, target, users.read(), only_enabled=only_active, repairs=repair)
        else:
            run = _run(reconciliations, actor, target, repair, changes)
    except ListRefused as refused:
        for each in refused.problems:
            click.echo(f"line {each.line}: {each.column} {each.code}", err=True)
        raise
    except WrongState as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_UNREADABLE)
    for line in reconciliations.every_finding(actor, run.id):
        click.echo(json.dumps(_plain(line), ensure_ascii=False) if as_json else _told(line))
    click.echo(json.dumps(_counts(run)) if as_json else _summary(run, repair))
    if run.state != "finished":
        sys.exit(EXIT_UNREADABLE)
    if run.found_anything:
        sys.exit(EXIT_FOUND)


def _compare_pacts(opened: Opened, actor: Actor, as_json: bool) -> None:
    checks = opened.provisioner.pact_checks
    done = checks.run()
    for each in checks.findings(actor):
        line = {"kind": "pact", "reason": each.reason.value, "username": each.username, "account": each.account_id}
        click.echo(json.dumps(line) if as_json else f"{'pact':10} {each.username} ({each.reason.value})")
    counts = {"examined": done.examined, "found": done.found}
    told = f"{done.examined} accounts compared with their pacts, {done.found} without one that holds"
    click.echo(json.dumps(counts) if as_json else told)
    if done.found:
        sys.exit(EXIT_FOUND)


def _run(reconciliations: Reconciliations, actor: Actor, target: str, repair: bool, changes: bool) -> RunSummary:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Screen(stderr=True), transient=True) as bar:
        task = bar.add_task(target, total=None)

        def told(read: int, expected: int) -> None:
            bar.update(task, completed=read, total=max(read, expected))

        return reconciliations.run(actor, target, repairs=repair, only_changes=changes, progress=told)


def _plain(line: FindingLine) -> dict[str, object]:
    return {
        "kind": line.kind,
        "reason": line.reason,
        "username": line.username,
        "account": line.account_id,
        "new": line.is_new,
        "ordered": line.ordered,
        "differences": [{"field": each.name, "should": each.should, "found": each.found} for each in line.differences],
    }


def _told(line: FindingLine) -> str:
    reason = f" ({line.reason})" if line.reason else ""
    ordered = "  repair ordered" if line.ordered else ""
    head = f"{line.kind:10} {line.username}{reason}{ordered}"
    told = (f"             {each.name}: should be {each.should!r}, is {each.found!r}" for each in line.differences)
    return "\n".join([head, *told])


def _counts(run: RunSummary) -> dict[str, object]:
    counts = {name: getattr(run, name) for name in _COUNTS}
    took = (run.ended_at - run.started_at).total_seconds() if run.ended_at and run.started_at else None
    how = {"only_changes": run.only_changes, "why_full": run.why_full, "seconds": took}
    return {
        "run": run.id,
        "target": run.target,
        "state": run.state,
        "error": run.error,
        "read": run.read,
        **how,
        **counts,
    }


def _summary(run: RunSummary, repair: bool) -> str:
    counts = ", ".join(f"{name.replace('_', ' ')} {getattr(run, name)}" for name in _COUNTS)
    if run.state != "finished":
        return f"{run.target} could not be read to its end ({run.error}: {run.error_message}). Until then: {counts}"
    carried = " The running service repairs what was ordered." if repair and (run.drift or run.missing) else ""
    return f"{run.target}: {_how(run)}{counts}.{carried}"


def _how(run: RunSummary) -> str:
    if run.only_changes:
        return f"{run.read} changes read; now "
    return f"read in full, because {_WHY_FULL.get(run.why_full, run.why_full)}: " if run.why_full else ""
