"""Finding accounts in 389 Directory Server, and the password policy in force for one."""

from collections.abc import Sequence

from connectors.ds389.entry import POLICY_OF_ENTRY, AccountEntry
from connectors.ds389.policy import PasswordPolicy
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.session import Entry, Session


class Directory(Accounts):
    """Questions that are asked on a session."""

    def __init__(self, settings: Ds389Settings, shape: AccountEntry) -> None:
        super().__init__(settings, shape)
        self._settings = settings

    def policy_of(self, entry: Entry | None) -> str:
        """The name of the policy in force for an entry, or for one that does not exist yet."""
        return (entry.first(POLICY_OF_ENTRY) if entry else "") or self._settings.policy

    def policy(
        self, session: Session, dn: str, attributes: Sequence[str] = PasswordPolicy.ATTRIBUTES
    ) -> PasswordPolicy | None:
        """A policy as it is now, or these attributes of it; None when there is none or we may not read it."""
        entry = session.read(dn, attributes)
        return PasswordPolicy.read(entry.values) if entry and entry.values else None

    def enforces_first_change(self, session: Session, entry: Entry | None) -> bool:
        """Whether the policy in force for an entry, or for one that does not exist yet, demands the first change."""
        policy = self.policy(session, self.policy_of(entry), PasswordPolicy.FIRST_CHANGE)
        return policy is not None and policy.enforces_first_change
