"""What an account looks like in OpenLDAP: attributes out of a new account, and how a first change is demanded."""

from collections.abc import Mapping

from connectors.ldap.settings import LdapSettings
from connectors.ldap.suspension import Suspension
from connectors.ldap_client.changes import Change, replaced, swapped
from connectors.ldap_client.entry import PASSWORD, DescribedEntry
from connectors.ldap_client.names import usable
from connectors.ldap_client.session import Entry
from provisioner.connector import Changes, InvalidAttribute, Marker, NewAccount, RemoteAccount, Verifier

RESET = "pwdReset"
POLICY_OF_ENTRY = "pwdPolicySubentry"
ID = "entryUUID"


class AccountEntry(DescribedEntry):
    """Knows the settings' attributes; holds no connection."""

    def __init__(self, settings: LdapSettings) -> None:
        self._settings = settings
        self.suspension = Suspension(settings)
        super().__init__(settings, ID, [*self.suspension.attributes, RESET, POLICY_OF_ENTRY])

    def enabled(self, values: Mapping[str, list[str]]) -> bool:
        """See :class:`~connectors.ldap_client.entry.DescribedEntry`."""
        return self.suspension.enabled(values)

    def must_change(self, entry: Entry) -> bool | None:
        """See :class:`~connectors.ldap_client.entry.DescribedEntry`."""
        return entry.first(RESET).upper() == "TRUE" if self._settings.policy else None

    def new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        """All attributes of a new entry.

        :raises InvalidAttribute: a value holds what a directory cannot.
        """
        settings = self._settings
        values = self.described(account)
        if account.verifier is not None:
            values[PASSWORD] = self._scheme_text(account.verifier)
        if account.must_change:
            values[RESET] = "TRUE"
        if settings.pin_policy and settings.policy is not None:
            values[POLICY_OF_ENTRY] = settings.policy
        if not enabled:
            values.update(self.suspension.values())
        return self.encoded(values)

    def changes(self, current: RemoteAccount, changes: Changes, marker: Marker) -> dict[str, Change]:
        """What one modification must do, compare-and-swap of the marker included.

        ``pwdReset`` is always said together with a verifier: what the server would do by itself depends on the right
        that the service account holds.
        """
        wanted: dict[str, Change] = {
            self._settings.marker_attribute: swapped(str(current.marker), str(marker)),
        }
        if changes.profile is not None:
            wanted.update(self.profile_changes(changes.profile))
        if changes.verifier is not None:
            wanted[PASSWORD] = replaced(self._scheme_text(changes.verifier))
        must_change = current.must_change if changes.must_change is None else changes.must_change
        if changes.verifier is not None or changes.must_change is not None:
            wanted[RESET] = replaced("TRUE") if must_change else replaced()
        if changes.enabled is not None:
            # The server takes the lock away with a new password itself and refuses to be helped with it.
            with_lock = changes.verifier is None
            wanted.update(self.suspension.changes(changes.enabled, with_lock=with_lock))
        return wanted

    def _scheme_text(self, verifier: Verifier) -> str:
        if verifier.scheme != "argon2id" or not verifier.text.startswith("$argon2id$"):
            raise InvalidAttribute("the directory takes argon2id verifiers only", "verifier")
        return "{ARGON2}" + usable(verifier.text, "verifier")
