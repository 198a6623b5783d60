"""What changed since a cookie: content synchronization (RFC 4533, refreshOnly).

A server answers in one of two ways. Either it names what was removed ("delete phase"), or it names what is unchanged,
and whatever it does not name is gone ("present phase"). A cookie that it cannot use makes it name everything as new,
which is a present phase too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.ldap_client import wire
from connectors.ldap_client.ber import OCTET_STRING, SEQUENCE, elements, encode
from connectors.ldap_client.errors import NO_SUCH_OBJECT, SUCCESS, UNWILLING
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import ChangesUnknown

REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_STATE, _DONE, _INFO = "1.3.6.1.4.1.4203.1.9.1.2", "1.3.6.1.4.1.4203.1.9.1.3", b"1.3.6.1.4.1.4203.1.9.1.4"
_REFRESH_REQUIRED, _UNAVAILABLE_EXTENSION = 4096, 12
_ENUMERATED, _BOOLEAN, _SET = 0x0A, 0x01, 0x31
_REFRESH_ONLY = encode(_ENUMERATED, b"\1")
_PRESENT, _DELETED = 0, 3
_NAME, _VALUE, _ID_SET = 0x80, 0x81, 0xA3
_ANYTHING = wire.present("objectClass")


@dataclass
class Part:
    """Some of the answer. ``cookie`` and ``complete`` are known with the last part."""

    entries: list[Entry] = field(default_factory=list)
    """New or changed."""
    changed: list[str] = field(default_factory=list)
    """Their entryUUIDs."""
    gone: list[str] = field(default_factory=list)
    """entryUUIDs."""
    unchanged: list[str] = field(default_factory=list)
    """entryUUIDs."""
    complete: bool = False
    """What was not named at all is gone."""
    cookie: bytes | None = None
    """None in the last part: as it was."""
    last: bool = False


def position(session: Session, base: str, timeout: float, where: bytes = _ANYTHING) -> bytes | None:
    """The cookie of now; None when the server does not know this control. Some servers give it for one filter only."""
    for part in _parts(session, base, where, ["1.1"], b"", timeout, whole=False):
        if part.last:
            return part.cookie
    return None


def since(
    session: Session, base: str, where: bytes, attributes: Sequence[str], cookie: bytes, timeout: float
) -> Iterator[Part]:
    """What changed below ``base`` among what matches ``where``.

    :raises ChangesUnknown: the server cannot use the cookie and says so.
    """
    return _parts(session, base, where, attributes, cookie, timeout)


def _parts(
    session: Session,
    base: str,
    where: bytes,
    attributes: Sequence[str],
    cookie: bytes,
    timeout: float,
    *,
    whole: bool = True,
) -> Iterator[Part]:
    asked = encode(SEQUENCE, _REFRESH_ONLY + (encode(OCTET_STRING, cookie) if cookie else b""))
    control = wire.control(REQUEST, asked)
    messages = session.stream(
        lambda connection: wire.stream(connection, base, where, attributes, control, whole=whole), timeout
    )
    for batch in messages:
        part = Part()
        for message in batch:
            _take(session, part, message, base)
        yield part


def _take(session: Session, part: Part, message: wire.Message, base: str) -> None:
    if message.tag == wire.ENTRY:
        state, uuid = _state(message.controls()[_STATE])
        if state == _PRESENT:
            part.unchanged.append(uuid)
        elif state == _DELETED:
            part.gone.append(uuid)
        else:
            part.entries.append(Entry(*message.entry()))
            part.changed.append(uuid)
    elif message.tag == wire.INTERMEDIATE:
        _take_information(part, message.content)
    elif message.tag == wire.DONE:
        _take_end(session, part, message, base)


def _take_information(part: Part, content: bytes) -> None:
    told = dict(elements(content))
    if told.get(_NAME) != _INFO:
        return
    for tag, information in elements(told.get(_VALUE, b"")):
        if tag != _ID_SET:
            continue  # A new cookie, or the end of a phase: the end of the answer says both again.
        deleted, uuids = False, b""
        for inner, value in elements(information):
            if inner == _BOOLEAN:
                deleted = value != b"\0"
            elif inner == _SET:
                uuids = value
        (part.gone if deleted else part.unchanged).extend(_uuid(value) for _, value in elements(uuids))


def _take_end(session: Session, part: Part, message: wire.Message, base: str) -> None:
    answer, controls = session.result_of(message)
    part.last = True
    if answer.code in (_REFRESH_REQUIRED, UNWILLING):
        raise ChangesUnknown("the directory cannot use the cursor: it is too old, or of another or a newer server")
    if answer.code == _UNAVAILABLE_EXTENSION:
        raise ChangesUnknown("the directory has no content synchronization", "unsupported")
    if answer.code == NO_SUCH_OBJECT:
        session.refuse_base(base)
    if answer.code != SUCCESS:
        session.expect(answer, "reading what changed")
    deletes = False
    for tag, value in elements(next(elements(controls.get(_DONE, b"\x30\0")))[1]):
        if tag == OCTET_STRING and value:
            part.cookie = value
        elif tag == _BOOLEAN:
            deletes = value != b"\0"
    part.complete = not deletes


def _state(control: bytes) -> tuple[int, str]:
    ((_, content),) = elements(control)
    (_, state), (_, uuid), *_ = elements(content)
    return state[0], _uuid(uuid)


def _uuid(octets: bytes) -> str:
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
