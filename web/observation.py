"""Around all pages: the probes before anything else, a reference for every request, and how long the answer took."""

import logging
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from flask import Flask, request

from provisioner.observation.observer import Observer
from provisioner.observation.probes import Probes
from provisioner.observation.reference import new_reference, referring_to, taken_over

_log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_ROUTE = "provisioner.route"
_NO_ROUTE = "none"
"""Of an address that leads nowhere: any number of those can be made up, so they are not told apart."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Pages = Callable[[Environ, StartResponse], Iterable[bytes]]


def setup_observation(app: Flask, probes: Probes, observer: Observer, proxies: int) -> None:
    """Put it around the application. Proxies' addresses are settled outside of it, so it is set up before them."""
    app.before_request(_note_route)
    app.wsgi_app = ObservedPages(app.wsgi_app, probes, observer, proxies)  # type: ignore[method-assign]


def _note_route() -> None:
    request.environ[_ROUTE] = request.endpoint or _NO_ROUTE


class ObservedPages:
    """The pages as WSGI, observed. A reference that a proxy gave is taken over only where proxies are trusted."""

    def __init__(
        self,
        pages: Pages,
        probes: Probes,
        observer: Observer,
        proxies: int,
    ) -> None:
        self._pages = pages
        self._probes = probes
        self._observer = observer
        self._proxies = proxies

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if self._probes.knows(environ.get("PATH_INFO", "")):
            return self._probes(environ, start_response)
        reference = taken_over(environ.get("HTTP_X_REQUEST_ID")) if self._proxies else new_reference()
        status = 500

        def start(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            return start_response(line, [*headers, (HEADER, reference)], *more)

        with referring_to(reference):
            begun = perf_counter()
            try:
                return self._pages(environ, start)
            finally:
                self._tell(environ, status, perf_counter() - begun)

    def _tell(self, environ: Environ, status: int, seconds: float) -> None:
        route, method = environ.get(_ROUTE, _NO_ROUTE), environ["REQUEST_METHOD"]
        self._observer.answered(route, method, status, seconds)
        # Who only reads is told to who looks closely; of addresses and people the audit trail tells, sealed.
        level = logging.INFO if method == "POST" or status >= 500 else logging.DEBUG
        if _log.isEnabledFor(level):
            told = {"route": route, "method": method, "status": status, "seconds": round(seconds, 4)}
            _log.log(level, "page answered", extra={"facts": told})
