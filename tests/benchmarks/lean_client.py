"""A client that costs little: requests are made ready beforehand, answers are read to their end and no further."""

import re
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One answer: its status, seconds until all of it was there, and the whole of it."""

    status: int
    took: float
    text: bytes


class Line:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._host = f"{place.hostname}:{place.port}"
        self._socket = socket.create_connection((place.hostname or "", place.port or 0), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> Answer:
        """Send one request and wait for its answer."""
        started = time.perf_counter()
        self._socket.sendall(request)
        held = b""
        while b"\r\n\r\n" not in held:
            held += self._more()
        head, _, body = held.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        while length and len(body) < int(length[1]):
            body += self._more()
        return Answer(int(head[9:12]), time.perf_counter() - started, head + b"\r\n\r\n" + body)

    def page(self, path: str, cookies: str) -> bytes:
        """A request for a page."""
        return f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookies}\r\n\r\n".encode()

    def form(self, path: str, cookies: str, fields: Mapping[str, str]) -> bytes:
        """A form, sent."""
        body = urlencode(fields)
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _more(self) -> bytes:
        got = self._socket.recv(65536)
        if not got:
            raise ConnectionError("the server hung up in the middle of an answer")
        return got


def all_at_once(lines: Sequence[Line], requests: Sequence[Sequence[bytes]]) -> tuple[list[Answer], float]:
    """Each line sends its requests one after the other, all lines at once: (answers, seconds it took)."""

    def one(line: Line, own: Sequence[bytes]) -> list[Answer]:
        return [line.ask(each) for each in own]

    started = time.perf_counter()
    with ThreadPoolExecutor(len(lines)) as threads:
        found = list(threads.map(one, lines, requests))
    return [answer for each in found for answer in each], time.perf_counter() - started
