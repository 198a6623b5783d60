"""A port of their own for ``/healthz``, ``/readyz`` and ``/metrics``: for processes without pages, and for whoever
scrapes them and is not to reach the pages.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from cheroot.wsgi import Server

from provisioner.errors import ConfigurationError
from provisioner.observation.probes import Probes
from provisioner.settings import MetricsSettings

_log = logging.getLogger(__name__)

_THREADS = 2
_PATIENCE_SECONDS = 5
_LONGEST_HEADERS = 8 << 10


class _Server(Server):
    max_request_header_size = _LONGEST_HEADERS
    max_request_body_size = 1

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:  # noqa: ARG002
        """Into our own log. No traceback: it could hold what a caller sent."""
        _log.log(level, "%s", msg)


@contextmanager
def probe_port(probes: Probes, settings: MetricsSettings) -> Iterator[int | None]:
    """Answer at ``metrics.port`` while the block runs; gives the port, None where the settings want none. At its end
    the process is not ready any more.

    :raises ConfigurationError: the address cannot be listened at.
    """
    if settings.port is None:
        yield None
        return
    server = _Server(
        (settings.host, settings.port), probes, numthreads=_THREADS, max=_THREADS, timeout=_PATIENCE_SECONDS
    )
    server.shutdown_timeout = _PATIENCE_SECONDS
    try:
        server.prepare()
    except OSError as error:
        reason = f"cannot listen at {settings.host} port {settings.port}: {error}"
        raise ConfigurationError("metrics.port", reason) from error
    port = int(server.bind_addr[1])
    _log.info("probes are answered", extra={"facts": {"address": f"{settings.host}:{port}"}})
    thread = Thread(target=server.serve, name="probes", daemon=True)
    thread.start()
    try:
        yield port
    finally:
        probes.stop()
        server.stop()
        thread.join(_PATIENCE_SECONDS)
