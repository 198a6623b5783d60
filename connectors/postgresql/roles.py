"""Roles as the core sees them. Nothing here reads a password: PostgreSQL shows them to superusers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from connectors.postgresql.comment import Comment
from connectors.postgresql.settings import PostgresqlSettings
from connectors.postgresql.text import sendable
from connectors.postgresql.validity import Validity
from provisioner.connector import (
    MARKER_PREFIX,
    PermissionDenied,
    RemoteAccount,
    Seen,
    Sought,
    StaleVersion,
    UnknownAccount,
)

FIRST_OWN_OID = 16384
"""What comes before are the server's own roles (FirstNormalObjectId)."""
_COMMENT = SQL("""(SELECT d.description FROM pg_shdescription d
    WHERE d.objoid = r.oid AND d.classoid = 'pg_authid'::regclass)""")
_SELECT = SQL("""
    SELECT r.oid::bigint, r.rolname::text, r.rolcanlogin, r.rolsuper, extract(epoch FROM r.rolvaliduntil)::float8, {},
        ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)
    FROM pg_roles r WHERE """).format(_COMMENT)
_NAMES = b"""SELECT rolname::text FROM pg_roles
    WHERE lower(rolname::text COLLATE "C") = lower(%s COLLATE "C")"""
"""Reads every role's name, since no index knows them without their case; the simplest collation makes that quick."""
_NAMED = (_SELECT + SQL("r.rolname = %s")).as_bytes()
_IDENTIFIED = (_SELECT + SQL("r.oid = %s::bigint::oid")).as_bytes()
_MARKED = (
    _SELECT
    + SQL("""r.oid IN (SELECT objoid FROM pg_shdescription
    WHERE classoid = 'pg_authid'::regclass AND starts_with(description, %s))""")
).as_bytes()
_SEVERAL = (
    _SELECT
    + SQL("""lower(r.rolname::text COLLATE "C") IN (SELECT lower(name COLLATE "C") FROM unnest(%s::text[]) AS name)
    OR r.oid IN (SELECT objoid FROM pg_shdescription WHERE classoid = 'pg_authid'::regclass
        AND starts_with(description, %s) AND split_part(description, ':', 2) = ANY (%s))""")
).as_bytes()
_ADOPTABLE = (
    SQL("""
    SELECT {}, r.rolsuper OR r.rolname IN (current_user, session_user) OR r.oid < {}::oid
        OR EXISTS (SELECT FROM pg_auth_members m WHERE m.roleid = r.oid AND NOT m.admin_option)
    FROM pg_roles r WHERE r.oid = %s::bigint::oid""")
    .format(_COMMENT, FIRST_OWN_OID)
    .as_bytes()
)
_PAGE = (
    _SELECT
    + SQL("""r.oid > %s::bigint::oid
        AND (starts_with({}, %s) OR (r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> current_user))
    ORDER BY r.oid LIMIT %s""").format(_COMMENT)
).as_bytes()


@dataclass(frozen=True)
class Role:
    """One role. ``comment`` is None where it is not ours."""

    oid: int
    name: str
    may_log_in: bool
    superuser: bool
    valid_until: float | None
    comment: Comment | None
    memberships: frozenset[str]


class Roles:
    """Reads on the connection it is given."""

    def __init__(self, settings: PostgresqlSettings) -> None:
        self._settings = settings
        self._validity = Validity(settings.timezone)

    def named(self, line: Connection[Any], name: str) -> Role | None:
        """The role of this name whatever its case: of any kind, since all share one space of names."""
        if not sendable(name):
            return None
        # Names that differ in case only are two roles here; the one that is meant literally goes first.
        names = [found for (found,) in line.execute(_NAMES, [name])]
        nearest = min(names, key=lambda found: (found != name, found), default=None)
        return self.called(line, nearest) if nearest is not None else None

    def called(self, line: Connection[Any], name: str) -> Role | None:
        """The role of exactly this name."""
        return next(iter(_roles(line.execute(_NAMED, [name]).fetchall())), None)

    def identified(self, line: Connection[Any], oid: int) -> Role | None:
        """The role with this oid."""
        return next(iter(_roles(line.execute(_IDENTIFIED, [oid]).fetchall())), None)

    def marked(self, line: Connection[Any], account_id: str) -> list[Role]:
        """The roles that carry this account's marker."""
        if not sendable(account_id):
            return []
        found = _roles(line.execute(_MARKED, [f"{MARKER_PREFIX}:{account_id}:"]).fetchall())
        return [role for role in found if role.comment is not None and role.comment.marker.account_id == account_id]

    def several(self, line: Connection[Any], sought: Sequence[Sought]) -> list[Seen]:
        """For each, what :meth:`marked` and :meth:`named` tell. Names and comments are gone through once for all."""
        names = [each.username for each in sought if sendable(each.username)]
        ids = [each.account_id for each in sought if sendable(each.account_id)]
        roles = _roles(line.execute(_SEVERAL, [names, f"{MARKER_PREFIX}:", ids]).fetchall())
        return [self._seen(roles, each) for each in sought]

    def page(self, line: Connection[Any], after: int, size: int) -> list[Role]:
        """Accounts in order of their oid: who may log in, and what is ours though it may not. Superusers, the service
        account and groups are none.
        """
        return _roles(line.execute(_PAGE, [after, f"{MARKER_PREFIX}:", size]).fetchall())

    def current(self, line: Connection[Any], account: RemoteAccount) -> Role:
        """The role as it is now, on condition that it still carries the marker that was read.

        :raises PermissionDenied: it carried none, or was made a superuser.
        :raises StaleVersion: it carries another version of the account's marker.
        :raises UnknownAccount: it is gone.
        """
        if account.marker is None:
            raise PermissionDenied("the role does not carry our marker")
        role = self.identified(line, oid_of(account))
        if role is None or role.comment is None or role.comment.marker.account_id != account.marker.account_id:
            raise UnknownAccount("the role is gone")
        if role.comment.marker != account.marker:
            raise StaleVersion("the role's marker is not the one that was read")
        if role.superuser:
            raise PermissionDenied("the role was made a superuser; it is not touched")
        return role

    def foreign_comment(self, line: Connection[Any], account: RemoteAccount) -> str:
        """The comment of a role that is to become ours, on condition that it carries no marker.

        :raises PermissionDenied: it carried one when it was read; or it is no person's: a superuser, the service
            account, a role of the server itself, or a group. Who may only give a role to others is no member that
            counts: from version 16 that is everybody who may create roles.
        :raises StaleVersion: it carries one by now.
        :raises UnknownAccount: it is gone.
        """
        if account.marker is not None:
            raise PermissionDenied("the role carries a marker already")
        row = line.execute(_ADOPTABLE, [oid_of(account)]).fetchone()
        if row is None:
            raise UnknownAccount("the role is gone")
        comment, is_no_persons = row
        if Comment.parse(comment) is not None:
            raise StaleVersion("the role carries a marker by now")
        if is_no_persons:
            raise PermissionDenied("a superuser, a group or a role of the server itself is never taken over")
        return comment or ""

    def account(self, role: Role) -> RemoteAccount:
        """The role in the port's words."""
        return RemoteAccount(
            remote_id=str(role.oid),
            username=role.name,
            marker=role.comment.marker if role.comment else None,
            enabled=role.may_log_in,
            must_change=None,
            profile=self._profile(role),
            entitlements=role.memberships if self._settings.entitlements else frozenset(),
        )

    def _seen(self, roles: Sequence[Role], sought: Sought) -> Seen:
        found = [role for role in roles if role.comment and role.comment.marker.account_id == sought.account_id]
        named = [role for role in roles if sendable(sought.username) and _folded(role.name) == _folded(sought.username)]
        nearest = min(named, key=lambda role: (role.name != sought.username, role.name), default=None)
        return Seen([self.account(role) for role in found], self.account(nearest) if nearest else None)

    def _profile(self, role: Role) -> dict[str, str]:
        kept = role.comment.profile if role.comment is not None else {}
        stored = {name: kept.get(name, "") for name in self._settings.profile}
        return {**stored, "valid_until": self._validity.last_day(role.valid_until)}


def oid_of(account: RemoteAccount) -> int:
    """:raises UnknownAccount: the id is none of this target's."""
    if not account.remote_id.isdecimal() or not 0 < int(account.remote_id) < 1 << 32:
        raise UnknownAccount("the role is gone")
    return int(account.remote_id)


def _folded(name: str) -> bytes:
    """As the server's simplest collation does: letters of ASCII only."""
    return name.encode().lower()


def _roles(rows: Sequence[tuple[Any, ...]]) -> list[Role]:
    return [
        Role(oid, name, may_log_in, superuser, until, Comment.parse(comment), frozenset(memberships))
        for oid, name, may_log_in, superuser, until, comment, memberships in rows
    ]
