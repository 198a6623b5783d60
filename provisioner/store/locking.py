"""Rows and names that are decided upon belong to one writer at a time, where writers run beside each other.

On SQLite the whole database does; there nothing here does anything.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.orm import Session

_TAKEN = "provisioner.store.taken"


class WritingSession(Session):
    """A session whose :meth:`get` locks what it gives, until the unit of work ends.

    What a unit of work looks up by its key it goes on to change, or decides by it. A row that was read before it was
    locked is read again; one that somebody else changed in between shows itself there, or by its revision
    (``StaleDataError``).
    """

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """As ever, and locked."""
        taken = self.info.setdefault(_TAKEN, set())
        if (entity, ident) in taken:
            options.pop("with_for_update", None)
            return super().get(entity, ident, **options)
        known = self.identity_map.get(inspect(entity).identity_key_from_primary_key((ident,)))
        if known is not None:
            self.flush()  # Reading it again must not undo what was changed in it.
            options["populate_existing"] = True
        # FOR NO KEY UPDATE: two writers exclude each other, and hold up no row that only refers to the locked one.
        found = super().get(entity, ident, **{**options, "with_for_update": {"key_share": True, "of": entity}})
        if found is not None:
            taken.add((entity, ident))
        return found

    def get_one(self, entity: Any, ident: Any, **options: Any) -> Any:
        """As ever, and locked."""
        found = self.get(entity, ident, **options)
        return super().get_one(entity, ident) if found is None else found


def is_locking(session: Session) -> bool:
    """Whether this unit of work locks what it looks up."""
    return isinstance(session, WritingSession)


def alone(session: Session, what: str, name: str | bytes = "") -> None:
    """Until the unit of work ends nobody else decides about ``name`` in matters of ``what``: for what is looked up and,
    where it is not there, made. A row that does not exist yet cannot be locked.
    """
    if not is_locking(session):
        return
    text = name if isinstance(name, bytes) else name.encode()
    number = int.from_bytes(sha256(what.encode() + b"\0" + text).digest()[:8], "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(number)))


def may_take_long(connection: Connection) -> None:
    """The running transaction reads or changes everything there is, and may stand still between two statements for
    longer than others: while a file is written, or because the machine is busy. The server does not end it for that.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
