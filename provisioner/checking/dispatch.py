"""With the engine for many machines: are its tables as they must be, and does anybody work?"""

from collections.abc import Iterator
from importlib import import_module

from provisioner.checking.checked import Checked, guarded
from provisioner.connector import Finding, Severity
from provisioner.provisioning.context import Context
from provisioner.provisioning.processes import Processes


def check_dispatch(context: Context) -> Iterator[Checked]:
    """Every finding about it; with the engine ``embedded`` there is nothing to find."""
    if context.settings.dispatch.engine == "procrastinate":
        yield guarded("dispatch", "engine", lambda: _engine(context))
        yield guarded("dispatch", "workers", lambda: _workers(context))


def _engine(context: Context) -> Finding:
    schema = import_module("provisioner.dispatch.schema")
    store = context.store
    if schema.pending(store, old_processes_may_live=True):
        return Finding("engine", Severity.ERROR, "its tables are older than the program", "run provisioner init")
    if schema.pending(store):
        remedy = "stop every process of the older release, then run provisioner init once more"
        return Finding("engine", Severity.WARNING, "its tables still hold what an older release uses", remedy)
    return Finding("engine", Severity.OK, "its tables are up to date")


def _workers(context: Context) -> Finding:
    alive = sum(each.kind == "work" for each in Processes(context.store).living())
    if not alive:
        message = "no worker has shown a sign of life lately: what is decided is not carried out"
        return Finding("workers", Severity.ERROR, message, "start provisioner work, on any machine")
    return Finding("workers", Severity.OK, f"{alive} at work")
