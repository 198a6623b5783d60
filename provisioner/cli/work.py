"""``provisioner work``: one of any number of processes that carry out what the office decides, without pages."""

import signal
from importlib import import_module
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

import click

from provisioner.cli.allocator import keep_small
from provisioner.cli.collector import at_rest_while_loading
from provisioner.cli.opened import EXIT_REFUSED, Command, Opened
from provisioner.cli.probe_port import probe_port
from provisioner.cli.serve import refuse_unprepared, seconds_since_start
from provisioner.cli.supervisor import tell
from provisioner.errors import ConfigurationError
from provisioner.settings import MetricsSettings, Settings

if TYPE_CHECKING:
    from provisioner.cli.worker import Worker

_ENDING = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS = 1.0


@click.command("work", cls=Command)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Carry out what the office decides, beside any number of others, until stopped (Ctrl-C or SIGTERM).

    Needs the engine "procrastinate". Told to stop it finishes what it has in hand and hands back the rest; told again,
    it ends at once, and others take over what it had when its leases are over. Ends with 1 if something was not
    finished in time.
    """
    settings = ctx.ensure_object(Opened).settings
    if settings.dispatch.engine == "embedded":
        reason = 'with the engine "embedded", provisioner serve does this work'
        raise ConfigurationError("dispatch.engine", reason)
    refuse_unprepared(settings)
    keep_small()
    if not _until_told(_built(settings), settings.metrics):
        ctx.exit(EXIT_REFUSED)


def _built(settings: Settings) -> "Worker":
    with at_rest_while_loading():
        built: Worker = import_module("provisioner.cli.worker").Worker(settings)
    return built


def _until_told(worker: "Worker", metrics: MetricsSettings) -> bool:
    """Whether everything that was in hand at the end was finished."""
    told = Event()

    def hear(_number: int, _frame: FrameType | None) -> None:
        told.set()
        for number in _ENDING:  # Once more ends it at once; what was in hand is taken over when its lease is over.
            signal.signal(number, signal.SIG_DFL)

    for number in _ENDING:
        signal.signal(number, hear)
    worker.start()
    with probe_port(worker.probes, metrics):
        click.echo(f"Working after {seconds_since_start():.1f} s. Stop it with Ctrl-C.")
        tell("READY=1")
        # The system may hand a signal to any thread (to another than this one after a standstill, say), but Python acts
        # on it in this one, the next time it does anything.
        while not told.wait(_LOOK_SECONDS):
            pass
        tell("STOPPING=1")
    click.echo("Finishing what is in hand. Once more to end at once.")
    return worker.stop()
