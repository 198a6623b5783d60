"""A row that several machines may make at once: one of them does."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from provisioner.store.tables import Model


def insert_if_missing(session: Session, row: type[Model], **values: Any) -> bool:
    """Insert a row unless somebody has, now or while we wait for them; whether it was inserted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    done = session.execute(insert(row).values(**values).on_conflict_do_nothing().returning(*row.__mapper__.primary_key))
    return done.first() is not None
