"""Open sessions of a role."""

from typing import Any, LiteralString

from psycopg import Connection

from connectors.postgresql.pool import Pool
from connectors.postgresql.roles import Roles
from provisioner.connector import RemoteAccount, TargetUnavailable

WAIT_MILLISECONDS = 1000
"""How long a session may take to end after it was told to."""
_OPEN: LiteralString = " FROM pg_stat_activity WHERE usesysid = %s::bigint::oid"
_LOOK_ANEW: LiteralString = "SELECT pg_stat_clear_snapshot()"
"""Within a transaction the server shows the sessions of the first look."""


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
            return self.end(line, self._roles.current(line, current).oid)

    def end(self, line: Connection[Any], oid: int) -> int:
        """The same on the caller's connection, without looking at the marker. All are told first, then waited for."""
        told = line.execute("SELECT pg_terminate_backend(pid)" + _OPEN, [oid]).fetchall()
        if told:
            line.execute(_LOOK_ANEW)
            line.execute("SELECT pg_terminate_backend(pid, %s)" + _OPEN, [WAIT_MILLISECONDS, oid])
            line.execute(_LOOK_ANEW)
            if line.execute("SELECT pid" + _OPEN, [oid]).fetchall():
                raise TargetUnavailable("a session does not end")
        return len(told)
