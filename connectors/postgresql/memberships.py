"""Group roles: who is a member of which."""

from contextlib import suppress

from connectors.entitlements import EntitlementRules
from connectors.postgresql import statements
from connectors.postgresql.lock import on_role
from connectors.postgresql.pool import Line, Pool
from connectors.postgresql.roles import Roles, oid_of
from connectors.postgresql.settings import PostgresqlSettings
from provisioner.connector import InvalidAttribute, Profile, RemoteAccount, StaleVersion, UnknownAccount


class Memberships:
    """Each change is a transaction that holds the role."""

    def __init__(self, settings: PostgresqlSettings, pool: Pool, roles: Roles) -> None:
        self._rules = EntitlementRules(settings.entitlements)
        self._pool = pool
        self._roles = roles

    def held_by(self, profile: Profile) -> frozenset[str]:
        """What an account with this profile should hold."""
        return self._rules.holds_for(profile)

    def grant(self, current: RemoteAccount, group: str) -> None:
        """Granting twice is a success.

        :raises InvalidAttribute: there is no such group role.
        :raises StaleVersion: the account's marker is not the one that was read.
        :raises UnknownAccount: the account is gone.
        """
        with self._pool.writing("granting a role", on_role(oid_of(current))) as line:
            role = self._roles.current(line, current)
            found = self._roles.named(line, group)
            if found is None or found.name != group or found.may_log_in:
                raise InvalidAttribute(f"there is no group role {group!r} on the server", "entitlement")
            if group not in role.memberships:
                line.execute(statements.grant(group, role.name))
                self._require(line, current, group, member=True)

    def revoke(self, current: RemoteAccount, group: str) -> None:
        """Revoking the absent is a success, and so is an account that is gone.

        :raises StaleVersion: the account's marker is not the one that was read.
        """
        with suppress(UnknownAccount), self._pool.writing("revoking a role", on_role(oid_of(current))) as line:
            role = self._roles.current(line, current)
            if group in role.memberships:
                line.execute(statements.revoke(group, role.name))
                self._require(line, current, group, member=False)

    def _require(self, line: Line, current: RemoteAccount, group: str, *, member: bool) -> None:
        """The server takes names only: make sure that ours was still the role's.

        :raises StaleVersion: it was renamed at the same moment, or somebody else granted the membership as well.
        """
        if (group in self._roles.current(line, current).memberships) is not member:
            raise StaleVersion("the membership did not change: somebody else works on the same role")
