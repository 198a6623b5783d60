"""Distinguished names and filters, built from parts and escaped, never by putting text into text.

Only :func:`usable` values get here: LDAP strings are UTF-8, and a NUL ends them in many programs.
"""

from typing import Annotated

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn, parse_dn
from pydantic import AfterValidator, StringConstraints

from provisioner.connector import InvalidAttribute

AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
"""An attribute or object class by name."""


def _valid_dn(text: str) -> str:
    try:
        parse_dn(text)
    except LDAPInvalidDnError as error:
        raise ValueError("not a distinguished name") from error
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


def child(relative: str, base: str) -> str:
    """The name of an entry right below ``base``."""
    return ",".join((relative, base))


def parent(dn: str) -> str:
    """The name of the entry above, spelled as it was."""
    parts = parse_dn(dn)
    above = next(at for at, (_, _, separator) in enumerate(parts, 1) if separator != "+")
    return "".join(name + "=" + value + separator for name, value, separator in parts[above:])


def first_value(dn: str) -> str:
    """The value of the first attribute of a name, unescaped."""
    text: str = parse_dn(dn)[0][1]
    return _unescaped(text)


def is_child(dn: str, base: str) -> bool:
    """Whether ``dn`` stands right below ``base``; names compare without regard to case."""
    return _folded(dn)[1:] == _folded(base)


def same(one: str, other: str) -> bool:
    """Whether two names are the same entry's."""
    return _folded(one) == _folded(other)


def equals(attribute: str, value: str) -> str:
    """The filter ``(attribute=value)`` (RFC 4515)."""
    return f"({attribute}={escape_filter_chars(value)})"


def begins(attribute: str, value: str) -> str:
    """The filter ``(attribute=value*)``."""
    return f"({attribute}={escape_filter_chars(value)}*)"


def present(attribute: str) -> str:
    """The filter ``(attribute=*)``."""
    return f"({attribute}=*)"


def _folded(dn: str) -> list[tuple[str, str]]:
    return [(name.lower(), _unescaped(value).lower()) for name, value, _ in parse_dn(dn)]


def _unescaped(value: str) -> str:
    octets = bytearray()
    position = 0
    raw = value.encode()
    while position < len(raw):
        if raw[position] == 0x5C and position + 1 < len(raw):
            pair = raw[position + 1 : position + 3]
            try:
                octets.append(int(pair, 16) if len(pair) == 2 else pair[0])
                position += 3 if len(pair) == 2 else 2
            except ValueError:
                octets.append(raw[position + 1])
                position += 2
        else:
            octets.append(raw[position])
            position += 1
    return octets.decode(errors="replace")
