"""What changed in OpenLDAP, by content synchronization: see :mod:`connectors.ldap_client.content_sync`.

The overlay ``memberof`` does not stamp a member's entry, so a membership that somebody else gives or takes is not a
change of the account. The group itself is stamped. A group that was last changed by another account than ours is
therefore a reason to read in full; our own grants are not.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import ClassVar

from connectors.ldap.entry import AccountEntry
from connectors.ldap.settings import LdapSettings
from connectors.ldap_client import content_sync, wire
from connectors.ldap_client.names import is_same
from connectors.ldap_client.pool import Pool
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import ChangesUnknown, News, RemoteAccount

_PREFIX = "sync:"
_BY = "modifiersName"


class ContentChanges:
    """Asks on sessions of its own."""

    sees_removals: ClassVar[bool] = True

    def __init__(
        self,
        settings: LdapSettings,
        pool: Pool,
        shape: AccountEntry,
        account: Callable[[Session, Entry], RemoteAccount],
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._shape = shape
        self._account = account
        self._base = settings.search_base or settings.people_base

    def cursor(self) -> str | None:
        """See :class:`~provisioner.connector.TellsChanges`."""
        with self._pool.session() as session:
            try:
                cookie = content_sync.position(session, self._base, self._pool.call_timeout)
            except ChangesUnknown:
                return None
        return _text(cookie) if cookie else None

    def changes(self, cursor: str) -> Iterator[News]:
        """See :class:`~provisioner.connector.TellsChanges`."""
        cookie = _cookie(cursor)
        with self._pool.session() as session:
            # The accounts come last: what changes in a group meanwhile is told next time, by the cookie of the groups.
            after = self._refuse_changed_groups(session, cookie)
            yield from self._of_people(session, cookie, after)

    def _of_people(self, session: Session, cookie: bytes, after: bytes | None) -> Iterator[News]:
        where, timeout = wire.present(self._settings.naming_attribute), self._pool.call_timeout
        named = self._shape.attributes
        for part in content_sync.since(session, self._base, where, named, cookie, timeout):
            yield News(
                # Posix groups are asked for on another session: this one is in the middle of an answer.
                changed=[self._told(entry) for entry in part.entries if not self._shape.is_probe(entry)],
                gone=part.gone,
                unchanged=part.unchanged,
                complete=part.complete,
                cursor=_text(after or part.cookie or cookie) if part.last else None,
            )

    def _told(self, entry: Entry) -> RemoteAccount:
        if self._settings.posix_group_base is None:
            return self._shape.account(entry)
        with self._pool.session() as session:
            return self._account(session, entry)

    def _refuse_changed_groups(self, session: Session, cookie: bytes) -> bytes | None:
        """The oldest cookie that these questions gave, where any was asked.

        :raises ChangesUnknown: somebody else has changed a group.
        """
        settings, first = self._settings, None
        for base, kind in ((settings.group_base, settings.group_class), (settings.posix_group_base, "posixGroup")):
            if base is None:
                continue
            where = wire.equals("objectClass", kind)
            for part in content_sync.since(session, base, where, [_BY], cookie, self._pool.call_timeout):
                if any(not self._is_ours(entry.first(_BY)) for entry in part.entries):
                    raise ChangesUnknown("somebody else has changed groups", "memberships")
                if part.last and first is None:
                    first = part.cookie or cookie
        return first

    def _is_ours(self, modifier: str) -> bool:
        return self._settings.bind_dn is None or is_same(modifier, self._settings.bind_dn)


def _text(cookie: bytes) -> str:
    return _PREFIX + base64.b64encode(cookie).decode()


def _cookie(cursor: str) -> bytes:
    cookie = b""
    try:
        if cursor.startswith(_PREFIX):
            cookie = base64.b64decode(cursor.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        cookie = b""
    if cookie:
        return cookie
    raise ChangesUnknown("the cursor is not one of this kind of directory")
