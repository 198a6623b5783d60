"""Entitlements as groups.

A membership stands in the group's entry and cannot be made conditional on the account's marker in one request. So the
marker is looked at before and after: a worker that slept in between, while a newer one changed the account, finds
that out right after its write, takes back the membership if it was the one who gave it, and says so (StaleVersion). A
membership that was taken away by mistake is not given back; the newer state, converged again, does that.
"""

from collections.abc import Sequence

from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.changes import added, added_all, removed, removed_all
from connectors.ldap_client.entry import DescribedEntry, ours
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
from provisioner.connector import (
    ConnectorError,
    InvalidAttribute,
    RemoteAccount,
    Sought,
    StaleVersion,
    UnknownAccount,
)


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

    def grant_several(
        self, session: Session, several: Sequence[RemoteAccount], entitlement: str
    ) -> list[ConnectorError | None]:
        """Make all of them members in one change of the group; see :class:`~provisioner.connector.EntitlesSeveral`.

        :raises ConnectorError: the group was not changed: one of them is a member already, say, or it does not exist.
        """
        group = self.dn(entitlement)
        before = self._current_entries(session, several)
        there = [entry for entry in before if isinstance(entry, Entry)]
        if not there:
            return [_error(entry) for entry in before]
        names = added_all(*(entry.dn for entry in there))
        session.expect(session.modify(group, {self._settings.member_attribute: names}), f"granting {entitlement}")
        after = self._current_entries(session, several)
        for entry, now in zip(before, after, strict=True):
            if isinstance(entry, Entry) and not isinstance(now, Entry):
                self._remove(session, group, entry)
        return [_error(entry) or _error(now) for entry, now in zip(before, after, strict=True)]

    def revoke_several(
        self, session: Session, several: Sequence[RemoteAccount], entitlement: str
    ) -> list[ConnectorError | None]:
        """End all their memberships in one change of the group; see :class:`~provisioner.connector.EntitlesSeveral`.

        :raises ConnectorError: the group was not changed: one of them is no member, say, or somebody has to remain.
        """
        group = self.dn(entitlement)
        before = self._current_entries(session, several)
        there = [entry for entry in before if isinstance(entry, Entry)]
        after = before
        if there:
            names = removed_all(*(entry.dn for entry in there))
            session.expect(session.modify(group, {self._settings.member_attribute: names}), f"revoking {entitlement}")
            after = self._current_entries(session, several)
        errors = [_error(entry) or _error(now) for entry, now in zip(before, after, strict=True)]
        return [None if isinstance(error, UnknownAccount) else error for error in errors]

    def _add(self, session: Session, group: str, entry: Entry) -> Answer:
        return session.modify(group, {self._settings.member_attribute: added(entry.dn)})

    def _remove(self, session: Session, group: str, entry: Entry) -> Answer:
        answer = session.modify(group, {self._settings.member_attribute: removed(entry.dn)})
        if answer.code == OBJECT_CLASS_VIOLATION and self._settings.group_placeholder:
            last = [*added(self._settings.group_placeholder), *removed(entry.dn)]
            answer = session.modify(group, {self._settings.member_attribute: last})
        return answer

    def _current(self, session: Session, current: RemoteAccount) -> Entry:
        marker = ours(current)
        entry = self._directory.locate(session, current)
        if self._shape.marker(entry) != marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        return entry

    def _current_entries(self, session: Session, several: Sequence[RemoteAccount]) -> list[Entry | ConnectorError]:
        """For each what :meth:`_current` finds, or raises; in one question."""
        sought = [Sought(ours(current).account_id, current.username) for current in several]
        found: list[Entry | ConnectorError] = []
        for current, (marked, _) in zip(several, self._directory.several(session, sought), strict=True):
            entry = next((each for each in marked if self._shape.account(each).remote_id == current.remote_id), None)
            if entry is None:
                found.append(UnknownAccount(f"no entry of ours with the id {current.remote_id} in the directory"))
            elif self._shape.marker(entry) != current.marker:
                found.append(StaleVersion("the entry's marker is not the one that was read"))
            else:
                found.append(entry)
        return found

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


def _error(found: Entry | ConnectorError) -> ConnectorError | None:
    return None if isinstance(found, Entry) else found
