"""What ``provisioner serve`` runs: the core, its pages and, with the engine ``embedded``, its runner."""

from importlib import import_module
from threading import Thread
from typing import Any

from provisioner import signing
from provisioner.bootstrap import build
from provisioner.cli.log_lines import write_log
from provisioner.dispatch.engine import refuse_unprepared
from provisioner.national_holidays import load_calendar
from provisioner.observation.probes import Probes
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.provisioning.presence import Presence
from provisioner.provisioning.service_record import ServiceRecord
from provisioner.settings import Settings

WEB_APP = "web.wsgi:create"
"""The web front as an import string: the core imports nothing of it."""


class Service:
    """Builds everything; :meth:`start` starts the runner, where this process has one.

    :raises ConfigurationError: see :func:`build`.
    """

    def __init__(self, settings: Settings, *, demo: bool) -> None:
        write_log(settings.log)
        if demo:
            # Only here, because preparing needs what nothing needs later (the migrations' library, for one).
            import_module("provisioner.cli.demo").open_office(settings)
        self._provisioner = build(settings, observer=PrometheusObserver())
        refuse_unprepared(settings, self._provisioner.context.store)
        self._engine = settings.dispatch.engine
        self._record = ServiceRecord(self._provisioner.context)
        self._presence = Presence(self._provisioner.context.store, "serve", self._engine)
        module, name = WEB_APP.split(":")
        self.application: Any = getattr(import_module(module), name)(self._provisioner, demo=demo)

    @property
    def probes(self) -> Probes:
        """What the process shows of itself."""
        return self._provisioner.probes

    def start(self) -> None:
        """:raises WrongState: ``runner-already-running``. :raises ConfigurationError: the schema is another since."""
        self._presence.start()
        if self._engine == "embedded":
            self._provisioner.heart.runner.start()
        self._record.started(self._engine)
        Thread(target=self._load_the_rest, name="loading", daemon=True).start()

    def stop(self) -> None:
        """Let the runner finish what it is doing, and give back every connection."""
        try:
            if self._engine == "embedded":
                self._provisioner.heart.runner.stop()
            self._record.stopped()
            self._presence.stop()
        finally:
            self._provisioner.close()

    def _load_the_rest(self) -> None:
        """What the first paper, the first pact and the first page with minutes on it would otherwise wait for."""
        signing.load_all()
        load_calendar()
        self._provisioner.letters.wrong()  # Letters that changed while the service was down are tried before use.
