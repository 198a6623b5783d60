"""What may stand in the audit trail: kinds of event, each with its fields, each field public or personal.

Public fields stand in the chain in clear and stay for ever. Personal ones enter the chain only as a salted commitment;
salt and sealed value stand apart and can be erased (see :mod:`provisioner.audit.chain`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

Value = str | int | bool | list[str]
"""What a field may hold once it is recorded: JSON without fractions, whose text form is not the same everywhere."""

Recordable = str | int | bool | date | datetime | Sequence[str] | None
"""What a caller may hand in. Dates become ISO text, ``None`` means the field is left out."""

ACTOR_NAME = "actor_name"
"""Personal field that every kind has: the name of the person who acted."""

EVERYWHERE = frozenset({ACTOR_NAME, "address", "device"})
"""Personal fields that every kind has: who acted, from which network address, with which device."""

LONGEST_TEXT = 10_000
LONGEST_ORIGIN = 300
_ORIGIN = frozenset({"address", "device"})


class UnknownEvent(ValueError):
    """The catalogue has no such event or field, or a needed field was left out: a fault of the calling code."""


@dataclass(frozen=True)
class EventKind:
    """One kind of event. ``needed`` and ``optional`` fields are public; ``personal`` ones are always optional."""

    word: str
    needed: frozenset[str]
    optional: frozenset[str]
    personal: frozenset[str]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that this kind may carry."""
        return self.needed | self.optional | self.personal

    def sort(self, given: Mapping[str, Recordable]) -> tuple[dict[str, Value], dict[str, Value]]:
        """Split the given fields into public and personal ones.

        :raises UnknownEvent: a field is unknown or of a wrong type, or a needed one is missing.
        """
        fields = {name: _plain(self.word, name, value) for name, value in given.items() if value is not None}
        if unknown := fields.keys() - self.fields:
            raise UnknownEvent(f"{self.word} has no field {', '.join(sorted(unknown))}")
        if missing := self.needed - fields.keys():
            raise UnknownEvent(f"{self.word} needs {', '.join(sorted(missing))}")
        public = {name: value for name, value in fields.items() if name not in self.personal}
        personal = {name: value for name, value in fields.items() if name in self.personal}
        return public, personal


class Catalogue:
    """The kinds of event by their word."""

    def __init__(self, kinds: Iterable[EventKind]) -> None:
        """:raises UnknownEvent: a word stands twice, or a field is both public and personal."""
        self._kinds: dict[str, EventKind] = {}
        for kind in kinds:
            if kind.word in self._kinds:
                raise UnknownEvent(f"{kind.word} stands in the catalogue twice")
            if doubled := (kind.needed | kind.optional) & kind.personal | kind.needed & kind.optional:
                raise UnknownEvent(f"{kind.word} declares {', '.join(sorted(doubled))} twice")
            self._kinds[kind.word] = kind

    def __getitem__(self, word: str) -> EventKind:
        """:raises UnknownEvent: there is no such kind."""
        try:
            return self._kinds[word]
        except KeyError:
            raise UnknownEvent(f"there is no event {word!r}") from None

    def __contains__(self, word: object) -> bool:
        return word in self._kinds

    @property
    def words(self) -> tuple[str, ...]:
        """Every kind's word, in the order of the catalogue."""
        return tuple(self._kinds)


def kind(word: str, needed: str = "", optional: str = "", personal: str = "") -> EventKind:
    """An :class:`EventKind` from field names separated by spaces."""
    return EventKind(
        word, frozenset(needed.split()), frozenset(optional.split()), frozenset(personal.split()) | EVERYWHERE
    )


def _plain(word: str, name: str, value: Recordable) -> Value:
    """The value as it is recorded.

    :raises UnknownEvent: no such type may be recorded, or the text is too long or not Unicode.
    """
    match value:
        case bool():
            return value
        case int():
            return int(value)
        case str():
            # What a browser says of itself is cut, not refused: a stranger's header must not stop the event.
            return _text(word, name, value[:LONGEST_ORIGIN] if name in _ORIGIN else value)
        case datetime():
            if value.tzinfo is None:
                raise UnknownEvent(f"{word}: {name} is a time without a zone")
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_text(word, name, item) for item in value]
        case _:
            raise UnknownEvent(f"{word}: {name} may not be of type {type(value).__name__}")


def _text(word: str, name: str, value: object) -> str:
    if not isinstance(value, str):
        raise UnknownEvent(f"{word}: {name} may only list texts")
    if len(value) > LONGEST_TEXT:
        raise UnknownEvent(f"{word}: {name} is longer than {LONGEST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UnknownEvent(f"{word}: {name} is not Unicode text") from None
    return str.__str__(value)  # An enumeration's member becomes the plain text it stands for.
