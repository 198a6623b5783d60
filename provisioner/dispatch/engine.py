"""Which engine: chosen by the settings, once, where everything is built."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from provisioner.clock import Clock
from provisioner.dispatch.crew import Work
from provisioner.dispatch.embedded import EmbeddedRunner
from provisioner.dispatch.lock_file import LockFile
from provisioner.dispatch.port import Runner
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import ConfigurationError
from provisioner.settings import Settings
from provisioner.store import Store

if TYPE_CHECKING:
    from provisioner.dispatch.hints import DeferredWakeUp


def wake_up(settings: Settings) -> WakeUp:
    """What the use cases tell that there may be work."""
    if settings.dispatch.engine == "embedded":
        return WakeUp()
    # Read only with this engine: the library is large, and one machine does not need it.
    hints = import_module("provisioner.dispatch.hints")
    made: WakeUp = hints.DeferredWakeUp(settings.store_url, settings.dispatch.waiting_hints)
    return made


def refuse_unprepared(settings: Settings, store: Store) -> None:
    """:raises ConfigurationError: the engine's own tables are missing in this database, or older than the program."""
    if settings.dispatch.engine == "embedded":
        return
    missing = import_module("provisioner.dispatch.schema").pending(store, old_processes_may_live=True)
    if missing:
        raise ConfigurationError("dispatch.engine", "its tables are not up to date: run provisioner init")


def runner(settings: Settings, work: Work, wakeup: WakeUp, store: Store, clock: Clock, lock_name: str) -> Runner:
    """What does the work. Starts nothing."""
    if settings.dispatch.engine == "embedded":
        lock = LockFile(settings.path(Path(lock_name)))
        return EmbeddedRunner(work, wakeup, lock, settings.runner, settings.dispatch)
    module = import_module("provisioner.dispatch.many_workers")
    made: Runner = module.ProcrastinateRunner(
        work, cast("DeferredWakeUp", wakeup), store, clock, settings.runner, settings.dispatch
    )
    return made
