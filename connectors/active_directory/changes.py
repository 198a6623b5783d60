"""What changed in a domain: its accounts, and those that were given or lost a membership.

DirSync names who joined and who left a group, whoever did it; so nothing has to be remembered of our own grants. A
group that has another name or place changes what all its members hold and is a reason to read in full. What was removed
is shown to administrators only: a service account that sees it all the same gets it told.

A cursor is good at the domain controller that gave it. Another one, or the same after it was put back to an older
state, could leave something out without a word; both are found out by ``invocationId`` and ``highestCommittedUSN``.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from connectors.active_directory import dirsync
from connectors.active_directory.account_control import EXPIRES
from connectors.active_directory.entry import ID, UserObject
from connectors.active_directory.settings import ActiveDirectorySettings
from connectors.ldap_client import wire
from connectors.ldap_client.names import is_at_or_below
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import ChangesUnknown, News, RemoteAccount

_PREFIX = "dirsync"
_REMOVED, _NAME, _MEMBERS, _SID = "isDeleted", "name", "member", "objectSid"
_AT_ONCE = 100
_PERSON = wire.equals("objectCategory", "person")
_WHERE = wire.any_of((_PERSON, wire.equals("objectClass", "group"), wire.equals(_REMOVED, "TRUE")))


@dataclass(frozen=True)
class _Place:
    """Where in which domain controller's changes."""

    replica: str
    highest: int
    cookie: bytes = b""

    def __str__(self) -> str:
        return ":".join((_PREFIX, self.replica, str(self.highest), base64.b64encode(self.cookie).decode()))

    @classmethod
    def parse(cls, text: str) -> Self:
        """:raises ChangesUnknown: it is not one of ours."""
        parts = text.split(":")
        if len(parts) == 4 and parts[0] == _PREFIX and parts[2].isdecimal():
            try:
                return cls(parts[1], int(parts[2]), base64.b64decode(parts[3], validate=True))
            except binascii.Error:
                pass
        raise ChangesUnknown("the cursor is not one of this kind of directory")


class DomainChanges:
    """Asks on sessions of its own."""

    sees_removals: ClassVar[bool] = False

    def __init__(self, settings: ActiveDirectorySettings, pool: Pool, shape: UserObject) -> None:
        self._settings = settings
        self._pool = pool
        self._shape = shape
        # Not what a domain controller works out when it is asked: both follow from the others.
        left_out = {EXPIRES, settings.member_of_attribute}
        self._watched = [name for name in shape.attributes if name not in left_out] + [_REMOVED, _NAME, _MEMBERS, _SID]

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        with self._pool.session() as session:
            try:
                place = self._here(session)
                cookie = dirsync.position(session, self._settings.domain, self._pool.call_timeout)
            except ChangesUnknown:
                return None
        return str(_Place(place.replica, place.highest, cookie))

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        before, named = _Place.parse(cursor), set[str]()
        timeout = self._pool.call_timeout
        with self._pool.session() as session:
            here = self._here(session)
            if here.replica != before.replica or here.highest < before.highest:
                raise ChangesUnknown("the cursor is of another domain controller, or of a newer state of this one")
            for part in dirsync.since(session, self._settings.domain, _WHERE, self._watched, before.cookie, timeout):
                self._refuse_changed_groups(session, part.entries)
                changed = [each for each in self._told(session, part.entries) if each.remote_id not in named]
                named.update(each.remote_id for each in changed)
                gone = [each for each in self._gone(part.entries) if each not in named]
                named.update(gone)
                place = str(_Place(here.replica, here.highest, part.cookie)) if part.last else None
                yield News(changed=changed, gone=gone, cursor=place)

    def _here(self, session: Session) -> _Place:
        """Which domain controller answers, and how far it has come."""
        root = session.read("", ["dsServiceName", "highestCommittedUSN"])
        service, highest = (root.first("dsServiceName"), root.first("highestCommittedUSN")) if root else ("", "")
        own = session.read(service, ["invocationId"]) if service else None
        replica = own.first("invocationId") if own else ""
        if not replica or not highest.isdecimal():
            raise ChangesUnknown("the domain controller does not show which one it is", "unsupported")
        return _Place(replica, int(highest))

    def _told(self, session: Session, entries: Iterable[Entry]) -> Iterator[RemoteAccount]:
        """The accounts that these changes are of, as they are now. One that was renamed meanwhile is told next time."""
        base = self._settings.people_base
        names = list(dict.fromkeys(dn for entry in entries for dn in _concerned(entry) if is_at_or_below(dn, base)))
        account = wire.all_of((_PERSON, wire.present(self._settings.naming_attribute)))
        for start in range(0, len(names), _AT_ONCE):
            session.extend(self._pool.call_timeout)
            some = wire.any_of(wire.equals("distinguishedName", dn) for dn in names[start : start + _AT_ONCE])
            where = wire.all_of((account, some))
            for entry in session.find(base, where, self._shape.attributes):
                if not self._shape.is_probe(entry):
                    yield self._shape.account(entry)

    def _gone(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Ids of what was removed, and of what was moved elsewhere, from where it may have come from here."""
        for entry in entries:
            moved = _is_named_anew(entry) and not is_at_or_below(entry.dn, self._settings.people_base)
            if entry.first(ID) and (entry.first(_REMOVED) == "TRUE" or moved):
                yield entry.first(ID)

    def _refuse_changed_groups(self, session: Session, entries: Iterable[Entry]) -> None:
        """:raises ChangesUnknown: a group has another name or place: it may be one of ours, or have been."""
        if self._settings.group_base is None:
            return
        for entry in filter(_is_named_anew, entries):
            session.extend(self._pool.call_timeout)
            found = session.read(entry.dn, ["objectClass"])
            if found is None or "group" in found.values.get("objectclass", ()):
                raise ChangesUnknown("a group was renamed or moved", "memberships")


def _is_named_anew(entry: Entry) -> bool:
    """Whether this had another name or place. What is new comes with its SID, which never changes."""
    return bool(entry.first(_NAME)) and not entry.first(_SID) and entry.first(_REMOVED) != "TRUE"


def _concerned(entry: Entry) -> Iterator[str]:
    """The name of what changed, and of who joined or left it (``member;range=1-1`` and ``member;range=0-0``)."""
    if entry.first(_REMOVED) != "TRUE":
        yield entry.dn
    for attribute, values in entry.values.items():
        if attribute.partition(";")[0] == _MEMBERS:
            yield from values
