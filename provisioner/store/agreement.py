"""What units of work at several machines need to agree. On SQLite, where only one writes at a time, they always do."""

from hashlib import blake2b
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from provisioner.store.tables import Model


def one_at_a_time(session: Session, name: str) -> None:
    """Until this writing unit of work ends, no other comes by here with the same name: it waits."""
    if _is_postgresql(session):
        number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def insert_if_missing(session: Session, row: type[Model], **values: Any) -> bool:
    """Insert a row unless somebody has, now or while we wait for them; whether it was inserted."""
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    done = session.execute(insert(row).values(**values).on_conflict_do_nothing().returning(*row.__mapper__.primary_key))
    return done.first() is not None


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
