"""``provisioner serve``: the pages and the runner in one process.

The process that is started is only gunicorn's arbiter, which watches over the other one. It imports as little as it
can, because what it holds is held for as long as the service runs.
"""

import gc
import logging
import os
import socket
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from provisioner.cli.allocator import keep_small
from provisioner.cli.opened import Command, Opened
from provisioner.dispatch.lock_file import RUNNER_LOCK, LockFile
from provisioner.errors import ConfigurationError, ProvisionerError
from provisioner.settings import Settings

if TYPE_CHECKING:
    from provisioner.cli.worker import Worker

_BACKLOG = 512


@click.command("serve", cls=Command)
@click.option("--demo", is_flag=True, help="Prepare a demonstration office and print its people and first passwords.")
@click.pass_obj
def command(opened: Opened, demo: bool) -> None:
    """Serve the pages and run the runner, until stopped (Ctrl-C or SIGTERM)."""
    settings = opened.settings
    listener = _listener(settings)
    LockFile(settings.path(RUNNER_LOCK)).refuse_if_held()
    if not demo:
        _refuse_unprepared(settings)
    keep_small()
    web = settings.web.model_copy(update={"port": listener.getsockname()[1]})
    Server(settings.model_copy(update={"web": web}), listener, demo=demo).run()


class Server(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads; the runner lives in it and ends with it."""

    def __init__(self, settings: Settings, listener: socket.socket, *, demo: bool) -> None:
        self._settings = settings
        self._listener = listener
        self._demo = demo
        self._working: Worker | None = None
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        options: Mapping[str, Any] = {
            "bind": f"fd://{self._listener.detach()}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.web.threads,
            "timeout": 120,
            "graceful_timeout": 30,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108  A heartbeat, no data.
            "limit_request_line": 8190,
            "accesslog": None,
            # What the arbiter has to say of a worker that refused to start adds nothing to the worker's own sentence.
            "loglevel": "critical",
            "post_fork": lambda _arbiter, worker: worker.log.error_log.setLevel(logging.WARNING),
            "proc_name": "provisioner",
            "post_worker_init": self._start,
            "worker_exit": self._stop,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Import and build the service in the worker, after the fork: threads and connections do not survive one."""
        gc.disable()  # Importing makes many objects and no garbage; looking for some takes a fifth of the time.
        try:
            self._working = import_module("provisioner.cli.worker").Worker(self._settings, demo=self._demo)
        except ProvisionerError as error:
            _refuse(error)
        finally:
            gc.enable()
        return self._working.application

    def _start(self, worker: Any) -> None:
        assert self._working is not None  # noqa: S101  gunicorn loads before it starts.
        try:
            self._working.start()
        except ProvisionerError as error:
            _refuse(error)
        took = _age(worker.ppid)
        for listener in worker.sockets:
            host, port = listener.getsockname()[:2]
            click.echo(f"Ready after {took:.1f} s: http://{host}:{port}/")
        click.echo("Stop it with Ctrl-C.")

    def _stop(self, _arbiter: Any, _worker: Any) -> None:
        if self._working is not None:
            self._working.stop()


def _listener(settings: Settings) -> socket.socket:
    """:raises ConfigurationError: the address cannot be listened at: another program does, say."""
    host, port = settings.web.host, settings.web.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((str(address[0]), port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # create_server adds the address to its text once more; a name that is not known has no number of the system's.
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise ConfigurationError("web.port", f"cannot listen at {host} port {port}: {reason}") from error


def _refuse_unprepared(settings: Settings) -> None:
    if settings.keys.env is None and not settings.path(settings.keys.file).exists():
        raise ConfigurationError(str(settings.data_dir), "the office has not been prepared: run provisioner init")


def _refuse(error: ProvisionerError) -> NoReturn:
    """End the worker with a sentence; with this code gunicorn does not try again, and ends with it."""
    click.echo(f"Error: {error}", err=True)
    sys.exit(Arbiter.WORKER_BOOT_ERROR)


def _age(pid: int) -> float:
    """Seconds since a process was started (proc(5))."""
    started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
