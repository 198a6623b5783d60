"""What ``provisioner check`` says of the schema and of the program's own processes, before anything else is asked."""

from collections.abc import Iterator
from importlib import import_module

from provisioner.checking.checked import Checked
from provisioner.connector import Finding, Severity
from provisioner.provisioning.context import Context
from provisioner.provisioning.processes import Processes
from provisioner.release import release
from provisioner.store.schema import SchemaState, fits, schema_state

_MIGRATIONS = "provisioner.rolling"
"""Loads the migrations' library, which nothing else needs: only when somebody checks."""


def check_schema(context: Context) -> Iterator[Checked]:
    """Every finding about the schema (``store``) and the processes (``processes``)."""
    state = schema_state(context.store.engine)
    for finding in _FINDINGS[state](context):
        yield Checked("store", finding)
    if fits(context.store.engine):
        for finding in _processes(context):
            yield Checked("processes", finding)


def _empty(_context: Context) -> Iterator[Finding]:
    yield Finding("schema", Severity.ERROR, "the database has not been prepared", "run provisioner init")


def _older(context: Context) -> Iterator[Finding]:
    """The announcement: made by the new program, while the old one still works."""
    upgrade = import_module(_MIGRATIONS).upgrade_to_come(context.settings, context.store)
    count = len(upgrade.steps)
    yield Finding(
        "schema",
        Severity.ERROR,
        f"older than the program by {count} change(s); nothing else can be checked before",
        "run provisioner init, then replace the processes one after another"
        if not upgrade.breaking
        else "stop every process of the release before, run provisioner init, then start this release",
    )
    for each in upgrade.steps:
        how = "old processes may go on" if each.beside_old else "NOT beside old processes"
        severity = Severity.OK if each.beside_old else Severity.WARNING
        yield Finding("schema-change", severity, f"{each.revision} {each.title}: {how}")
    for name in upgrade.in_the_way:
        yield Finding("schema-change", Severity.ERROR, f"still runs: {name}", "stop it before provisioner init")


def _current(_context: Context) -> Iterator[Finding]:
    yield Finding("schema", Severity.OK, "up to date")


def _newer(_context: Context) -> Iterator[Finding]:
    yield Finding(
        "schema",
        Severity.WARNING,
        "a later release has prepared the database; this one still works with it",
        "replace this program by that release",
    )


def _beyond(_context: Context) -> Iterator[Finding]:
    yield Finding(
        "schema",
        Severity.ERROR,
        "a later release changed the database so that this program cannot use it",
        "replace this program by that release",
    )


def _processes(context: Context) -> Iterator[Finding]:
    everybody, mine = Processes(context.store).all(), release()
    living = [each for each in everybody if not each.missed]
    for each in everybody:
        if each.missed:
            yield Finding(
                "unseen",
                Severity.WARNING,
                f"{each.name} was last seen at {each.seen_at:%Y-%m-%d %H:%M:%S} UTC and did not say that it ended",
                "see whether it runs and reaches the database; it is forgotten a day after",
            )
        elif each.release != mine:
            yield Finding(
                "release",
                Severity.WARNING,
                f"{each.name} is of release {each.release}, this program of {mine}",
                "replace it, so that all are of one release",
            )
    yield Finding("living", Severity.OK, "; ".join(each.name for each in living) or "no process runs")


_FINDINGS = {
    SchemaState.EMPTY: _empty,
    SchemaState.OLDER: _older,
    SchemaState.CURRENT: _current,
    SchemaState.NEWER: _newer,
    SchemaState.BEYOND: _beyond,
}
