"""Changes of one attribute as data, for :meth:`connectors.ldap_client.session.Session.modify`."""

from collections.abc import Sequence

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE

Change = Sequence[tuple[str, Sequence[bytes]]]
"""ldap3's form: operations on one attribute, in order."""


def replaced(*values: str) -> Change:
    """Hold exactly these values; none removes the attribute, which may be absent."""
    return [(MODIFY_REPLACE, [value.encode() for value in values])]


def replaced_by(value: bytes) -> Change:
    """Hold exactly this value, which need not be text."""
    return [(MODIFY_REPLACE, [value])]


def swapped(old: str, new: str) -> Change:
    """Compare-and-swap: the server refuses the whole modify (noSuchAttribute) when the old value is not there."""
    return exchanged(old.encode(), new.encode())


def exchanged(old: bytes, new: bytes) -> Change:
    """The same of values that need not be text."""
    return [(MODIFY_DELETE, [old]), (MODIFY_ADD, [new])]


def added(value: str) -> Change:
    """One value more."""
    return added_all(value)


def added_all(*values: str) -> Change:
    """These values more; the server refuses the whole modify (attributeOrValueExists) when one of them is there."""
    return [(MODIFY_ADD, [value.encode() for value in values])]


def removed(value: str) -> Change:
    """One value less."""
    return removed_all(value)


def removed_all(*values: str) -> Change:
    """These values less; the server refuses the whole modify (noSuchAttribute) when one of them is not there."""
    return [(MODIFY_DELETE, [value.encode() for value in values])]
