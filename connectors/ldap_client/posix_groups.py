"""Entitlements as POSIX groups (RFC 2307): the group holds the members' user names (``memberUid``), not their entries.

An entitlement ``posix:NAME`` is the group ``cn=NAME`` below ``posix_group_base``. What a server does for the members of
``groupOfNames`` it does not do for names, so it is done here: memberships follow a renamed account, end with a removed
one, and one that was left behind under a name is not inherited by the next who is given that name. As with other groups
the account's marker is looked at before and after.
"""

from collections.abc import Iterator

from connectors.ldap_client import wire
from connectors.ldap_client.accounts import Accounts
from connectors.ldap_client.changes import added, removed
from connectors.ldap_client.entry import DescribedEntry
from connectors.ldap_client.errors import NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT, SUCCESS, VALUE_EXISTS
from connectors.ldap_client.names import child, present, rdn
from connectors.ldap_client.session import Session
from connectors.ldap_client.tree import TreeSettings
from provisioner.connector import InvalidAttribute, PermissionDenied, RemoteAccount, StaleVersion, UnknownAccount

PREFIX = "posix:"
MEMBER = "memberUid"


class PosixGroups:
    """Reads and changes memberships on a session. Without ``posix_group_base`` there are none."""

    def __init__(self, settings: TreeSettings, shape: DescribedEntry, accounts: Accounts) -> None:
        self._base = settings.posix_group_base
        self._page_size = settings.page_size
        self._shape = shape
        self._accounts = accounts

    def of(self, session: Session, username: str) -> frozenset[str]:
        """The entitlements that an account of this name holds."""
        return frozenset(PREFIX + name for name, _ in self._groups_of(session, username))

    def of_everybody(self, session: Session, timeout: float) -> dict[str, set[str]]:
        """The entitlements of every name, read once; each page has ``timeout`` seconds."""
        held: dict[str, set[str]] = {}
        if self._base is not None:
            where = present(MEMBER)
            for page in session.pages(self._base, where, ["cn", MEMBER], self._page_size, timeout):
                for group in page:
                    for username in group.values.get(MEMBER.lower(), ()):
                        held.setdefault(username, set()).add(PREFIX + group.first("cn"))
        return held

    def grant(self, session: Session, current: RemoteAccount, entitlement: str) -> None:
        """Make the account a member.

        :raises StaleVersion: the account's marker is no longer the one that was read.
        :raises InvalidAttribute: there is no such group; it cannot be made here, for want of a group number.
        """
        group = self._dn(entitlement)
        self._require_current(session, current)
        answer = session.modify(group, {MEMBER: added(current.username)})
        if answer.code == NO_SUCH_OBJECT:
            raise InvalidAttribute(f"the group {entitlement} does not exist in the directory", "entitlement")
        if answer.code != VALUE_EXISTS:
            session.expect(answer, f"granting {entitlement}")
        try:
            self._require_current(session, current)
        except (StaleVersion, UnknownAccount):
            if answer.code == SUCCESS:
                session.modify(group, {MEMBER: removed(current.username)})
            raise

    def revoke(self, session: Session, current: RemoteAccount, entitlement: str) -> None:
        """End the membership; an account that is gone has none.

        :raises StaleVersion: the account's marker is no longer the one that was read.
        """
        try:
            self._require_current(session, current)
            self._end(session, self._dn(entitlement), current.username)
            self._require_current(session, current)
        except UnknownAccount:
            return

    def end_all(self, session: Session, username: str) -> None:
        """End every membership of a name that nobody has any more, or that somebody has just been given."""
        for _, dn in self._groups_of(session, username):
            self._end(session, dn, username)

    def follow(self, session: Session, before: str, after: str) -> None:
        """Let the memberships of a renamed account follow it."""
        for _, dn in self._groups_of(session, before):
            answer = session.modify(dn, {MEMBER: added(after)})
            if answer.code != VALUE_EXISTS:
                session.expect(answer, "letting a membership follow a renamed account")
            self._end(session, dn, before)

    def _groups_of(self, session: Session, username: str) -> Iterator[tuple[str, str]]:
        if self._base is not None:
            for group in session.find(self._base, wire.equals(MEMBER, username), ["cn"]):
                yield group.first("cn"), group.dn

    def _end(self, session: Session, dn: str, username: str) -> None:
        answer = session.modify(dn, {MEMBER: removed(username)})
        if answer.code not in (NO_SUCH_ATTRIBUTE, NO_SUCH_OBJECT):
            session.expect(answer, "ending a membership")

    def _dn(self, entitlement: str) -> str:
        if self._base is None:
            raise InvalidAttribute("posix_group_base is not configured", "entitlement")
        return child(rdn("cn", entitlement.removeprefix(PREFIX), "entitlement"), self._base)

    def _require_current(self, session: Session, current: RemoteAccount) -> None:
        if current.marker is None:
            raise PermissionDenied("a stranger's entry is never changed")
        entry = self._accounts.locate(session, current)
        if self._shape.marker(entry) != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
