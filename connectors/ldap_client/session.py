"""One connection to one server: requests with a time limit, answers as data, breakdowns as the port's errors.

Used by one thread at a time; :class:`connectors.ldap_client.pool.Pool` sees to that.
"""

import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from ldap3 import SIMPLE, SUBTREE, Connection
from ldap3.core.results import RESULT_CODES
from ldap3.operation.search import compile_filter, parse_filter
from ldap3.protocol.rfc4527 import pre_read_control
from ldap3.utils.asn1 import encode as encode_asn1

from connectors.ldap_client import ber, password_policy, wire
from connectors.ldap_client.changes import Change
from connectors.ldap_client.deadline import Deadline
from connectors.ldap_client.errors import INSUFFICIENT_ACCESS, NO_SUCH_OBJECT, SUCCESS, Answer, breakdown, refusal
from connectors.ldap_client.password_policy import PolicyAnswer
from provisioner.connector import ConnectorError, InDoubt, PermissionDenied, TargetUnavailable

_AT_ONCE = 500
PRE_READ = "1.3.6.1.1.13.1"
CHANGE_PASSWORD = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105 - the name of an operation

Control = tuple[str, bool, Any]
Refuse = Callable[[Answer, str], ConnectorError]
"""Turns an answer that is not a success, and what was being done, into the port's error."""


@dataclass(frozen=True)
class Entry:
    """An entry that was read; values by lower-cased attribute name."""

    dn: str
    values: Mapping[str, list[str]]

    def first(self, attribute: str) -> str:
        """The first value; empty when there is none."""
        found = self.values.get(attribute.lower())
        return found[0] if found else ""


class Session:
    """Wraps an open ldap3 connection.

    ``broken`` says that it must not be used again.

    :param denies_absent: whether this server answers insufficientAccessRights for an entry that is not there. It is
        looked for then, so that the two are told apart.
    :param refuse: the table of this server: what an answer that is not a success means.
    """

    def __init__(
        self, connection: Connection, url: str, *, denies_absent: bool = False, refuse: Refuse = refusal
    ) -> None:
        self.url = url
        self.broken = False
        self.idle_since = time.monotonic()
        self._connection = connection
        self._denies_absent = denies_absent
        self._refuse = refuse
        self._deadline = Deadline(0)
        self._wrote = False

    def begin(self, deadline: Deadline) -> None:
        """Start a new call of the port."""
        self._deadline = deadline
        self._wrote = False

    def extend(self, seconds: float) -> None:
        """Give the next request of a long reading its own time."""
        self._deadline = Deadline(seconds)

    def alive(self) -> bool:
        """Whether an idle connection still stands. A server never speaks first except to say good-bye."""
        socket = self._connection.socket
        if self.broken or socket is None:
            return False
        try:
            return not select.select([socket], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Drop the connection without a word: an unbind could wait for a server that hangs."""
        self.broken = True
        socket = self._connection.socket
        self._connection.strategy.close()
        if socket is not None:
            socket.close()  # ldap3 leaves one open that it could not connect

    @property
    def socket(self) -> Any:
        """The open socket, for what TLS says about the other side."""
        return self._connection.socket

    def bind(self, doing: str) -> Answer:
        """Sign in as the connection was made for, asking for the password-policy control."""
        return self._ask(
            lambda: self._connection.bind(read_server_info=False, controls=[password_policy.REQUEST]), doing
        )

    def bind_as(self, dn: str, password: bytes, doing: str) -> Answer:
        """Sign in as somebody else than before; the password is forgotten with the answer."""
        self._connection.authentication = SIMPLE
        self._connection.user, self._connection.password = dn, password
        try:
            return self.bind(doing)
        finally:
            self._connection.user = self._connection.password = None

    def read(self, dn: str, attributes: Sequence[str]) -> Entry | None:
        """One entry by its name; None when it is not there."""
        entries: list[Entry] = []

        def send() -> Answer:
            result = wire.read(self._connection, dn, attributes)
            entries.extend(Entry(name, values) for name, values in result.entries)
            return _of_wire(result)

        answer = self._request(send, "reading")
        if answer.code != NO_SUCH_OBJECT:
            self.expect(answer, "reading")
        return entries[0] if entries else None

    def find(self, base: str, where: bytes, attributes: Sequence[str]) -> list[Entry]:
        """All matches of a filter of :mod:`connectors.ldap_client.wire`; raises as :meth:`search` does."""
        entries: list[Entry] = []

        def send() -> Answer:
            result = wire.search(self._connection, base, where, attributes)
            entries.extend(Entry(name, values) for name, values in result.entries)
            return _of_wire(result)

        self._expect_base(self._request(send, "reading"), base)
        return entries

    def search(self, base: str, where: str, attributes: Sequence[str]) -> list[Entry]:
        """All matches at once.

        :raises PermissionDenied: the base is not there, or hidden from us: which must never look like an empty one.
        """
        answer = self._ask(
            lambda: self._connection.search(base, where, SUBTREE, attributes=list(attributes)), "reading"
        )
        self._expect_base(answer, base)
        return self._entries()

    def pages(
        self, base: str, where: str, attributes: Sequence[str], page_size: int, timeout: float
    ) -> Iterator[list[Entry]]:
        """Matches page by page (RFC 2696); each page has ``timeout`` seconds."""
        compiled, cookie = _compiled(where), b""
        while True:
            self.extend(timeout)
            entries: list[Entry] = []

            def send(entries: list[Entry] = entries, before: bytes = cookie) -> Answer:
                nonlocal cookie
                result, cookie = wire.page(self._connection, base, compiled, attributes, page_size, before)
                entries.extend(Entry(name, values) for name, values in result.entries)
                return _of_wire(result)

            self._expect_base(self._request(send, "reading"), base)
            yield entries
            if not cookie:
                return

    def stream(
        self, messages: Callable[[Connection], Iterator[wire.Message]], timeout: float
    ) -> Iterator[list[wire.Message]]:
        """The messages of one long answer, some hundreds at a time, each time within ``timeout`` seconds; the last is a
        SearchResultDone, whose result is the caller's to judge. Given up before that, the connection is closed.
        """
        answer, finished = messages(self._connection), False
        try:
            while not finished:
                self.extend(timeout)
                batch: list[wire.Message] = []

                def receive(batch: list[wire.Message] = batch) -> Answer:
                    for message in answer:
                        batch.append(message)
                        if message.tag == wire.DONE or len(batch) == _AT_ONCE:
                            break
                    return Answer(SUCCESS)

                self._request(receive, "reading what changed")
                finished = batch[-1].tag == wire.DONE
                yield batch
        finally:
            if not finished:
                self.close()

    def result_of(self, message: wire.Message) -> tuple[Answer, Mapping[str, bytes]]:
        """What a SearchResultDone says, with its controls."""
        result = message.result()
        return _of_wire(result), result.controls

    def add(self, dn: str, attributes: Mapping[str, Sequence[bytes]], read_back: Sequence[str]) -> Answer:
        """Create an entry and have the server tell what it made (RFC 4527), in one request."""
        return self._request(
            lambda: _of_wire(wire.add(self._connection, dn, attributes, read_back)), "creating", writes=True
        )

    def delete(self, dn: str, condition: str = "") -> Answer:
        """Remove an entry; with a condition, only if the filter matches it."""
        controls = [_assertion(condition)] if condition else None
        return self._told(
            dn, self._ask(lambda: self._connection.delete(dn, controls=controls), "deleting", writes=True)
        )

    def modify(self, dn: str, changes: Mapping[str, Change], condition: str = "") -> Answer:
        """Change attributes of one entry, all or none; with a condition, only if the filter matches the entry."""
        compiled = _compiled(condition) if condition else b""
        answer = self._request(
            lambda: _of_wire(wire.modify(self._connection, dn, changes, compiled)), "changing", writes=True
        )
        return self._told(dn, answer)

    def rename(
        self,
        dn: str,
        rdn: str,
        read_before: Sequence[str] = (),
        *,
        keep_old: bool = False,
        below: str | None = None,
    ) -> Answer:
        """Give an entry another name, under the same parent or ``below`` another one; the old name's values go, unless
        they are to be kept.

        Where something is asked for, the answer's ``read_back`` is what the entry held in that very instant (pre-read,
        RFC 4527). An assertion cannot be used here: slapo-unique takes it over into a search of its own, which fails.
        """
        controls = [pre_read_control(list(read_before), criticality=True)] if read_before else None
        answer = self._ask(
            lambda: self._connection.modify_dn(
                dn, rdn, delete_old_dn=not keep_old, new_superior=below, controls=controls
            ),
            "renaming",
            writes=True,
        )
        return self._told(dn, answer)

    def change_password(self, old: bytes, new: bytes) -> Answer:
        """Change the password of whoever signed in on this connection (RFC 3062)."""
        # Built by hand: ldap3 would rewrite the texts (SASLprep), and what the user typed must stay what it is.
        value = ber.encode(ber.SEQUENCE, ber.encode(0x81, old) + ber.encode(0x82, new))
        controls = [password_policy.REQUEST]
        return self._ask(
            lambda: self._connection.extended(CHANGE_PASSWORD, value, controls=controls),
            "changing the password",
            writes=True,
        )

    def expect(self, answer: Answer, doing: str) -> None:
        """Nothing, when the answer is a success.

        :raises ConnectorError: by the table of results.
        """
        if answer.code == SUCCESS:
            return
        error = self._refuse(answer, doing)
        if self._wrote and isinstance(error, TargetUnavailable):
            raise InDoubt(str(error)) from error
        raise error

    def refuse_base(self, base: str) -> NoReturn:
        """What is not there, or hidden from us, must never look empty.

        :raises PermissionDenied: always.
        """
        raise PermissionDenied(f"{base} is not there or not shown to the service account")

    def _told(self, dn: str, answer: Answer) -> Answer:
        if self._denies_absent and answer.code == INSUFFICIENT_ACCESS and self.read(dn, ["1.1"]) is None:
            return replace(answer, code=NO_SUCH_OBJECT, description="noSuchObject")
        return answer

    def _expect_base(self, answer: Answer, base: str) -> None:
        if answer.code == NO_SUCH_OBJECT:
            self.refuse_base(base)
        self.expect(answer, "reading")

    def _ask(self, send: Callable[[], Any], doing: str, *, writes: bool = False) -> Answer:
        """A request through ldap3, which leaves the answer in its connection."""

        def through_ldap3() -> Answer:
            send()
            self._connection.request = None  # ldap3 keeps the last request, which may hold a password, until the next.
            return _answer(self._connection.result)

        return self._request(through_ldap3, doing, writes=writes)

    def _request(self, send: Callable[[], Answer], doing: str, *, writes: bool = False) -> Answer:
        remaining = self._deadline.remaining()
        if remaining <= 0 or self._connection.socket is None:
            self.broken = True
            kind: type[ConnectorError] = InDoubt if self._wrote else TargetUnavailable
            raise kind(f"{doing}: the time for this call is up")
        try:
            self._connection.socket.settimeout(remaining)
            answer = send()
        except Exception as error:
            # Whatever a lying server makes ldap3 or the decoder raise, the connection is not usable any more.
            self.close()
            raise breakdown(error, doing, writing=writes or self._wrote) from error
        self._wrote = self._wrote or (writes and answer.code == SUCCESS)
        return answer

    def _entries(self) -> list[Entry]:
        return [
            Entry(str(found["dn"]), _texts(found["raw_attributes"]))
            for found in self._connection.response or ()
            if found["type"] == "searchResEntry"
        ]


def _assertion(condition: str) -> Control:
    """The control that makes a request conditional on a filter (RFC 4528)."""
    return wire.ASSERTION, True, _compiled(condition)


def _compiled(where: str) -> bytes:
    parsed = parse_filter(where, None, False, False, None, False)
    compiled: bytes = encode_asn1(compile_filter(parsed.elements[0]))
    return compiled


def _answer(result: Mapping[str, Any]) -> Answer:
    controls = result.get("controls") or {}
    policy = controls.get(password_policy.CONTROL)
    read_before = controls.get(PRE_READ)
    return Answer(
        code=int(result["result"]),
        description=str(result.get("description") or ""),
        message=str(result.get("message") or ""),
        value=result.get("responseValue"),
        policy=PolicyAnswer.decode(policy["value"]) if policy else PolicyAnswer(),
        read_back=_texts(read_before["value"]["result"]) if read_before else {},
    )


def _of_wire(result: wire.Result) -> Answer:
    policy = result.controls.get(password_policy.CONTROL)
    read_back = result.controls.get(wire.POST_READ)
    return Answer(
        code=result.code,
        description=RESULT_CODES.get(result.code, ""),
        message=result.message,
        policy=PolicyAnswer.decode(policy),
        read_back=wire.entry(read_back)[1] if read_back else {},
    )


def _texts(attributes: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    return {
        str(name).lower(): [wire.text_of(str(name), v) if isinstance(v, bytes) else str(v) for v in values]
        for name, values in attributes.items()
    }
