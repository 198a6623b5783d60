"""Keeps our own writers apart: one at a time on a role, until its transaction ends.

PostgreSQL has no conditional ALTER ROLE. So every writer takes this lock first, reads the marker, and only then
changes anything. A worker that froze in between is thrown out by the server (``idle_in_transaction_session_timeout``),
and its transaction with it.
"""

from typing import Any

from psycopg import Connection

_OURS = int.from_bytes(b"SIAK", "big")
"""Keeps the locks apart from those that others take in the same database."""


def hold(line: Connection[Any], oid: int) -> None:
    """Wait for the role with this oid."""
    line.execute("SELECT pg_advisory_xact_lock(%s::int4, %s::bigint::oid::int4)", [_OURS, oid])
