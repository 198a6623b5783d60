"""Open sessions of a role."""

from typing import Any

from psycopg import Connection

from connectors.postgresql.pool import Pool
from connectors.postgresql.roles import Roles, oid_of
from provisioner.connector import RemoteAccount, TargetUnavailable

WAIT_MILLISECONDS = 1000
"""How long a session may take to end after it was told to."""
_TELL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usesysid = %s::bigint::oid"
_WAIT = """SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE usesysid = %s::bigint::oid"""


class Sessions:
    """Ends them. The role should be kept from logging in before, or it opens the next."""

    def __init__(self, pool: Pool, roles: Roles) -> None:
        self._pool = pool
        self._roles = roles

    def end_all(self, current: RemoteAccount) -> int:
        """How many were open.

        :raises StaleVersion: the account's marker is not the one that was read.
        :raises PermissionDenied: the service account is no member of ``pg_signal_backend``.
        :raises TargetUnavailable: a session does not end.
        """
        with self._pool.reading("ending sessions") as line:
            role = self._roles.current(line, current)
            return self.end(line, oid_of(current)) if role else 0

    def end(self, line: Connection[Any], oid: int) -> int:
        """The same on the caller's connection, without looking at the marker. All are told first, then waited for."""
        told = line.execute(_TELL, [oid]).fetchall()
        if told and not all(ended for (ended,) in line.execute(_WAIT, [WAIT_MILLISECONDS, oid]).fetchall()):
            raise TargetUnavailable("a session does not end")
        return len(told)
