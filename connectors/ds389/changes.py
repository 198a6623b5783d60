"""What changed in 389 Directory Server, by content synchronization: see :mod:`connectors.ldap_client.content_sync`.

The server works it out of its retro changelog. Other than OpenLDAP it

- names what was removed although it does not say so; and refuses a cookie instead of naming everything,
- leaves out what it keeps for itself of an entry, such as ``nsAccountLock``: so every entry is read by its id,
- gives a cookie for one base and one filter,
- does not mind that the log has been cut since: that is looked at here, in the numbers of the changes.

The plug-in ``MemberOf`` writes a membership into the member's entry, whoever gave or took it and even when a group is
removed, so memberships are changes of the accounts. POSIX groups stamp nobody: one that was last changed by another
account than ours, or removed, is a reason to read in full.

``entryusn`` would need no log, but is no use: the server takes its counter back by one for every write that it refuses
and gives out the same numbers again (2.3.1; https://github.com/389ds/389-ds-base/issues/6250).
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from connectors.ds389.directory import Directory
from connectors.ds389.entry import AccountEntry
from connectors.ds389.settings import Ds389Settings
from connectors.ldap_client import content_sync, wire
from connectors.ldap_client.names import is_same
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import ChangesUnknown, News, RemoteAccount

_PREFIX = "log"
_FIRST, _LAST, _STARTED, _BY = "firstChangeNumber", "lastChangeNumber", "dataversion", "modifiersName"
_GROUPS = wire.equals("objectClass", "posixGroup")


@dataclass(frozen=True)
class Place:
    """Where in the log: of which start of the server, behind which change, and what to ask about the bases with."""

    started: str
    last: int
    cookies: tuple[bytes, ...] = ()

    def leads_to(self, here: Self, first: int) -> bool:
        """Whether the log, which begins with the change ``first``, holds everything from here to there."""
        return here.started == self.started and first <= self.last + 1 and self.last <= here.last

    def __str__(self) -> str:
        cookies = [base64.b64encode(cookie).decode() for cookie in self.cookies]
        return ":".join((_PREFIX, self.started, str(self.last), *cookies))

    @classmethod
    def parse(cls, text: str, bases: int) -> Self:
        """:raises ChangesUnknown: it is not one of ours, or one for another number of bases."""
        parts = text.split(":")
        if len(parts) == 3 + bases and parts[0] == _PREFIX and parts[2].isdecimal():
            try:
                cookies = tuple(base64.b64decode(part, validate=True) for part in parts[3:])
            except binascii.Error:
                cookies = ()
            if cookies and all(cookies):
                return cls(parts[1], int(parts[2]), cookies)
        raise ChangesUnknown("the cursor is not one of this kind of directory")


class LoggedChanges:
    """Asks on sessions of its own."""

    sees_removals: ClassVar[bool] = True

    def __init__(
        self,
        settings: Ds389Settings,
        pool: Pool,
        shape: AccountEntry,
        directory: Directory,
        account: Callable[[Session, Entry], RemoteAccount],
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._shape = shape
        self._directory = directory
        self._account = account
        self._asked = [(settings.search_base or settings.people_base, wire.present(settings.naming_attribute))]
        if settings.posix_group_base is not None:
            self._asked.append((settings.posix_group_base, _GROUPS))

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        timeout = self._pool.call_timeout
        with self._pool.session() as session:
            try:
                here = self._here(session)[0]
                found = [content_sync.position(session, base, timeout, where) for base, where in self._asked]
            except ChangesUnknown:
                return None
        cookies = [cookie for cookie in found if cookie]
        return str(Place(here.started, here.last, tuple(cookies))) if len(cookies) == len(found) else None

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        before = Place.parse(cursor, len(self._asked))
        with self._pool.session() as session:
            here = self._expect_whole_log(session, before)
            # The accounts come last: what changes in a group meanwhile is told next time, by the cookie of the groups.
            after = [self._refuse_changed_groups(session, cookie) for cookie in before.cookies[1:]]
            (base, where), cookie = self._asked[0], before.cookies[0]
            for part in content_sync.since(session, base, where, ["1.1"], cookie, self._pool.call_timeout):
                yield News(changed=list(self._read(part.changed)), gone=list(map(_unique_id, part.gone)))
                cookie = part.cookie or cookie
            self._expect_whole_log(session, before)
        yield News(cursor=str(Place(here.started, here.last, (cookie, *after))))

    def _read(self, uuids: list[str]) -> Iterator[RemoteAccount]:
        """These accounts as they are now, on another session: one is in the middle of an answer."""
        if not uuids:
            return
        with self._pool.session() as session:
            for uuid in uuids:
                session.extend(self._pool.call_timeout)
                entry = self._directory.find_id(session, _unique_id(uuid))
                if entry is not None and not self._shape.is_probe(entry):
                    yield self._account(session, entry)

    def _here(self, session: Session) -> tuple[Place, int]:
        """The place of now, and the first change that the log still holds.

        :raises ChangesUnknown: there is no log.
        """
        root = session.read("", [_FIRST, _LAST, _STARTED]) or Entry("", {})
        first, last, started = root.first(_FIRST), root.first(_LAST), root.first(_STARTED)
        if not (first.isdecimal() and last.isdecimal() and started):
            raise ChangesUnknown("the directory keeps no retro changelog", "unsupported")
        return Place(started, int(last)), int(first)

    def _expect_whole_log(self, session: Session, before: Place) -> Place:
        """The place of now.

        :raises ChangesUnknown: the log does not lead here from there: it was cut, or the server was started anew,
            perhaps with an older state.
        """
        session.extend(self._pool.call_timeout)
        here, first = self._here(session)
        if not before.leads_to(here, first):
            raise ChangesUnknown("the log of changes does not reach back to the cursor, or the server was started anew")
        return here

    def _refuse_changed_groups(self, session: Session, cookie: bytes) -> bytes:
        """The cookie after it.

        :raises ChangesUnknown: somebody else has changed a POSIX group.
        """
        base, where = self._asked[1]
        parts = list(content_sync.since(session, base, where, ["1.1"], cookie, self._pool.call_timeout))
        for part in parts:
            for uuid in part.changed:
                found = session.find(base, wire.equals(self._shape.id_attribute, _unique_id(uuid)), [_BY])
                if not all(is_same(entry.first(_BY), self._settings.bind_dn or "") for entry in found):
                    raise ChangesUnknown("somebody else has changed groups", "memberships")
            if part.gone:
                raise ChangesUnknown("a group was removed", "memberships")
            cookie = part.cookie or cookie
        return cookie


def _unique_id(uuid: str) -> str:
    """An id as ``nsUniqueId`` has it: the same octets with other hyphens."""
    octets = uuid.replace("-", "")
    return "-".join(octets[start : start + 8] for start in range(0, 32, 8))
