"""Requests written by hand onto ldap3's socket: add, reading one entry, and looking for few (RFC 4511).

ldap3 builds its requests out of pyasn1 objects, which takes a millisecond or two of processor each and holds the
interpreter's lock meanwhile. Everywhere else that does not matter; an account is created while others are being
hashed for, and these are the requests it takes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ldap3.core.exceptions import LDAPSessionTerminatedByServerError, LDAPSocketReceiveError

from connectors.ldap_client.ber import OCTET_STRING, SEQUENCE, elements, encode

POST_READ = "1.3.6.1.1.13.2"

_INTEGER, _BOOLEAN, _ENUMERATED, _SET, _CONTROLS = 0x02, 0x01, 0x0A, 0x31, 0xA0
_SEARCH, _ENTRY, _DONE, _ADD, _ADDED = 0x63, 0x64, 0x65, 0x68, 0x69
_PRESENT = 0x87
_ANY_ENTRY = encode(_PRESENT, b"objectClass")
_OR, _EQUALITY, _SUBSTRINGS, _INITIAL = 0xA1, 0xA3, 0xA4, 0x80
_BASE_OBJECT, _SUBTREE, _NEVER_DEREFERENCE = b"\0", b"\2", b"\0"
_CHUNK = 65536
_GUIDS = ("objectguid", "attributesecurityguid")

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Result:
    """An LDAPResult with its controls by OID, and the entries that came before it as (name, values)."""

    code: int
    message: str
    controls: Mapping[str, bytes]
    entries: Sequence[tuple[str, Values]] = ()


def add(connection: Any, dn: str, attributes: Mapping[str, Iterable[bytes]], read_back: Iterable[str]) -> Result:
    """Create an entry and have it read back in the same request (RFC 4527).

    :raises LDAPException: as ldap3 does when no answer comes.
    :raises OSError: the request could not be sent.
    :raises ValueError: the answer makes no sense.
    """
    listed = b"".join(
        encode(SEQUENCE, _text(name) + encode(_SET, b"".join(encode(OCTET_STRING, value) for value in values)))
        for name, values in attributes.items()
    )
    request = encode(_ADD, _text(dn) + encode(SEQUENCE, listed))
    control = encode(SEQUENCE, _text(POST_READ) + encode(OCTET_STRING, _selection(read_back)))
    return _exchange(connection, request, encode(_CONTROLS, control), _ADDED)


def read(connection: Any, dn: str, attributes: Iterable[str]) -> Result:
    """Read one entry by its name; raises as :func:`add` does."""
    return _search(connection, dn, _BASE_OBJECT, _ANY_ENTRY, attributes)


def search(connection: Any, base: str, where: bytes, attributes: Iterable[str]) -> Result:
    """Everything at or below ``base`` that matches a filter made by the functions below; raises as
    :func:`add` does. References to other servers are passed over.
    """
    return _search(connection, base, _SUBTREE, where, attributes)


def equals(attribute: str, value: str) -> bytes:
    """The filter ``(attribute=value)``; nothing in the value has a meaning of its own."""
    return encode(_EQUALITY, _text(attribute) + _text(value))


def begins(attribute: str, value: str) -> bytes:
    """The filter ``(attribute=value*)``."""
    return encode(_SUBSTRINGS, _text(attribute) + encode(SEQUENCE, encode(_INITIAL, value.encode())))


def any_of(filters: Iterable[bytes]) -> bytes:
    """The filter that matches what one of these matches."""
    return encode(_OR, b"".join(filters))


def _search(connection: Any, base: str, scope: bytes, where: bytes, attributes: Iterable[str]) -> Result:
    options = (
        encode(_ENUMERATED, scope)
        + encode(_ENUMERATED, _NEVER_DEREFERENCE)
        + encode(_INTEGER, b"\0")
        + encode(_INTEGER, b"\0")
        + encode(_BOOLEAN, b"\0")
    )
    request = encode(_SEARCH, _text(base) + options + where + _selection(attributes))
    return _exchange(connection, request, b"", _DONE)


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
    number: int = connection.server.next_message_id()
    identifier = number.to_bytes(number.bit_length() // 8 + 1, "big")
    connection.socket.sendall(encode(SEQUENCE, encode(_INTEGER, identifier) + request + controls))
    entries: list[tuple[str, Values]] = []
    for answered, tag, content, trailing in _messages(connection.socket):
        if answered == 0:
            raise LDAPSessionTerminatedByServerError("session terminated by server")
        if answered != number:
            raise ValueError("the answer is to another request")
        if tag == _ENTRY:
            entries.append(_entry(content))
        elif tag == ends_with:
            (_, code), _, (_, message), *_ = elements(content)
            said = message.decode(errors="replace")
            return Result(int.from_bytes(code, "big"), said, dict(_controls(trailing)), entries)
    raise LDAPSessionTerminatedByServerError("session terminated by server")


def _messages(socket: Any) -> Iterator[tuple[int, int, bytes, bytes]]:
    """LDAPMessages as (id, tag of the operation, its content, controls), until the server hangs up."""
    received = b""
    while True:
        whole = _whole(received)
        if whole:
            ((_, message),) = elements(received[:whole])
            (_, number), (tag, content), *rest = elements(message)
            received = received[whole:]
            yield int.from_bytes(number, "big"), tag, content, rest[0][1] if rest else b""
            continue
        try:
            chunk = socket.recv(_CHUNK)
        except OSError as error:
            raise LDAPSocketReceiveError(f"error receiving data: {error}") from error
        if not chunk:
            return
        received += chunk


def _whole(data: bytes) -> int:
    """How long the first message is, once all of it is there; 0 until then."""
    if len(data) < 2:
        return 0
    head = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    if len(data) < head:
        return 0
    length = head + (int.from_bytes(data[2:head], "big") if data[1] & 0x80 else data[1])
    return length if len(data) >= length else 0


def _entry(content: bytes) -> tuple[str, Values]:
    (_, name), (_, attributes) = elements(content)
    values: Values = {}
    for _, attribute in elements(attributes):
        (_, kind), (_, found) = elements(attribute)
        name_of_values = kind.decode().lower()
        values[name_of_values] = [text_of(name_of_values, value) for _, value in elements(found)]
    return name.decode(), values


def _controls(trailing: bytes) -> Iterator[tuple[str, bytes]]:
    for _, control in elements(trailing):
        (_, oid), *rest = elements(control)
        yield oid.decode(), next((value for tag, value in rest if tag == OCTET_STRING), b"")


def _selection(attributes: Iterable[str]) -> bytes:
    return encode(SEQUENCE, b"".join(map(_text, attributes)))


def _text(text: str) -> bytes:
    return encode(OCTET_STRING, text.encode())
