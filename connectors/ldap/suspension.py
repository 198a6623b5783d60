"""How an account is suspended so that it stays suspended whatever happens to its password.

OpenLDAP's own lock, ``pwdAccountLockedTime: 000001010000Z``, is removed by *any* later change of ``userPassword``, by
whomever: a password reset at the help desk would let a leaver in again. So two things are written together:

- ``disabled_attribute: disabled_value``, which an access rule in the server turns into "nobody may sign in with this
  entry or change its password". It survives everything and is what decides. The rule must stand before the others
  for ``userPassword``::

      access to dn.subtree="ou=people,..." filter=(businessCategory=disabled) attrs=userPassword
        by dn.exact="<service account>" manage
        by * none

- the lock, so that the server answers ``accountLocked`` and programs can say why. Writing a verifier to a suspended
  entry removes it, so it is set again right after; were we cut off between the two, the access rule holds alone.

``check`` proves with an entry of its own that the rule is there. Connections that were open before live on.
"""

from collections.abc import Iterator, Mapping

from connectors.ldap.settings import LdapSettings
from connectors.ldap_client.changes import Change, replaced

LOCK = "pwdAccountLockedTime"
LOCKED_FOR_GOOD = "000001010000Z"


class Suspension:
    """Writes and reads the two attributes."""

    def __init__(self, settings: LdapSettings) -> None:
        self._attribute = settings.disabled_attribute
        self._value = settings.disabled_value
        self.attributes = (self._attribute, LOCK)

    def values(self) -> Iterator[tuple[str, str]]:
        """What a new, suspended entry holds."""
        yield self._attribute, self._value
        yield LOCK, LOCKED_FOR_GOOD

    def changes(self, enabled: bool, *, with_lock: bool = True) -> dict[str, Change]:
        """What suspends an entry, or lets it in again (also after too many wrong passwords)."""
        mark = {self._attribute: replaced() if enabled else replaced(self._value)}
        return mark | self.lock(not enabled) if with_lock else mark

    def lock(self, locked: bool = True) -> dict[str, Change]:
        """The lock alone."""
        return {LOCK: replaced(LOCKED_FOR_GOOD) if locked else replaced()}

    def enabled(self, values: Mapping[str, list[str]]) -> bool:
        """Whether an entry with these values (by lower-cased name) is not suspended.

        A lock that the server set after wrong passwords carries its own time and is not a suspension.
        """
        disabled = self._value.lower() in (value.lower() for value in values.get(self._attribute.lower(), ()))
        return not disabled and LOCKED_FOR_GOOD not in values.get(LOCK.lower(), ())
