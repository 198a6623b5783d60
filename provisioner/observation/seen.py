"""Everything that a process shows of itself, put together once."""

from provisioner.observation.census import Census
from provisioner.observation.probes import Exposition, Probes
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.observation.ready import ReadyCheck
from provisioner.provisioning.context import Context
from provisioner.worktime import WorkTime


def probes_of(context: Context) -> Probes:
    """``/healthz``, ``/readyz`` and ``/metrics`` of a process over this context. Its counters are those of the observer
    that the context was built with.
    """
    observer = context.observer if isinstance(context.observer, PrometheusObserver) else PrometheusObserver()
    observer.shows(Census(context, WorkTime(context.office.calendar, context.office.zone)).take)
    metrics: Exposition = observer.exposition
    return Probes(ReadyCheck(context), metrics, context.settings.metrics, context.settings.web.trusted_proxies)
