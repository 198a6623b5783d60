"""What was observed, for Prometheus: counters and histograms of this process, and the census when it is asked for.

Every figure has a registry of this object's own; nothing is kept in the library's global one.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from provisioner.observation.counted_events import COUNTERS
from provisioner.observation.figure import Figure
from provisioner.release import release

_CALL_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
_CONVERGENCE_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)
_HASH_SECONDS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0)
_PAGE_SECONDS = (0.01, 0.05, 0.1, 0.2, 0.5, 2.0, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class PrometheusObserver:
    """Counts for one process. See :class:`~provisioner.observation.observer.Observer`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        Info("provisioner_build", "Release of the program.", registry=self._registry).info({"release": release()})
        self._events: dict[str, Counter] = {}
        for counted in COUNTERS:
            counter = self._counter(counted.name, counted.text, counted.labels)
            for kind, values in counted.kinds.items():  # From zero on, so that the first is seen as an increase.
                self._events[kind] = counter.labels(*values) if values else counter
        self._calls = self._histogram(
            "provisioner_target_call_seconds", "Calls to systems.", ("target", "call"), _CALL_SECONDS
        )
        self._call_errors = self._counter(
            "provisioner_target_call_errors", "Calls to systems that failed, by the meaning.", ("target", "error")
        )
        self._failures = self._counter(
            "provisioner_convergence_failures", "Runs over an account that failed, by the meaning.", ("target", "error")
        )
        self._convergence = self._histogram(
            "provisioner_convergence_seconds",
            "From a decision until a system holds what was decided.",
            ("target",),
            _CONVERGENCE_SECONDS,
        )
        self._hashes = self._histogram("provisioner_password_hash_seconds", "Hashing a password.", (), _HASH_SECONDS)
        self._pages = self._histogram(
            "provisioner_http_request_seconds", "Pages answered.", ("route", "method"), _PAGE_SECONDS
        )
        self._answers = self._counter(
            "provisioner_http_requests", "Pages answered, by status.", ("route", "method", "status")
        )

    def shows(self, census: Callable[[], Iterable[Figure]]) -> None:
        """Show figures as they stand whenever metrics are read."""
        self._registry.register(_Gauges(census))

    def exposition(self) -> tuple[str, bytes]:
        """Content type and text."""
        return CONTENT_TYPE_LATEST, generate_latest(self._registry)

    def happened(self, kind: str) -> None:
        """See :class:`Observer`."""
        if kind in self._events:
            self._events[kind].inc()

    def called(self, target: str, call: str, seconds: float, error: str | None) -> None:
        """See :class:`Observer`."""
        self._calls.labels(target, call).observe(seconds)
        if error is not None:
            self._call_errors.labels(target, error).inc()

    def converged(self, target: str, seconds: float) -> None:
        """See :class:`Observer`."""
        self._convergence.labels(target).observe(seconds)

    def failed(self, target: str, meaning: str) -> None:
        """See :class:`Observer`."""
        self._failures.labels(target, meaning).inc()

    def hashed(self, seconds: float) -> None:
        """See :class:`Observer`."""
        self._hashes.observe(seconds)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """See :class:`Observer`."""
        known = method if method in _METHODS else "other"  # Clients may invent methods.
        self._pages.labels(route, known).observe(seconds)
        self._answers.labels(route, known, str(status)).inc()

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, labels, registry=self._registry, buckets=buckets)


class _Gauges(Collector):
    def __init__(self, census: Callable[[], Iterable[Figure]]) -> None:
        self._census = census

    def describe(self) -> Iterable[Metric]:
        """Nothing is counted just because it is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The census, in the library's terms."""
        for figure in self._census():
            names = [name for name, _ in next(iter(figure.values), ())]
            family = GaugeMetricFamily(figure.name, figure.text, labels=names)
            for labels, value in figure.values.items():
                family.add_metric([each for _, each in labels], value)
            yield family
