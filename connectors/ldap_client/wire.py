"""Requests written by hand onto ldap3's socket: add, modify, reading one entry, and looking for few (RFC 4511).

ldap3 builds its requests out of pyasn1 objects, which takes a millisecond or two of processor each and holds the
interpreter's lock meanwhile. Everywhere else that does not matter; an account is created while others are being
hashed for, a thousand are suspended within seconds, and these are the requests it takes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE
from ldap3.core.exceptions import LDAPSessionTerminatedByServerError, LDAPSocketReceiveError

from connectors.ldap_client.ber import OCTET_STRING, SEQUENCE, bounds, elements, encode
from connectors.ldap_client.changes import Change

ASSERTION = "1.3.6.1.1.12"
PAGED = "1.2.840.113556.1.4.319"
POST_READ = "1.3.6.1.1.13.2"

_INTEGER, _BOOLEAN, _ENUMERATED, _SET, _CONTROLS = 0x02, 0x01, 0x0A, 0x31, 0xA0
_SEARCH, _ENTRY, _DONE, _MODIFY, _MODIFIED, _ADD, _ADDED = 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69
ENTRY, DONE, INTERMEDIATE = _ENTRY, _DONE, 0x79
_PRESENT = 0x87
_ANY_ENTRY = encode(_PRESENT, b"objectClass")
_AND, _OR, _EQUALITY, _SUBSTRINGS, _AT_LEAST, _INITIAL = 0xA0, 0xA1, 0xA3, 0xA4, 0xA5, 0x80
_BASE_OBJECT, _SUBTREE, _NEVER_DEREFERENCE = b"\0", b"\2", b"\0"
_CHUNK = 65536
_GUIDS = ("objectguid", "attributesecurityguid", "invocationid")

_OPERATIONS = {MODIFY_ADD: b"\0", MODIFY_DELETE: b"\1", MODIFY_REPLACE: b"\2"}

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Result:
    """An LDAPResult with its controls by OID, and the entries that came before it as (name, values)."""

    code: int
    message: str
    controls: Mapping[str, bytes]
    entries: Sequence[tuple[str, Values]] = ()


@dataclass(frozen=True)
class Message:
    """One message of an answer: the tag of its operation, its content, and its controls as they came."""

    tag: int
    content: bytes
    trailing: bytes

    def entry(self) -> tuple[str, Values]:
        """A SearchResultEntry as (name, values)."""
        return _entry(self.content)

    def controls(self) -> dict[str, bytes]:
        """Values of the controls by OID."""
        return dict(_controls(self.trailing))

    def result(self, entries: Sequence[tuple[str, Values]] = ()) -> Result:
        """An LDAPResult."""
        (_, code), _, (_, message), *_ = elements(self.content)
        return Result(int.from_bytes(code, "big"), message.decode(errors="replace"), self.controls(), entries)


def add(connection: Any, dn: str, attributes: Mapping[str, Iterable[bytes]], read_back: Iterable[str]) -> Result:
    """Create an entry and have it read back in the same request (RFC 4527).

    :raises LDAPException: as ldap3 does when no answer comes.
    :raises OSError: the request could not be sent.
    :raises ValueError: the answer makes no sense.
    """
    listed = b"".join(_attribute(name, values) for name, values in attributes.items())
    request = encode(_ADD, _text(dn) + encode(SEQUENCE, listed))
    return _exchange(
        connection, request, encode(_CONTROLS, control(POST_READ, _selection(read_back), critical=False)), _ADDED
    )


def modify(connection: Any, dn: str, changes: Mapping[str, Change], condition: bytes = b"") -> Result:
    """Change attributes of one entry, all or none; raises as :func:`add` does.

    :param condition: a compiled filter that the entry has to match (RFC 4528).
    """
    listed = b"".join(
        encode(SEQUENCE, encode(_ENUMERATED, _OPERATIONS[operation]) + _attribute(name, values))
        for name, change in changes.items()
        for operation, values in change
    )
    request = encode(_MODIFY, _text(dn) + encode(SEQUENCE, listed))
    controls = encode(_CONTROLS, control(ASSERTION, condition)) if condition else b""
    return _exchange(connection, request, controls, _MODIFIED)


def read(connection: Any, dn: str, attributes: Iterable[str]) -> Result:
    """Read one entry by its name; raises as :func:`add` does."""
    return _search(connection, dn, _BASE_OBJECT, _ANY_ENTRY, attributes)


def search(connection: Any, base: str, where: bytes, attributes: Iterable[str]) -> Result:
    """Everything at or below ``base`` that matches a filter made by the functions below; raises as
    :func:`add` does. References to other servers are passed over.
    """
    return _search(connection, base, _SUBTREE, where, attributes)


def page(
    connection: Any, base: str, where: bytes, attributes: Iterable[str], size: int, cookie: bytes
) -> tuple[Result, bytes]:
    """One page of what :func:`search` would give (RFC 2696), and the cookie of the next; an empty one ends them."""
    octets = size.to_bytes(size.bit_length() // 8 + 1, "big")
    asked = encode(SEQUENCE, encode(_INTEGER, octets) + encode(OCTET_STRING, cookie))
    control = encode(SEQUENCE, _text(PAGED) + encode(OCTET_STRING, asked))
    found = _search(connection, base, _SUBTREE, where, attributes, encode(_CONTROLS, control))
    answered = found.controls.get(PAGED)
    if answered is None:
        return found, b""
    ((_, content),) = elements(answered)
    _, (_, following) = elements(content)
    return found, following


def equals(attribute: str, value: str) -> bytes:
    """The filter ``(attribute=value)``; nothing in the value has a meaning of its own."""
    return encode(_EQUALITY, _text(attribute) + _text(value))


def begins(attribute: str, value: str) -> bytes:
    """The filter ``(attribute=value*)``."""
    return encode(_SUBSTRINGS, _text(attribute) + encode(SEQUENCE, encode(_INITIAL, value.encode())))


def present(attribute: str) -> bytes:
    """The filter ``(attribute=*)``."""
    return encode(_PRESENT, attribute.encode())


def all_of(filters: Iterable[bytes]) -> bytes:
    """The filter that matches what every one of these matches."""
    return encode(_AND, b"".join(filters))


def control(oid: str, value: bytes, *, critical: bool = True) -> bytes:
    """One control of a request."""
    said = encode(_BOOLEAN, b"\xff") if critical else b""
    return encode(SEQUENCE, _text(oid) + said + encode(OCTET_STRING, value))


def any_of(filters: Iterable[bytes]) -> bytes:
    """The filter that matches what one of these matches."""
    return encode(_OR, b"".join(filters))


def stream(
    connection: Any, base: str, where: bytes, attributes: Iterable[str], controls: bytes, *, whole: bool = True
) -> Iterator[Message]:
    """Ask as :func:`search` does (``whole``: for everything below, else for the entry ``base`` alone) and give every
    message as it comes, the last a SearchResultDone. Nothing else may be asked on the connection before that.

    :param controls: the elements of the request's controls.
    """
    request = _search_request(base, _SUBTREE if whole else _BASE_OBJECT, where, attributes)
    return _answers(connection, request, encode(_CONTROLS, controls))


def _search(
    connection: Any, base: str, scope: bytes, where: bytes, attributes: Iterable[str], controls: bytes = b""
) -> Result:
    return _exchange(connection, _search_request(base, scope, where, attributes), controls, _DONE)


def _search_request(base: str, scope: bytes, where: bytes, attributes: Iterable[str]) -> bytes:
    options = (
        encode(_ENUMERATED, scope)
        + encode(_ENUMERATED, _NEVER_DEREFERENCE)
        + encode(_INTEGER, b"\0")
        + encode(_INTEGER, b"\0")
        + encode(_BOOLEAN, b"\0")
    )
    return encode(_SEARCH, _text(base) + options + where + _selection(attributes))


def entry(control: bytes) -> tuple[str, Values]:
    """A SearchResultEntry, as the post-read control holds it.

    :raises ValueError: it is not one.
    """
    tag, content = next(elements(control), (0, b""))
    if tag != _ENTRY:
        raise ValueError("no entry in the control")
    return _entry(content)


def text_of(attribute: str, value: bytes) -> str:
    """A value as text. The GUIDs of Active Directory are octets (MS-DTYP 2.3.4) and told in their usual form."""
    if attribute.lower() in _GUIDS and len(value) == 16:
        return str(UUID(bytes_le=value))
    return value.decode(errors="replace")


def _exchange(connection: Any, request: bytes, controls: bytes, ends_with: int) -> Result:
    entries: list[tuple[str, Values]] = []
    for message in _answers(connection, request, controls):
        if message.tag == _ENTRY:
            entries.append(_entry(message.content))
        elif message.tag == ends_with:
            return message.result(entries)
    raise LDAPSessionTerminatedByServerError("session terminated by server")


def _answers(connection: Any, request: bytes, controls: bytes) -> Iterator[Message]:
    number: int = connection.server.next_message_id()
    identifier = number.to_bytes(number.bit_length() // 8 + 1, "big")
    connection.socket.sendall(encode(SEQUENCE, encode(_INTEGER, identifier) + request + controls))
    for answered, tag, content, trailing in _messages(connection.socket):
        if answered == 0:
            raise LDAPSessionTerminatedByServerError("session terminated by server")
        if answered != number:
            raise ValueError("the answer is to another request")
        yield Message(tag, content, trailing)
    raise LDAPSessionTerminatedByServerError("session terminated by server")


def _messages(socket: Any) -> Iterator[tuple[int, int, bytes, bytes]]:
    """LDAPMessages as (id, tag of the operation, its content, controls), until the server hangs up."""
    received, position = b"", 0
    while True:
        whole = _whole(received, position)
        if whole:
            ((_, message),) = elements(received[position : position + whole])
            (_, number), (tag, content), *rest = elements(message)
            position += whole
            yield int.from_bytes(number, "big"), tag, content, rest[0][1] if rest else b""
            continue
        try:
            chunk = socket.recv(_CHUNK)
        except OSError as error:
            raise LDAPSocketReceiveError(f"error receiving data: {error}") from error
        if not chunk:
            return
        received, position = received[position:] + chunk, 0


def _whole(data: bytes, begin: int) -> int:
    """How long the message at ``begin`` is, once all of it is there; 0 until then."""
    there = len(data) - begin
    if there < 2:
        return 0
    first = data[begin + 1]
    head = 2 + (first & 0x7F if first & 0x80 else 0)
    if there < head:
        return 0
    length = head + (int.from_bytes(data[begin + 2 : begin + head], "big") if first & 0x80 else first)
    return length if there >= length else 0


def _entry(content: bytes) -> tuple[str, Values]:  # noqa: C901  See below: calls are what costs.
    """Written out rather than by :func:`elements`: when a whole directory is read, most of the time is spent here. A
    length below 128 is one octet (X.690, 8.1.3.4), as most are; :func:`bounds` reads the others.
    """
    (_, name), (_, data) = elements(content)
    values: Values = {}
    position, end = 0, len(data)
    try:
        while position < end:
            length = data[position + 1]
            if length < 0x80:
                position += 2
                stop = position + length
            else:
                position, stop = bounds(data, position)
            after = position + 2 + data[position + 1]
            if data[position + 1] >= 0x80:
                raise ValueError("an attribute's name is longer than any")
            kind = _kind(data[position + 2 : after])
            length = data[after + 1]
            if length < 0x80:
                position = after + 2
                last = position + length
            else:
                position, last = bounds(data, after)
            if last != stop or stop > end:
                raise ValueError("an attribute is longer or shorter than its values")
            found = []
            while position < last:
                length = data[position + 1]
                if length < 0x80:
                    position += 2
                    after = position + length
                else:
                    position, after = bounds(data, position)
                found.append(data[position:after])
                position = after
            if position != last:
                raise ValueError("a value is longer than its attribute")
            if kind in _GUIDS:
                values[kind] = [text_of(kind, value) for value in found]
            else:
                values[kind] = [value.decode(errors="replace") for value in found]
    except IndexError:
        raise ValueError("an entry is cut off") from None
    return name.decode(), values


@lru_cache(maxsize=512)
def _kind(name: bytes) -> str:
    """An attribute's name; the same few come again and again."""
    return name.decode().lower()


def _controls(trailing: bytes) -> Iterator[tuple[str, bytes]]:
    for _, control in elements(trailing):
        (_, oid), *rest = elements(control)
        yield oid.decode(), next((value for tag, value in rest if tag == OCTET_STRING), b"")


def _attribute(name: str, values: Iterable[bytes]) -> bytes:
    return encode(SEQUENCE, _text(name) + encode(_SET, b"".join(encode(OCTET_STRING, value) for value in values)))


def _selection(attributes: Iterable[str]) -> bytes:
    return _selected(tuple(attributes))


@lru_cache(maxsize=64)
def _selected(attributes: tuple[str, ...]) -> bytes:
    """The same few selections are asked for again and again."""
    return encode(SEQUENCE, b"".join(map(_text, attributes)))


def _text(text: str) -> bytes:
    return encode(OCTET_STRING, text.encode())
