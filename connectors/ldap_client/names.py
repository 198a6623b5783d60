"""Distinguished names and filters, built from parts and escaped, never by putting text into text.

Only :func:`usable` values get here: LDAP strings are UTF-8, and a NUL ends them in many programs.
"""

import re
from typing import Annotated

from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn
from pydantic import AfterValidator, StringConstraints

from provisioner.connector import InvalidAttribute

_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*")
_ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
"""An attribute or object class by name."""


def _valid_dn(text: str) -> str:
    _parts(text)
    return text


Dn = Annotated[str, AfterValidator(_valid_dn)]
"""A distinguished name from the settings."""


def usable(text: str, attribute: str) -> str:
    """The text unchanged, when it can be a value in a directory.

    :raises InvalidAttribute: it holds a NUL or a lone surrogate.
    """
    if "\0" in text:
        raise InvalidAttribute(f"{attribute} holds a NUL character", attribute)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Not chained: the exception would carry the whole text.
        raise InvalidAttribute(f"{attribute} is not valid Unicode", attribute) from None
    return text


def rdn(attribute: str, value: str, known_as: str = "username") -> str:
    """A relative name such as ``uid=dewi.lestari`` (RFC 4514).

    :raises InvalidAttribute: the value is blank or not usable.
    """
    if not usable(value, known_as).strip():
        raise InvalidAttribute(f"{known_as} is empty", known_as)
    return "=".join((attribute, escape_rdn(value)))


def child(own: str, base: str) -> str:
    """The name of an entry right below ``base``."""
    return ",".join((own, base))


def parent(dn: str) -> str:
    """The name of the entry above, spelled as it was."""
    end = _end(dn, ",")
    return dn[end + 1 :].lstrip()


def relative(dn: str) -> str:
    """The entry's own part of its name, spelled as it was."""
    return dn[: _end(dn, ",")]


def first_value(dn: str) -> str:
    """The value of the first attribute of a name, unescaped."""
    return _parts(dn)[0][0][1]


def own_values(dn: str, attribute: str) -> list[str]:
    """The values of this attribute in the entry's own part of its name, unescaped."""
    return [value for name, value in _parts(dn)[0] if name.lower() == attribute.lower()]


def joined(*rdns: str) -> str:
    """One relative name of several (RFC 4514, multi-valued)."""
    return "+".join(rdns)


def is_child(dn: str, base: str) -> bool:
    """Whether ``dn`` stands right below ``base``; names compare without regard to case."""
    return _folded(dn)[1:] == _folded(base)


def is_at_or_below(dn: str, base: str) -> bool:
    """Whether ``dn`` is ``base`` or stands anywhere below it."""
    top = _folded(base)
    return _folded(dn)[-len(top) :] == top


def is_same(dn: str, other: str) -> bool:
    """Whether both are the same name."""
    return _folded(dn) == _folded(other)


def equals(attribute: str, value: str) -> str:
    """The filter ``(attribute=value)`` (RFC 4515)."""
    return f"({attribute}={escape_filter_chars(value)})"


def present(attribute: str) -> str:
    """The filter ``(attribute=*)``."""
    return f"({attribute}=*)"


def begins(attribute: str, text: str) -> str:
    """The filter ``(attribute=text*)``. Needs a substring rule at the attribute; without one it matches nothing."""
    return f"({attribute}={escape_filter_chars(text)}*)"


def lacks(condition: str) -> str:
    """The filter that matches where ``condition`` does not."""
    return f"(!{condition})"


def any_of(*conditions: str) -> str:
    """The filter that matches where one of these does."""
    return f"(|{''.join(conditions)})"


def all_of(*conditions: str) -> str:
    """The filter that matches where all of these do."""
    return f"(&{''.join(conditions)})"


def _folded(dn: str) -> list[list[tuple[str, str]]]:
    return [sorted((name.lower(), value.lower()) for name, value in relative) for relative in _parts(dn)]


def _parts(dn: str) -> list[list[tuple[str, str]]]:
    """The relative names of a name, each as (attribute, value) pairs (RFC 4514). ldap3's own parser fails on some.

    :raises ValueError: the text is not a name.
    """
    found = []
    for relative in _split(dn, ","):
        pairs = [piece.partition("=") for piece in _split(relative, "+")]
        if not all(_ATTRIBUTE.fullmatch(name.strip()) and equal for name, equal, _ in pairs):
            raise ValueError("not a distinguished name")
        found.append([(name.strip(), _unescaped(value)) for name, _, value in pairs])
    return found


def _split(text: str, separator: str) -> list[str]:
    pieces = []
    while (end := _end(text, separator)) < len(text):
        pieces.append(text[:end])
        text = text[end + 1 :]
    return [*pieces, text]


def _end(text: str, separator: str) -> int:
    """Where the first separator is that no backslash stands before; the length of the text when there is none."""
    position = 0
    while position < len(text) and text[position] != separator:
        position += 2 if text[position] == "\\" else 1
    return min(position, len(text))


def _unescaped(value: str) -> str:
    octets = _ESCAPED.sub(lambda found: _octet(found[1]), _trimmed(value).encode())
    return octets.decode(errors="replace")


def _trimmed(value: str) -> str:
    """Without the blanks around it, except one that a backslash keeps at the end."""
    text = value.strip(" ")
    return text + " " if text.endswith("\\") and not text.endswith("\\\\") and value.endswith(" ") else text


def _octet(escaped: bytes) -> bytes:
    return bytes.fromhex(escaped.decode()) if len(escaped) == 2 else escaped
