"""``provisioner serve``: the pages and the runner in one process."""

import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from gunicorn.app.base import BaseApplication

from provisioner.bootstrap import build
from provisioner.cli.demo import DemoOffice
from provisioner.cli.opened import Command, Opened
from provisioner.errors import ConfigurationError, WrongState
from provisioner.preparation import prepare
from provisioner.settings import Settings

WEB_APP = "web.wsgi:create"
"""The web front as an import string: the core imports nothing of it."""


@click.command("serve", cls=Command)
@click.option("--demo", is_flag=True, help="Prepare a demonstration office and print its people and first passwords.")
@click.pass_obj
def command(opened: Opened, demo: bool) -> None:
    """Serve the pages and run the runner, until stopped (Ctrl-C or SIGTERM)."""
    settings = opened.settings
    if demo:
        prepare(settings)
        DemoOffice(settings).open()
    _refuse_unprepared(settings)
    Server(settings, demo=demo).run()


class Server(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads; the runner lives in it and ends with it."""

    def __init__(self, settings: Settings, *, demo: bool) -> None:
        self._settings = settings
        self._demo = demo
        self._started = time.monotonic()
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings to gunicorn."""
        web = self._settings.web
        host = f"[{web.host}]" if ":" in web.host else web.host
        options: Mapping[str, Any] = {
            "bind": f"{host}:{web.port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": web.threads,
            "timeout": 120,
            "graceful_timeout": 30,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108  A heartbeat, no data.
            "limit_request_line": 8190,
            "accesslog": None,
            "loglevel": "warning",
            "proc_name": "provisioner",
            "post_worker_init": self._start_runner,
            "worker_exit": self._stop_runner,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the service in the worker, after the fork: threads and connections do not survive one."""
        self._provisioner = build(self._settings)
        module, name = WEB_APP.split(":")
        return getattr(import_module(module), name)(self._provisioner, demo=self._demo)

    def _start_runner(self, worker: Any) -> None:
        self._runner = self._provisioner.heart.runner
        try:
            self._runner.start()
        except WrongState as error:
            raise ConfigurationError(str(self._settings.data_dir), f"another runner works here: {error}") from error
        took = time.monotonic() - self._started
        for listener in worker.sockets:
            host, port = listener.getsockname()[:2]
            click.echo(f"Ready after {took:.1f} s: http://{host}:{port}/")
        click.echo("Stop it with Ctrl-C.")

    def _stop_runner(self, _arbiter: Any, _worker: Any) -> None:
        if hasattr(self, "_runner"):
            self._runner.stop()
            self._provisioner.close()


def _refuse_unprepared(settings: Settings) -> None:
    """Fail here, with a sentence, rather than in the worker: gunicorn would only say that it did not boot."""
    build(settings).close()
