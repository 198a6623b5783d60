"""How an entry is removed on condition that it carries the marker that was read.

389 Directory Server knows neither assertions (RFC 4528) nor transactions (RFC 5805), and a delete has no condition of
its own but the entry's name. So the marker is made a part of the name first: ``uid=dewi`` becomes
``uid=dewi+carLicense=siak-provisioner:...``, and the server tells the marker of that very instant (pre-read, RFC
4527). While the marker stands in the name nobody can change it (notAllowedOnRDN), and the delete by that name is the
condition: a writer who wants the entry to live gives it its plain name back, and then the delete finds nothing.

When the marker was another one the name is given back at once, and the removal is stale. Cut off after the renaming,
the entry stands under the longer name with everything else as it was; the next writer or the next removal goes on.
"""

from connectors.ds389.entry import AccountEntry
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.errors import NO_SUCH_OBJECT
from connectors.ldap_client.names import child, parent
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import Marker, RemoteAccount, StaleVersion, UnknownAccount

TRIES = 5


class Removal:
    """Removes entries on a session, and gives back names that a removal has changed."""

    def __init__(self, settings: Ds389Settings, shape: AccountEntry, accounts: Accounts) -> None:
        self._settings = settings
        self._shape = shape
        self._accounts = accounts

    def remove(self, session: Session, current: RemoteAccount, marker: Marker) -> None:
        """Remove the entry; absent already is a success.

        :raises StaleVersion: it carries another marker, or others keep giving its name back.
        """
        for _ in range(TRIES):
            try:
                entry = self._accounts.locate(session, current)
            except UnknownAccount:
                return
            if self._shape.marker(entry) != marker:
                raise StaleVersion("the entry's marker is not the one that was read")
            parked = self._parked(session, entry, marker)
            if parked is None:
                continue
            answer = session.delete(parked)
            if answer.code != NO_SUCH_OBJECT:
                session.expect(answer, "deleting the entry")
                return
        raise StaleVersion("the entry is being changed by others")

    def give_back_name(self, session: Session, entry: Entry) -> str:
        """The plain name of an entry that a removal left under the longer one.

        :raises UnknownAccount: the removal was quicker.
        """
        plain = self._shape.rdn(self._shape.account(entry).username)
        keep = self._shape.keeps_own_marker(entry)
        session.expect(session.rename(entry.dn, plain, keep_old=keep), "giving a name back")
        return child(plain, parent(entry.dn))

    def _parked(self, session: Session, entry: Entry, marker: Marker) -> str | None:
        """The name by which the entry can be removed; None when it is not where it was any more."""
        if self._shape.is_parked(entry) and self._shape.keeps_own_marker(entry):
            return entry.dn
        rdn = self._shape.parked_rdn(self._shape.account(entry).username, marker)
        parked = child(rdn, parent(entry.dn))
        answer = session.rename(entry.dn, rdn, [self._settings.marker_attribute])
        if answer.code == NO_SUCH_OBJECT:
            return None
        session.expect(answer, "taking the entry out of use")
        if self._shape.marker(Entry(entry.dn, answer.read_back)) != marker:
            session.rename(parked, self._shape.rdn(self._shape.account(entry).username))
            raise StaleVersion("the entry's marker changed before it was removed")
        return parked
