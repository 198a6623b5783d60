"""What lives in the worker process of ``provisioner serve``: the service, its pages and its runner."""

from importlib import import_module
from typing import Any

from provisioner.bootstrap import build
from provisioner.settings import Settings

WEB_APP = "web.wsgi:create"
"""The web front as an import string: the core imports nothing of it."""


class Worker:
    """Builds everything; :meth:`start` starts the runner.

    :raises ConfigurationError: see :func:`build`.
    """

    def __init__(self, settings: Settings, *, demo: bool) -> None:
        if demo:
            # Only here, because preparing needs what nothing needs later (the migrations' library, for one).
            import_module("provisioner.cli.demo").open_office(settings)
        self._provisioner = build(settings)
        module, name = WEB_APP.split(":")
        self.application: Any = getattr(import_module(module), name)(self._provisioner, demo=demo)

    def start(self) -> None:
        """:raises WrongState: ``runner-already-running``."""
        self._provisioner.heart.runner.start()

    def stop(self) -> None:
        """Let the runner finish what it is doing, and give back every connection."""
        self._provisioner.heart.runner.stop()
        self._provisioner.close()
