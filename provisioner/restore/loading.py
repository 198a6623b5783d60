"""Putting the rows of a backup into a database: all of them, or, if anything goes wrong or ends, none.

On SQLite a new file is filled beside the database and takes its place at the end; on PostgreSQL everything is one
transaction. The schema is first made as it was in the release that made the backup, then brought up to date.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, func, insert, inspect, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import AddConstraint, DropConstraint, ForeignKeyConstraint

from provisioner.backup.contents import BackupBroken, plain_table
from provisioner.backup.reading import BackupReader, OfficeFile
from provisioner.errors import WrongState
from provisioner.store import Store
from provisioner.store.locking import may_take_long
from provisioner.store.schema import known_revisions
from provisioner.store.tables import EngineMigrationRow, Model

Finish = Callable[[Connection], None]
"""What else belongs to a restoration, in the same transaction."""
Progress = Callable[[int], None]
"""Told how many rows were added."""

_FILLED = ("official", "letter", "account")
_LOCK_TIMEOUT = "10s"


def refuse_filled(url: str) -> None:
    """:raises WrongState: ``restore-not-empty``: an office lives in that database already."""
    if url.startswith("sqlite") and not Path(make_url(url).database or "").exists():
        return
    store = Store(url)
    try:
        with store.engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            tables = [Model.metadata.tables[name] for name in _FILLED if name in there]
            if any(connection.scalar(select(func.count()).select_from(table)) for table in tables):
                raise WrongState("restore-not-empty", "the database holds an office already")
    finally:
        store.close()


def load(url: str, reader: BackupReader, finish: Finish, progress: Progress = lambda _rows: None) -> None:
    """Fill the database at ``url`` with what ``reader`` gives; what was in it is gone.

    :raises BackupBroken: the backup is not whole, or of a newer release; nothing was changed.
    :raises WrongState: ``restore-in-use``: something else works with the database; nothing was changed.
    """
    migration = import_module("provisioner.store.migration")
    if reader.header.revision not in known_revisions():
        raise BackupBroken("backup-newer-release", "it was made by a newer release", release=reader.header.release)
    with _fresh(url) as connection:
        migration.migrate_to(connection, reader.header.revision)
        with _unbound(connection):
            _add_rows(connection, reader, progress)
        _count_on(connection)
        migration.migrate_to(connection)
        finish(connection)


def _add_rows(connection: Connection, reader: BackupReader, progress: Progress) -> None:
    tables = {name: plain_table(name, kinds) for name, kinds in reader.header.tables.items()}
    done = 0
    for part in reader.parts():
        if isinstance(part, OfficeFile):
            continue
        connection.execute(insert(tables[part.table]), list(part.rows))
        done += len(part.rows)
        progress(done)
    reader.verified  # noqa: B018  Raises where it was not whole.


@contextmanager
def _fresh(url: str) -> Iterator[Connection]:
    with _new_file(url) if url.startswith("sqlite") else _emptied(url) as connection:
        yield connection


@contextmanager
def _new_file(url: str) -> Iterator[Connection]:
    place = Path(make_url(url).database or "")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place.with_name(f"{place.name}.{os.urandom(4).hex()}.restoring")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    engine = create_engine(f"sqlite:///{fresh}", hide_parameters=True)
    try:
        # Foreign keys are not looked at while rows are added, but all at once at the end.
        with engine.begin() as connection:
            yield connection.execution_options(provisioner_writes=True)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise BackupBroken("backup-broken", "its rows do not fit together")
        engine.dispose()
        _take_place(fresh, place)
    except BaseException:
        engine.dispose()
        fresh.unlink(missing_ok=True)
        raise


def _take_place(fresh: Path, place: Path) -> None:
    """In one step, after everything is on the disk. What was there before stays beside it."""
    descriptor = os.open(fresh, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    if place.exists():
        _close_log(place)
        os.link(place, place.with_name(f"{place.name}.{os.urandom(4).hex()}.before-restore"))
    fresh.replace(place)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def _close_log(place: Path) -> None:
    """Nothing of the old database's log may be taken for the new one's."""
    with suppress(Exception):  # A database that is damaged is what is replaced.
        store = Store(f"sqlite:///{place}")
        store.forget_old_pages()
        store.close()
    for ending in ("-wal", "-shm"):
        place.with_name(place.name + ending).unlink(missing_ok=True)


@contextmanager
def _emptied(url: str) -> Iterator[Connection]:
    store = Store(url)
    try:
        with store.engine.begin() as connection:
            may_take_long(connection)
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            engine = _engine_migrations(connection)
            _drop_all(connection)
            yield connection.execution_options(provisioner_writes=True)
            if engine:
                connection.execute(insert(EngineMigrationRow), engine)
    finally:
        store.close()


def _drop_all(connection: Connection) -> None:
    """Only tables of ours: the engine's own stay."""
    there = set(inspect(connection).get_table_names())
    quote = connection.dialect.identifier_preparer.quote
    try:
        for name in sorted(there & {*Model.metadata.tables, "alembic_version"}):
            connection.exec_driver_sql(f"DROP TABLE {quote(name)} CASCADE")
    except OperationalError as error:
        raise WrongState("restore-in-use", "the database is in use: stop every process of the service") from error


def _engine_migrations(connection: Connection) -> list[dict[str, Any]]:
    """What the engine's own tables, which stay, were brought to."""
    if not inspect(connection).has_table(EngineMigrationRow.__tablename__):
        return []
    return [dict(row) for row in connection.execute(select(EngineMigrationRow.__table__)).mappings()]


@contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Without foreign keys, which are made again at the end and so are checked for every row."""
    if connection.dialect.name == "sqlite":
        yield
        return
    reflected = MetaData()
    reflected.reflect(connection)
    bound = [each for table in reflected.tables.values() for each in _foreign_keys(table)]
    for each in bound:
        connection.execute(DropConstraint(each))
    yield
    for each in bound:
        connection.execute(AddConstraint(each))


def _foreign_keys(table: Table) -> list[ForeignKeyConstraint]:
    return [] if table.name not in Model.metadata.tables else sorted(table.foreign_key_constraints, key=_name)


def _name(constraint: ForeignKeyConstraint) -> str:
    return str(constraint.name)


def _count_on(connection: Connection) -> None:
    """Numbers that the server gives by itself go on after the highest that came with the rows."""
    if connection.dialect.name == "sqlite":
        return
    for table in Model.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        if len(keys) == 1 and keys[0].type.python_type is int and keys[0].autoincrement is not False:
            highest = connection.scalar(select(func.max(keys[0])))
            sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, keys[0].name)))
            if sequence is not None and highest is not None:
                connection.execute(select(func.setval(sequence, highest)))
