"""Roles of the server that a user holds. The service account holds each of them WITH ADMIN OPTION."""

from collections.abc import Sequence

from connectors.entitlements import EntitlementRules
from connectors.mariadb.line import Line
from connectors.mariadb.settings import MariadbSettings
from connectors.mariadb.users import User
from provisioner.connector import Profile


class Roles:
    """GRANT and REVOKE of roles."""

    def __init__(self, settings: MariadbSettings) -> None:
        self._rules = EntitlementRules(settings.entitlements)
        self._default = settings.default_role

    def held_by(self, profile: Profile) -> frozenset[str]:
        """What an account with this profile should hold."""
        return self._rules.holds_for(profile)

    def held(self, line: Line, users: Sequence[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
        """By (name, host)."""
        if not users:
            return {}
        statement = "SELECT User, Host, Role FROM mysql.roles_mapping WHERE (User, Host) IN %s"
        found: dict[tuple[str, str], set[str]] = {}
        for name, host, role in line.rows("reading roles", statement, users):
            found.setdefault((name, host), set()).add(role)
        return found

    def grant(self, line: Line, user: User, role: str) -> None:
        """Granting twice is a success for the server too."""
        line.change("granting a role", "GRANT %s TO %s@%s", role, *user.key)
        if role == self._default:
            line.change("setting the default role", "SET DEFAULT ROLE %s FOR %s@%s", role, *user.key)

    def revoke(self, line: Line, user: User, role: str) -> None:
        """Revoking the absent is a success. A default role that is not held is without effect."""
        if role in self.held(line, [user.key]).get(user.key, ()):
            line.change("revoking a role", "REVOKE %s FROM %s@%s", role, *user.key)
