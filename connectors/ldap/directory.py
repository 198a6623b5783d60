"""Finding accounts in OpenLDAP, and the password policy in force for one."""

from connectors.ldap.entry import POLICY_OF_ENTRY, AccountEntry
from connectors.ldap.policy import PasswordPolicy
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.session import Entry, Session


class Directory(Accounts):
    """Questions that are asked on a session."""

    def __init__(self, settings: LdapSettings, shape: AccountEntry) -> None:
        super().__init__(settings, shape)
        self._settings = settings

    def policy_of(self, entry: Entry | None) -> str | None:
        """The name of the policy in force for an entry, or for one that does not exist yet."""
        return (entry.first(POLICY_OF_ENTRY) if entry else "") or self._settings.policy

    def policy(self, session: Session, dn: str | None) -> PasswordPolicy | None:
        """A policy as it is now; None when there is none or we may not read it."""
        entry = session.read(dn, PasswordPolicy.ATTRIBUTES) if dn else None
        return PasswordPolicy.read(entry.values) if entry and entry.values else None
