"""People at browsers who sign pacts, and go on trying when an answer does not come; applicants who open envelopes."""

import http.client
import random
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode, urlsplit

from tests.faults.busy_office import Waiting
from tests.office import own_password

CLIENTS = 4
_TRY_SECONDS = 60
"""For one answer. What stands still here goes on before that; to ask again sooner would only make more work."""
_PATIENCE_SECONDS = 600
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_REFUSAL = re.compile(r'class="why">([^<]+)')
_COOKIE = re.compile(r"[^=;]+=[^;]+")


@dataclass(frozen=True)
class Answer:
    """What a page said; status 0: nothing came."""

    status: int
    text: str = ""
    cookies: tuple[str, ...] = ()


class Client:
    """The section head at one browser. Asks now this web process, now that one, as a proxy would distribute it."""

    def __init__(self, cookie: str, addresses: Callable[[], Sequence[str]], lot: random.Random) -> None:
        self._signed_in = f"pejabat={cookie}"
        self._addresses, self._lot = addresses, lot
        self._cookies, self._token = "", ""
        self.troubles: list[int] = []
        """Status of every answer that was none."""
        self.refusals: list[str] = []
        """Why pacts were not signed, in the words of the page."""

    def sign(self, pact_id: str) -> int:
        """Until there is an answer about this pact; its status: 302, or 409 (it was signed before, say)."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            if not self._token and not self._read_form():
                continue
            fields = {"csrf_token": self._token, "pact": pact_id, "password": own_password("section_head")}
            answer = self._ask("POST", "/pakta/tanda-tangan", urlencode(fields))
            if answer.status in (302, 409):
                self.refusals += _REFUSAL.findall(answer.text)
                return answer.status
            assert answer.status in (0, 503), f"{answer.status}: {answer.text[:2000]}"
            self._not_yet(answer)
        raise AssertionError(f"no answer to a signature; instead {self.troubles}")

    def _read_form(self) -> bool:
        answer = self._ask("GET", "/pejabat-saya")
        token = _TOKEN.search(answer.text)
        if answer.status != 200 or token is None:
            assert answer.status in (0, 503), f"{answer.status}: {answer.text[:2000]}"
            self._not_yet(answer)
            return False
        self._token = token[1]
        self._cookies = "; ".join([self._signed_in, *answer.cookies])
        return True

    def _not_yet(self, answer: Answer) -> None:
        self.troubles.append(answer.status)
        time.sleep(0.1 + 0.2 * self._lot.random())

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        addresses = self._addresses()
        if not addresses:
            return Answer(0)
        place = urlsplit(self._lot.choice(addresses))
        line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_TRY_SECONDS)
        headers = {"Cookie": self._cookies or self._signed_in}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
            set_cookies = answer.headers.get_all("Set-Cookie") or []
            cookies = tuple(found[0] for each in set_cookies if (found := _COOKIE.match(each)))
            return Answer(answer.status, text, cookies)
        except (OSError, http.client.HTTPException):
            return Answer(0)
        finally:
            line.close()


class Signing:
    """Clients that sign these pacts, each the next one that nobody has begun."""

    def __init__(self, clients: Sequence[Client], people: Sequence[Waiting]) -> None:
        self._left, self._lock = list(people), Lock()
        self.answered = 0
        """Pacts about which somebody was told."""
        self._threads = ThreadPoolExecutor(len(clients))
        self._all: list[Future[None]] = [self._threads.submit(self._sign, client) for client in clients]

    @property
    def goes_on(self) -> bool:
        """Whether somebody still waits for an answer."""
        return not all(each.done() for each in self._all)

    def finish(self) -> None:
        """Wait for all. :raises AssertionError: one was answered in a way that it should not."""
        self._threads.shutdown()
        for each in self._all:
            each.result()

    def _sign(self, client: Client) -> None:
        while True:
            with self._lock:
                if not self._left:
                    return
                person = self._left.pop()
            client.sign(person.pact_id)
            with self._lock:
                self.answered += 1
