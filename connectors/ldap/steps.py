"""Changes as data. :meth:`connectors.ldap.session.Session.apply` carries them out, several as one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE

Change = Sequence[tuple[str, Sequence[bytes]]]
"""ldap3's form: operations on one attribute, in order."""


@dataclass(frozen=True)
class Modify:
    """Change attributes of one entry, all or none."""

    dn: str
    changes: Mapping[str, Change]


@dataclass(frozen=True)
class Rename:
    """Give an entry another name under the same parent; the old name's value goes."""

    dn: str
    rdn: str


Step = Modify | Rename


def replaced(*values: str) -> Change:
    """Hold exactly these values; none removes the attribute, which may be absent."""
    return [(MODIFY_REPLACE, [value.encode() for value in values])]


def swapped(old: str, new: str) -> Change:
    """Compare-and-swap: the server refuses the whole step (noSuchAttribute) when the old value is not there."""
    return [(MODIFY_DELETE, [old.encode()]), (MODIFY_ADD, [new.encode()])]


def added(value: str) -> Change:
    """One value more."""
    return [(MODIFY_ADD, [value.encode()])]


def removed(value: str) -> Change:
    """One value less."""
    return [(MODIFY_DELETE, [value.encode()])]
