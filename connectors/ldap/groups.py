"""Entitlements as groups. Granting is conditional on the account's marker, like every write: user and group change in
one transaction, so that a worker that slept cannot raise a revoked account's rights again."""

from connectors.ldap.directory import Directory
from connectors.ldap.entry import AccountEntry
from connectors.ldap.errors import (
    ENTRY_EXISTS,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    OBJECT_CLASS_VIOLATION,
    SUCCESS,
    VALUE_EXISTS,
    Answer,
    refusal,
)
from connectors.ldap.names import child, rdn
from connectors.ldap.session import Entry, Session
from connectors.ldap.settings import LdapSettings
from connectors.ldap.steps import Change, Modify, added, removed, swapped
from provisioner.connector import InvalidAttribute, PermissionDenied, RemoteAccount, StaleVersion, UnknownAccount


class Groups:
    """Grants and revokes on a session. Granting twice and revoking the absent are successes."""

    def __init__(self, settings: LdapSettings, shape: AccountEntry, directory: Directory) -> None:
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
        answer = self._with_member(session, current, entry, group, added(entry.dn))
        if answer.code == NO_SUCH_OBJECT and session.read(group, ["1.1"]) is None:
            if not self._settings.create_groups:
                raise InvalidAttribute(f"the group {entitlement} does not exist in the directory", "entitlement")
            self._create(session, group, entitlement)
            answer = self._with_member(session, current, entry, group, added(entry.dn))
        if answer.code not in (SUCCESS, VALUE_EXISTS):
            raise refusal(answer, f"granting {entitlement}")

    def revoke(self, session: Session, current: RemoteAccount, entitlement: str) -> None:
        """End the membership. The last member leaves the placeholder behind.

        :raises StaleVersion: the account's marker is no longer the one that was read.
        """
        group = self.dn(entitlement)
        try:
            entry = self._current(session, current)
        except UnknownAccount:
            return
        answer = self._with_member(session, current, entry, group, removed(entry.dn))
        if answer.code == OBJECT_CLASS_VIOLATION and self._settings.group_placeholder:
            last = [*added(self._settings.group_placeholder), *removed(entry.dn)]
            answer = self._with_member(session, current, entry, group, last)
        if answer.code == NO_SUCH_ATTRIBUTE:
            # Either the marker or the member is not there any more: look which.
            self._current(session, current)
        elif answer.code not in (SUCCESS, NO_SUCH_OBJECT):
            raise refusal(answer, f"revoking {entitlement}")

    def _with_member(
        self, session: Session, current: RemoteAccount, entry: Entry, group: str, change: Change
    ) -> Answer:
        unmoved = swapped(str(current.marker), str(current.marker))
        return session.apply(
            Modify(entry.dn, {self._settings.marker_attribute: unmoved}),
            Modify(group, {self._settings.member_attribute: change}),
        )

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
            settings.member_attribute: [str(settings.group_placeholder).encode()],
        }
        answer = session.add(group, attributes, ["1.1"])
        if answer.code not in (SUCCESS, ENTRY_EXISTS):
            raise refusal(answer, f"creating the group {entitlement}")
