"""A port of their own for ``/healthz``, ``/readyz`` and ``/metrics``: for processes without pages, and for whoever
scrapes them and is not to reach the pages.
"""

import logging
import socket
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
    """Answers at a socket that is open already."""

    max_request_header_size = _LONGEST_HEADERS
    max_request_body_size = 1

    def __init__(self, probes: Probes, listener: socket.socket) -> None:
        self._listener = listener
        super().__init__(
            listener.getsockname()[:2],
            probes,
            numthreads=_THREADS,
            max=_THREADS,
            timeout=_PATIENCE_SECONDS,
            shutdown_timeout=_PATIENCE_SECONDS,
        )

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002, ARG002  The library's names.
        """The socket that is open already."""
        self.socket = self._listener
        return self._listener

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
    server = _Server(probes, _listener(settings.host, settings.port))
    server.prepare()
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


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = f"cannot listen at {host} port {port}: {error.strerror}"
        raise ConfigurationError("metrics.port", reason) from error
