"""Finding user objects: by name in the whole domain, by marker among the accounts, by GUID wherever they are."""

from collections.abc import Iterator
from uuid import UUID

from connectors.active_directory.entry import UserObject
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client import wire
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.names import equals, present, usable
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import MARKER_PREFIX, InvalidAttribute, RemoteAccount, UnknownAccount


def by_guid(remote_id: str) -> str:
    """A name under which an entry is reached wherever it is (MS-ADTS 3.1.1.3.1.2.4).

    :raises InvalidAttribute: it is not a GUID.
    """
    try:
        return f"<GUID={UUID(remote_id)}>"
    except ValueError as error:
        raise InvalidAttribute("not an objectGUID", "remote_id") from error


class DomainAccounts(Accounts):
    """Questions that are asked on a session."""

    def __init__(self, settings: ActiveDirectorySettings, shape: UserObject) -> None:
        super().__init__(settings, shape)
        self._base = settings.domain
        self._settings = settings

    def by_account(self, session: Session, account_id: str) -> list[Entry]:
        """Every entry below ``people_base`` with our marker for this account."""
        prefix = ":".join((MARKER_PREFIX, usable(account_id, "account_id"), ""))
        where = wire.begins(self._settings.marker_attribute, prefix)
        found = session.find(self._settings.people_base, where, self._shape.attributes)
        return [entry for entry in found if (marker := self._shape.marker(entry)) and marker.account_id == account_id]

    def by_principal(self, session: Session, username: str) -> Entry | None:
        """The entry with this user's principal name, whatever its user name is."""
        where = wire.equals("userPrincipalName", self._settings.principal(username))
        found = session.find(self._base, where, self._shape.attributes)
        return found[0] if found else None

    def pages(self, session: Session, timeout: float) -> Iterator[list[Entry]]:
        """Every person's account below ``people_base``, page by page, without the entries of ``check``."""
        base, size = self._settings.people_base, self._settings.page_size
        where = "".join(("(&", equals("objectCategory", "person"), present(self._settings.naming_attribute), ")"))
        for page in session.pages(base, where, self._shape.attributes, size, timeout):
            yield [entry for entry in page if not self._shape.is_probe(entry)]

    def find_id(self, session: Session, remote_id: str, attributes: list[str] | None = None) -> Entry | None:
        """The entry with this immutable id, wherever it is now."""
        return session.read(by_guid(remote_id), attributes or self._shape.attributes)

    def locate(self, session: Session, account: RemoteAccount, dn: str | None = None) -> Entry:  # noqa: ARG002
        """The entry of an account by its immutable id.

        :raises UnknownAccount: there is none.
        """
        entry = self.find_id(session, account.remote_id)
        if entry is None:
            raise UnknownAccount(f"no entry with the id {account.remote_id} in the domain")
        return entry
