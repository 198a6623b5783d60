"""Entitlements as groups.

A membership stands in the group's entry and cannot be made conditional on the account's marker in one request. So the
marker is looked at before and after: a worker that slept in between, while a newer one changed the account, finds
that out right after its write, takes back the membership if it was the one who gave it, and says so (StaleVersion). A
membership that was taken away by mistake is not given back; the newer state, converged again, does that.
"""

from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.changes import added, removed
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import (
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    OBJECT_CLASS_VIOLATION,
    SUCCESS,
    VALUE_EXISTS,
    Answer,
)
from connectors.ldap_client.names import child, rdn
from connectors.ldap_client.session import Entry, Session
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import InvalidAttribute, PermissionDenied, RemoteAccount, StaleVersion, UnknownAccount


class Groups:
    """Grants and revokes on a session. Granting twice and revoking the absent are successes."""

    def __init__(self, settings: TreeSettings, shape: DescribedEntry, directory: Accounts) -> None:
        self._settings = settings
        self._shape = shape
        self._directory = directory

    def dn(self, entitlement: str) -> str:
        """The group's name.

        :raises InvalidAttribute: no groups are configured, or the entitlement cannot name one.
        """
        if self._settings.group_base is None:
            raise InvalidAttribute("group_base is not configured", "entitlement")
        return child(rdn(self._settings.group_naming_attribute, entitlement, "entitlement"), self._settings.group_base)

    def grant(self, session: Session, current: RemoteAccount, entitlement: str) -> None:
        """Make the account a member.

        :raises StaleVersion: the account's marker is no longer the one that was read.
        :raises InvalidAttribute: there is no such group.
        """
        group = self.dn(entitlement)
        entry = self._current(session, current)
        answer = self._add(session, group, entry)
        if answer.code == NO_SUCH_OBJECT:
            if not self._settings.create_groups:
                raise InvalidAttribute(f"the group {entitlement} does not exist in the directory", "entitlement")
            self._create(session, group, entitlement)
            answer = self._add(session, group, entry)
        if answer.code != VALUE_EXISTS:
            session.expect(answer, f"granting {entitlement}")
        try:
            self._current(session, current)
        except (StaleVersion, UnknownAccount):
            if answer.code == SUCCESS:
                self._remove(session, group, entry)
            raise

    def revoke(self, session: Session, current: RemoteAccount, entitlement: str) -> None:
        """End the membership. The last member leaves the placeholder behind, if there must be one; an account
        that is gone has none.

        :raises StaleVersion: the account's marker is no longer the one that was read.
        """
        group = self.dn(entitlement)
        try:
            answer = self._remove(session, group, self._current(session, current))
            if answer.code not in (NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
                session.expect(answer, f"revoking {entitlement}")
            self._current(session, current)
        except UnknownAccount:
            return

    def _add(self, session: Session, group: str, entry: Entry) -> Answer:
        return session.modify(group, {self._settings.member_attribute: added(entry.dn)})

    def _remove(self, session: Session, group: str, entry: Entry) -> Answer:
        answer = session.modify(group, {self._settings.member_attribute: removed(entry.dn)})
        if answer.code == OBJECT_CLASS_VIOLATION and self._settings.group_placeholder:
            last = [*added(self._settings.group_placeholder), *removed(entry.dn)]
            answer = session.modify(group, {self._settings.member_attribute: last})
        return answer

    def _current(self, session: Session, current: RemoteAccount) -> Entry:
        if current.marker is None:
            raise PermissionDenied("a stranger's entry is never changed")
        entry = self._directory.locate(session, current)
        if self._shape.marker(entry) != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        return entry

    def _create(self, session: Session, group: str, entitlement: str) -> None:
        settings = self._settings
        attributes = {
            "objectClass": [settings.group_class.encode()],
            settings.group_naming_attribute: [entitlement.encode()],
        }
        if settings.group_placeholder is not None:
            attributes[settings.member_attribute] = [settings.group_placeholder.encode()]
        answer = session.add(group, attributes, ["1.1"])
        if answer.code != ENTRY_EXISTS:
            session.expect(answer, f"creating the group {entitlement}")
