"""What ``provisioner work`` runs: the core and its runner."""

from provisioner.bootstrap import build
from provisioner.cli.log_lines import write_log
from provisioner.dispatch.engine import refuse_unprepared
from provisioner.observation.probes import Probes
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.provisioning.presence import Presence
from provisioner.provisioning.service_record import ServiceRecord
from provisioner.settings import Settings


class Worker:
    """Builds everything; :meth:`start` starts the work.

    :raises ConfigurationError: see :func:`build`; the engine's tables are missing or older than the program.
    """

    def __init__(self, settings: Settings) -> None:
        write_log(settings.log)
        self._provisioner = build(settings, observer=PrometheusObserver())
        refuse_unprepared(settings, self._provisioner.context.store)
        self._record = ServiceRecord(self._provisioner.context)
        self._presence = Presence(self._provisioner.context.store, "work", settings.dispatch.engine)

    @property
    def probes(self) -> Probes:
        """What the process shows of itself."""
        return self._provisioner.probes

    def start(self) -> None:
        """Begin to work. :raises ConfigurationError: the schema is another since."""
        self._presence.start()
        self._record.started(self._provisioner.settings.dispatch.engine)
        self._provisioner.heart.runner.start()

    def stop(self) -> bool:
        """Finish what is in hand, hand back the rest, and give back every connection. False: not all was finished."""
        try:
            ended = self._provisioner.heart.runner.stop()
            self._record.stopped()
            self._presence.stop()
        finally:
            self._provisioner.close()
        return ended
