"""Giving an entry another name, or another place.

It is a request of its own in LDAP and cannot be refused by the marker. It goes first and has the server tell the marker
of that very instant (pre-read, RFC 4527): when that is not the one that was read, the name is given back at once. Then
the modify follows; when the server refuses it, the name is given back too. Cut off between the two, the entry stands
under its new name with its old marker, so that the work is still to do. A writer that had read the old name is told
that it is stale.
"""

from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import CONSTRAINT_VIOLATION, ENTRY_EXISTS
from connectors.ldap_client.names import child, parent, relative
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import RemoteAccount, StaleVersion


class Renaming:
    """Renames and moves on a session."""

    def __init__(self, settings: TreeSettings, shape: DescribedEntry, accounts: Accounts) -> None:
        self._marker_attribute = settings.marker_attribute
        self._shape = shape
        self._accounts = accounts

    def rename(self, session: Session, dn: str, current: RemoteAccount, username: str, place: str) -> str:
        """Let the account be called ``username`` and stand below ``place``; returns its new name in the directory.

        :raises AccountExists: the name is taken.
        :raises StaleVersion: the entry's marker is no longer the one that was read. Nothing was changed.
        """
        if self._shape.marker(self._accounts.locate(session, current, dn)) != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        rdn = self._shape.rdn(username)
        answer = session.rename(dn, rdn, [self._marker_attribute], below=_moved(dn, place))
        if answer.code in (ENTRY_EXISTS, CONSTRAINT_VIOLATION):
            self._accounts.refuse_name(session, username, current.remote_id)
        session.expect(answer, "renaming the entry")
        after = child(rdn, place)
        if self._shape.marker(Entry(dn, answer.read_back)) != current.marker:
            self.give_back(session, after, dn)
            raise StaleVersion("the entry's marker changed before it was renamed")
        return after

    def give_back(self, session: Session, dn: str, before: str) -> None:
        """Undo a renaming."""
        session.rename(dn, relative(before), [self._shape.id_attribute], below=_moved(dn, parent(before)))


def _moved(dn: str, place: str) -> str | None:
    """The place, when it is another one than that of ``dn``."""
    return place if place != parent(dn) else None
