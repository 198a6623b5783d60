"""Procrastinate's own tables in the office's database: made, and brought up to date, by ``provisioner init``.

The library ships its schema whole, for a database that has none, and as migrations whose names sort in the order in
which they belong. Which were applied is kept beside them. Migrations named ``post`` take away what older releases still
use: they wait until no worker is alive.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, insert, select, text

from provisioner.errors import ConfigurationError
from provisioner.store import Store
from provisioner.store.tables import EngineMigrationRow

_AFTERWARDS = "_post_"
_LOCK = 0x70726F7669  # Any number that is ours: two commands at once wait for each other.
_ALIVE = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'")
_THERE = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")


def bring_up_to_date(store: Store, at: datetime) -> list[str]:
    """Make or change the tables; gives the names of the migrations that count as applied by it.

    :raises ConfigurationError: tables are there that ``provisioner init`` has not made.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK})
        try:
            return _apply(connection, at)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _LOCK})


def pending(store: Store, *, old_processes_may_live: bool = False) -> list[str]:
    """Migrations that the library knows and this database does not have; without those that wait for the last old
    process to end, if some may live.
    """
    with store.engine.connect() as connection:
        missing = _missing(connection)
    return [name for name in missing if not (old_processes_may_live and _waits(name))]


def _apply(connection: Connection, at: datetime) -> list[str]:
    missing = _missing(connection)
    there = bool(connection.scalar(_THERE))
    if not there:
        _run(connection, SchemaManager.get_schema(), missing, at)
        return missing
    if len(missing) == len(_shipped()):
        raise ConfigurationError(
            "dispatch.engine", "this database has tables of Procrastinate that provisioner init did not make"
        )
    if connection.scalar(_ALIVE):
        missing = [name for name in missing if not _waits(name)]
    for name in missing:
        _run(connection, (_folder() / name).read_text(encoding="utf-8"), [name], at)
    return missing


def _run(connection: Connection, script: str, names: Sequence[str], at: datetime) -> None:
    """Whole or not at all, and noted with it."""
    plain: Any = connection.connection.driver_connection
    with plain.transaction():
        plain.execute(script)  # Several statements: only possible without parameters, so not by way of SQLAlchemy.
        connection.execute(insert(EngineMigrationRow), [{"name": name, "applied_at": at} for name in names])


def _missing(connection: Connection) -> list[str]:
    applied = set(connection.scalars(select(EngineMigrationRow.name)))
    return [name for name in _shipped() if name not in applied]


def _waits(name: str) -> bool:
    return _AFTERWARDS in name


def _shipped() -> list[str]:
    return sorted(file.name for file in _folder().glob("*.sql"))


def _folder() -> Path:
    return Path(SchemaManager.get_migrations_path())
