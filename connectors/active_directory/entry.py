"""What an account looks like as a user object: attributes out of a new account, a remote account out of an entry."""

from collections.abc import Mapping

from connectors.active_directory.account_control import (
    ASK_FOR_CHANGE,
    CONTROL,
    DISABLED,
    EXPIRES,
    LAST_SET,
    LOCKED_SINCE,
    NEVER_DEMANDED,
    NORMAL,
    SET_NOW,
    flags,
    switched,
)
from connectors.active_directory.password import ATTRIBUTE, quoted, reset, unknown
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client.changes import Change, replaced, swapped
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.names import rdn
from connectors.ldap_client.session import Entry
from provisioner.connector import Changes, InvalidAttribute, Marker, NewAccount, RemoteAccount

ID = "objectGUID"
PRINCIPAL = "userPrincipalName"
REMOVAL = ":removal"
"""Follows the marker of an entry that is being removed: see :mod:`connectors.active_directory.connector`."""


class UserObject(DescribedEntry):
    """Knows the settings' attributes; holds no connection."""

    def __init__(self, settings: ActiveDirectorySettings) -> None:
        super().__init__(settings, ID, (CONTROL, LAST_SET, EXPIRES))
        self._settings = settings

    def rdn(self, username: str) -> str:
        """The name of the entry below its parent."""
        return rdn("CN", username)

    def enabled(self, values: Mapping[str, list[str]]) -> bool:
        """Whether an entry with these values (by lower-cased name) is not disabled."""
        return not flags(values) & DISABLED

    def must_change(self, entry: Entry) -> bool | None:
        """Whether the domain controller demands the change, as it works it out itself."""
        found = entry.first(EXPIRES)
        return found == "0" if found else None

    def marker(self, entry: Entry) -> Marker | None:
        """Our marker in an entry, which may be on its way out; None for a stranger's."""
        texts = entry.values.get(self._settings.marker_attribute.lower(), ())
        return next((marker for text in texts if (marker := Marker.parse(text.removesuffix(REMOVAL)))), None)

    def is_leaving(self, entry: Entry) -> bool:
        """Whether a removal of this entry has begun."""
        texts = entry.values.get(self._settings.marker_attribute.lower(), ())
        return any(text.endswith(REMOVAL) and Marker.parse(text.removesuffix(REMOVAL)) for text in texts)

    def would_not_demand(self, entry: Entry) -> bool:
        """Whether the account's flags let it in although the password was to be changed first."""
        return bool(flags(entry.values) & NEVER_DEMANDED)

    def new(self, account: NewAccount) -> dict[str, list[bytes]]:
        """All attributes of a new entry. Its password is a random one that nobody will ever know.

        :raises InvalidAttribute: a value holds what a directory cannot, or there is a verifier.
        """
        if account.verifier is not None:
            raise InvalidAttribute("Active Directory takes no verifiers", "verifier")
        values = self.described(account)
        values[PRINCIPAL] = self._settings.principal(account.username)
        values[CONTROL] = switched(NORMAL, account.enabled)
        values[LAST_SET] = ASK_FOR_CHANGE
        return {**self.encoded(values), ATTRIBUTE: [quoted(unknown())]}

    def changes(self, current: RemoteAccount, changes: Changes, marker: Marker, entry: Entry) -> dict[str, Change]:
        """What one modification must do, compare-and-swap of the marker included. ``entry``: as it is now.

        :raises InvalidAttribute: a value holds what a directory cannot, or there is a verifier.
        """
        if changes.verifier is not None:
            raise InvalidAttribute("Active Directory takes no verifiers", "verifier")
        wanted = self._marked(str(current.marker), str(marker))
        if changes.profile is not None:
            wanted.update(self.profile_changes(changes.profile))
        if changes.username is not None and changes.username != current.username:
            wanted[self._settings.naming_attribute] = replaced(changes.username)
            wanted[PRINCIPAL] = replaced(self._settings.principal(changes.username))
        if changes.must_change is not None:
            wanted[LAST_SET] = replaced(ASK_FOR_CHANGE if changes.must_change else SET_NOW)
        if changes.enabled is not None:
            wanted[CONTROL] = replaced(switched(flags(entry.values), changes.enabled))
        if changes.enabled:
            wanted[LOCKED_SINCE] = replaced("0")
        return wanted

    def password_changes(
        self, current: RemoteAccount, password: str, marker: Marker, *, must_change: bool
    ) -> dict[str, Change]:
        """What sets a password, ends a lock after wrong ones, and leaves everything else as it is."""
        return self._marked(str(current.marker), str(marker)) | {
            ATTRIBUTE: reset(password),
            LAST_SET: replaced(ASK_FOR_CHANGE if must_change else SET_NOW),
            LOCKED_SINCE: replaced("0"),
        }

    def leaving(self, marker: Marker, entry: Entry) -> dict[str, Change]:
        """What takes an entry out of use so that no other writer can change it any more."""
        out_of_use = replaced(switched(flags(entry.values), enabled=False))
        return self._marked(str(marker), str(marker) + REMOVAL) | {CONTROL: out_of_use}

    def _marked(self, old: str, new: str) -> dict[str, Change]:
        return {self._settings.marker_attribute: swapped(old, new)}
