"""What an account looks like in 389 Directory Server, and how it suspends and demands the first change.

- ``nsAccountLock: true`` suspends. It is apart from the password and survives every change of it.
- ``passwordExpirationTime`` at the beginning of 1970 demands the change, where the policy in force says
  ``passwordMustChange``; without that the value means nothing. Where it does, the *server* writes the value by itself
  when a password administrator sets a password: in the add, but only shortly *after* its answer to a modify. What
  stands in a new entry, and ``pwdReset`` in a changed one (``TRUE`` or ``FALSE``, written as late; we take the old one
  away), is the server's own word on whether the change is enforced.
"""

from collections.abc import Mapping

from connectors.ds389 import pbkdf2
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client.changes import Change, replaced, swapped
from connectors.ldap_client.entry import PASSWORD, DescribedEntry
from connectors.ldap_client.names import joined, own_values, rdn
from connectors.ldap_client.session import Entry
from provisioner.connector import Changes, InvalidAttribute, Marker, NewAccount, RemoteAccount, Verifier

ID = "nsUniqueId"
LOCK = "nsAccountLock"
EXPIRES = "passwordExpirationTime"
RESET = "pwdReset"
AFTER_RESET = "19700101000000Z"
POLICY_OF_ENTRY = "pwdpolicysubentry"
GUESSING = ("accountUnlockTime", "passwordRetryCount")
"""What the server keeps of wrong passwords."""


class AccountEntry(DescribedEntry):
    """Knows the settings' attributes; holds no connection."""

    def __init__(self, settings: Ds389Settings) -> None:
        super().__init__(settings, ID, [LOCK, EXPIRES, POLICY_OF_ENTRY])
        self._settings = settings

    def enabled(self, values: Mapping[str, list[str]]) -> bool:
        """See :class:`~connectors.ldap_client.entry.DescribedEntry`."""
        return "true" not in (value.lower() for value in values.get(LOCK.lower(), ()))

    def must_change(self, entry: Entry) -> bool | None:
        """See :class:`~connectors.ldap_client.entry.DescribedEntry`."""
        return None if self._settings.withheld else entry.first(EXPIRES) == AFTER_RESET

    def marker(self, entry: Entry) -> Marker | None:
        """See :class:`~connectors.ldap_client.entry.DescribedEntry`. A marker that somebody put into the entry's name
        in order to remove it, and that was not its own, does not count.
        """
        texts = self._marker_texts(entry)
        if len(texts) > 1:
            strange = own_values(entry.dn, self._settings.marker_attribute)
            texts = [text for text in texts if text not in strange]
        return next(map(Marker.parse, texts), None)

    def parked_rdn(self, username: str, marker: Marker) -> str:
        """The entry's name while it is being removed: see :mod:`connectors.ds389.removal`."""
        return joined(self.rdn(username), rdn(self._settings.marker_attribute, str(marker)))

    def is_parked(self, entry: Entry) -> bool:
        """Whether the entry's name holds a marker."""
        return bool(own_values(entry.dn, self._settings.marker_attribute))

    def keeps_own_marker(self, entry: Entry) -> bool:
        """Whether the marker in a parked entry's name is the entry's own."""
        return len(self._marker_texts(entry)) == 1

    def new(self, account: NewAccount, enabled: bool) -> dict[str, list[bytes]]:
        """All attributes of a new entry.

        :raises InvalidAttribute: a value holds what a directory cannot.
        """
        values = self.described(account)
        if account.verifier is not None:
            values[PASSWORD] = _text(account.verifier)
        elif account.must_change:
            values[EXPIRES] = AFTER_RESET
        if not enabled:
            values[LOCK] = "true"
        return self.encoded(values)

    def changes(self, current: RemoteAccount, changes: Changes, marker: Marker) -> list[dict[str, Change]]:
        """The modifications that must be done one after the other, each a compare-and-swap of the marker.

        It is one, except for a password that need *not* be changed: the server demands the change of every password
        that we set, and the demand can be taken back only once it is there. Cut off between the two the old marker
        still stands, so that the work is still to do, and the password must be changed, which is safe.
        """
        wanted: dict[str, Change] = {self._settings.marker_attribute: swapped(str(current.marker), str(marker))}
        if changes.profile is not None:
            wanted.update(self.profile_changes(changes.profile))
        if changes.enabled is not None:
            wanted[LOCK] = replaced() if changes.enabled else replaced("true")
            if changes.enabled:
                wanted.update({name: replaced() for name in GUESSING})
        must_change = current.must_change if changes.must_change is None else changes.must_change
        if changes.verifier is None:
            if changes.must_change is not None:
                wanted[EXPIRES] = replaced(AFTER_RESET) if must_change else replaced()
            return [wanted]
        password = {PASSWORD: replaced(_text(changes.verifier)), RESET: replaced()}
        if must_change:
            return [wanted | password | {EXPIRES: replaced(AFTER_RESET)}]
        unchanged = {self._settings.marker_attribute: swapped(str(current.marker), str(current.marker))}
        return [unchanged | password | {EXPIRES: replaced()}, wanted | {EXPIRES: replaced()}]

    def suspended(self, marker: Marker) -> dict[str, Change]:
        """Suspend an entry that still carries this marker."""
        return {self._settings.marker_attribute: swapped(str(marker), str(marker)), LOCK: replaced("true")}

    def _marker_texts(self, entry: Entry) -> list[str]:
        texts = entry.values.get(self._settings.marker_attribute.lower(), ())
        return [text for text in texts if Marker.parse(text)]


def _text(verifier: Verifier) -> str:
    if verifier.scheme != pbkdf2.SCHEME or not pbkdf2.is_verifier(verifier.text):
        raise InvalidAttribute(f"the directory takes {pbkdf2.SCHEME} verifiers only", "verifier")
    return verifier.text
