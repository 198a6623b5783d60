"""``/healthz``, ``/readyz`` and ``/metrics`` as a small application (WSGI, PEP 3333) that needs nothing of the pages:
it answers before sessions, limits and forms' tokens are looked at, in every kind of process.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from provisioner.observation.ready import ReadyCheck
from provisioner.settings import MetricsSettings

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Exposition = Callable[[], tuple[str, bytes]]
"""Content type and text of the metrics."""

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED")


class Probes:
    """The three addresses."""

    def __init__(self, ready: ReadyCheck, metrics: Exposition, settings: MetricsSettings, proxies: int = 0) -> None:
        """``proxies`` are trusted to have put the caller's own address in."""
        self.ready = ready
        self._metrics = metrics
        self._settings = settings
        self._proxies = proxies

    def knows(self, path: str) -> bool:
        """Whether it is one of the three."""
        return path in (HEALTH, READY, METRICS)

    def stop(self) -> None:
        """Not ready any more from now on."""
        self.ready.stop()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one of the three; anything else is not found."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            status, kind, body = "405 Method Not Allowed", _TEXT, b"GET or HEAD\n"
        elif not self._allowed(environ):
            status, kind, body = "403 Forbidden", _TEXT, b"not from this network (metrics.networks)\n"
        else:
            status, kind, body = self._answer(environ.get("PATH_INFO", ""))
        headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        if status.startswith("405"):
            headers.append(("Allow", "GET, HEAD"))
        start_response(status, [*headers, ("X-Content-Type-Options", "nosniff")])
        return [b"" if method == "HEAD" else body]

    def _allowed(self, environ: Environ) -> bool:
        if not self._proxies and any(name in environ for name in _SAID_BY_PROXIES):
            # A proxy that nobody told us of: its own address would open to the world what is for this machine.
            return False
        return self._settings.allows(environ.get("REMOTE_ADDR", ""))

    def _answer(self, path: str) -> tuple[str, str, bytes]:
        if path == HEALTH:
            return "200 OK", _TEXT, b"ok\n"
        if path == READY:
            missing = self.ready.missing()
            said = json.dumps({"ready": not missing, "missing": missing}).encode() + b"\n"
            return ("503 Service Unavailable" if missing else "200 OK"), _JSON, said
        if path == METRICS:
            kind, text = self._metrics()
            return "200 OK", kind, text
        return "404 Not Found", _TEXT, b"/healthz, /readyz or /metrics\n"
