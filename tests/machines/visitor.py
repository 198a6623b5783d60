"""A browser without a script, over real connections: cookies, forms' tokens, and an address of its own."""

import http.client
import re
import ssl
from html import unescape
from http.cookies import SimpleCookie
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="([^"]+)"')
_PATIENCE_SECONDS = 60
_FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "batas-antar-bagian"


class Visitor:
    """Asks one address after the other: with two, every request goes to the process that did not answer the last."""

    def __init__(self, *addresses: str, trust: ssl.SSLContext | None = None, source: str = "127.0.0.1") -> None:
        self._addresses = cycle(addresses)
        self._trust = trust
        self._source = source
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        """Sent with every request."""
        self.status = 0
        self.html = ""
        self.body = b""
        self.path = ""
        self.answer: http.client.HTTPMessage = http.client.HTTPMessage()

    @property
    def page(self) -> str:
        """The page's words, one space between them."""
        body = self.html.partition("<main")[2].partition("</main>")[0]
        return " ".join(unescape(Markup(body).striptags()).split())  # noqa: S704  Only read, never shown.

    def get(self, path: str) -> "Visitor":
        """Open a page, and go where it leads."""
        return self._ask("GET", path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> "Visitor":
        """Send a form of the page that is open, and go where the answer leads."""
        return self._ask("POST", path, urlencode(self._fields(data), doseq=True).encode())

    def once(self, method: str, path: str, data: dict[str, Any] | None = None) -> "Visitor":
        """Ask, and do not go where the answer leads."""
        self._once(method, path, urlencode(self._fields(data), doseq=True).encode() if method == "POST" else b"")
        return self

    def send_file(self, path: str, name: str, content: bytes) -> "Visitor":
        """Send a form with one file (RFC 7578)."""
        lines = [_part(f'name="{key}"', str(value).encode()) for key, value in self._fields(None).items()]
        lines.append(_part(f'name="{name}"; filename="berkas.pdf"', content))
        body = b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()
        return self._ask("POST", path, body, f"multipart/form-data; boundary={_BOUNDARY}")

    def found(self, pattern: str) -> str:
        """What a pattern's group finds in the page that is open."""
        match = re.search(pattern, self.html)
        assert match, f"{pattern}: {self.status} {self.path} {self.page}"
        return unescape(match.group(1))

    def _fields(self, data: dict[str, Any] | None) -> dict[str, Any]:
        token = _TOKEN.search(self.html)
        assert token, f"no form is open: {self.status} {self.path} {self.page}"
        revision = _REVISION.search(self.html)
        hidden = {"csrf_token": token.group(1), **({"revision": revision.group(1)} if revision else {})}
        return {**hidden, **(data or {})}

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = _FORM) -> "Visitor":
        self._once(method, path, body, kind)
        for _ in range(5):
            if self.status not in (301, 302, 303):
                break
            to = urlsplit(self.answer["Location"])
            self._once("GET", f"{to.path}?{to.query}" if to.query else to.path)
        return self

    def _once(self, method: str, path: str, body: bytes = b"", kind: str = _FORM) -> None:
        parts = urlsplit(next(self._addresses))
        place = (parts.hostname or "", parts.port)
        line: http.client.HTTPConnection
        if self._trust is not None:
            line = http.client.HTTPSConnection(
                *place, context=self._trust, timeout=_PATIENCE_SECONDS, source_address=(self._source, 0)
            )
        else:
            line = http.client.HTTPConnection(*place, timeout=_PATIENCE_SECONDS, source_address=(self._source, 0))
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **self.headers}
        if method == "POST":
            headers["Content-Type"] = kind
        try:
            line.request(method, path, body or None, headers)
            answer = line.getresponse()
            self.status, self.answer, self.body, self.path = answer.status, answer.headers, answer.read(), path
        finally:
            line.close()
        self.html = self.body.decode(errors="replace") if "html" in (self.answer["Content-Type"] or "") else ""
        for cookie in self.answer.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0" or not morsel.value:
                    del self.cookies[name]


def _part(what: str, content: bytes) -> bytes:
    return f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {what}\r\n\r\n".encode() + content + b"\r\n"
