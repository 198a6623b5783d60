"""Keeps our own writers apart: one at a time on a role or a new name, until its transaction ends.

PostgreSQL has no conditional ALTER ROLE. So every writer takes this lock first, reads the marker, and only then
changes anything. A worker that froze in between is thrown out by the server (``idle_in_transaction_session_timeout``),
and its transaction with it.
"""

from psycopg.sql import SQL, Composed, Literal

_OURS = int.from_bytes(b"SIAK", "big")
"""Keeps the locks apart from those that others take in the same database."""


def on_role(oid: int) -> Composed:
    """Wait for the role with this oid."""
    return SQL("SELECT pg_advisory_xact_lock({}, {}::bigint::oid::int4)").format(Literal(_OURS), Literal(oid))


def on_name(name: str) -> Composed:
    """Wait for a name that is to be given. Only after :func:`on_role`, where both are wanted."""
    return SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, {}))").format(Literal(name), Literal(_OURS))
