"""What changed in a domain since a cookie: the control DirSync (MS-ADTS 3.1.1.3.4.1.3).

It tells the values that were added to ``member`` and those that were taken out, which no change number does, and with
the flag below it needs no other rights than reading does. It always speaks of a whole domain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.ldap_client import wire
from connectors.ldap_client.ber import OCTET_STRING, SEQUENCE, elements, encode
from connectors.ldap_client.errors import INSUFFICIENT_ACCESS, NO_SUCH_OBJECT, SUCCESS, UNWILLING
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import ChangesUnknown, ProtocolError

CONTROL = "1.2.840.113556.1.4.841"
_UNAVAILABLE_EXTENSION = 12
_INTEGER = 0x02
_FLAGS = (0x8000_0001).to_bytes(4, "big")
"""Only the values that changed, and only what we may read (INCREMENTAL_VALUES, OBJECT_SECURITY)."""
_AT_MOST = encode(_INTEGER, (0x100000).to_bytes(3, "big"))
"""Bytes of one answer."""
_DOMAIN = wire.equals("objectClass", "domainDNS")


@dataclass
class Part:
    """One answer. Of an entry it holds its id and what changed of it."""

    entries: list[Entry] = field(default_factory=list)
    cookie: bytes = b""
    last: bool = False


def position(session: Session, domain: str, timeout: float) -> bytes:
    """The cookie of now.

    :raises ChangesUnknown: the domain controller does not offer this.
    """
    *_, last = since(session, domain, _DOMAIN, ["objectGUID"], b"", timeout)
    return last.cookie


def since(
    session: Session, domain: str, where: bytes, attributes: Sequence[str], cookie: bytes, timeout: float
) -> Iterator[Part]:
    """What changed of these attributes in the domain among what matches ``where``. Each answer has ``timeout`` seconds.

    :raises ChangesUnknown: the domain controller does not offer this, or not with this cookie.
    """
    while True:
        part = _ask(session, domain, where, attributes, cookie, timeout)
        yield part
        if part.last:
            return
        cookie = part.cookie


def _ask(session: Session, domain: str, where: bytes, attributes: Sequence[str], cookie: bytes, timeout: float) -> Part:
    asked = encode(_INTEGER, _FLAGS) + _AT_MOST + encode(OCTET_STRING, cookie)
    control = wire.control(CONTROL, encode(SEQUENCE, asked))
    part = Part()
    for batch in session.stream(
        lambda connection: wire.stream(connection, domain, where, attributes, control), timeout
    ):
        for message in batch:
            if message.tag == wire.ENTRY:
                part.entries.append(Entry(*message.entry()))
            elif message.tag == wire.DONE:
                _take_end(session, part, message, domain)
    return part


def _take_end(session: Session, part: Part, message: wire.Message, domain: str) -> None:
    answer, controls = session.result_of(message)
    if answer.code in (_UNAVAILABLE_EXTENSION, UNWILLING, INSUFFICIENT_ACCESS):
        raise ChangesUnknown("the domain controller does not tell changes (control DirSync)", "unsupported")
    if answer.code == NO_SUCH_OBJECT:
        session.refuse_base(domain)
    if answer.code != SUCCESS:
        session.expect(answer, "reading what changed")
    if CONTROL not in controls:
        raise ProtocolError("the domain controller answers without a place in its changes")
    ((_, content),) = elements(controls[CONTROL])
    (_, more), _, (_, part.cookie) = elements(content)
    part.last = not any(more)
