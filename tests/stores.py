"""Where the store of a test's office is: an SQLite file in its folder, or a database of a private PostgreSQL.

A test that runs on both asks for the fixture ``store_kind`` (``office``, ``house`` and the like ask for it themselves).
Whoever opens an office in a folder asks here for the address that belongs to that folder:

    settings = Settings(data_dir=folder, store=store_of(folder))

Making a database with all its tables takes PostgreSQL a hundred times longer than emptying one. So the databases whose
folder is gone are emptied and used again; what a copied office begins with is put in by COPY.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any, LiteralString, Protocol

import psycopg
from psycopg import sql

from provisioner.store.migration import migrate
from tests.servers.postgresql import Postgresql, private_postgresql

SQLITE, POSTGRESQL = "sqlite", "postgresql"
KINDS = (SQLITE, POSTGRESQL)
OWNER = "kantor"
"""The role that offices use: it owns its databases and may do nothing else."""
Rows = Mapping[str, bytes]
"""What stands in each table that is not empty."""


@dataclass(frozen=True)
class _Taken:
    """A database that an office uses for as long as a folder is there."""

    name: str
    there: Path
    inode: int
    bare: bool

    @property
    def is_over(self) -> bool:
        """The folder is gone, or another one has its name: tests with names alike get the same path."""
        return not self.there.exists() or self.there.stat().st_ino != self.inode


class Stores(Protocol):
    """One kind of store."""

    kind: str

    def url(self, folder: Path, *, bare: bool = False) -> str:
        """The address of the store of the office in a folder: the same one for the same folder. A new one has all
        tables and no rows; ``bare``: not even tables.
        """
        ...

    def copy(self, source: Path, destination: Path) -> None:
        """The office in ``destination`` begins with the store of that in ``source``."""
        ...

    def content(self, folder: Path) -> bytes:
        """Every value in the store of an office that was closed, as it lies there."""
        ...

    def still(self, folder: Path) -> Any:
        """What stands in the store of an office now; it may be open."""
        ...

    def put_back(self, folder: Path, still: Any) -> None:
        """The store of an office, which may be open, holds that and nothing else."""
        ...

    def lose(self, folder: Path) -> None:
        """The store of an office goes, under its feet, and does not come back."""
        ...


class SqliteStores:
    """A file in the office's folder. It is copied with the folder; its tables are made by whoever opens it."""

    kind = SQLITE

    def url(self, folder: Path, *, bare: bool = False) -> str:  # noqa: ARG002
        """See :class:`Stores`."""
        return f"sqlite:///{folder.absolute() / 'store.db'}"

    def copy(self, source: Path, destination: Path) -> None:
        """See :class:`Stores`."""

    def content(self, folder: Path) -> bytes:
        """See :class:`Stores`."""
        return (folder / "store.db").read_bytes()

    def still(self, folder: Path) -> Any:
        """See :class:`Stores`."""
        with closing(sqlite3.connect(folder / "store.db")) as store:
            return store.serialize()

    def put_back(self, folder: Path, still: Any) -> None:
        """See :class:`Stores`."""
        with closing(sqlite3.connect(":memory:")) as kept, closing(sqlite3.connect(folder / "store.db")) as store:
            kept.deserialize(_without_log(still))
            store.execute("PRAGMA synchronous=OFF")
            kept.backup(store)

    def lose(self, folder: Path) -> None:
        """See :class:`Stores`."""
        for file in folder.glob("store.db*"):
            file.unlink()
        (folder / "store.db").mkdir()


class PostgresqlStores:
    """Databases of one server."""

    kind = POSTGRESQL

    def __init__(self, server: Postgresql) -> None:
        self.server = server
        self._of_folder: dict[Path, _Taken] = {}
        self._free: list[str] = []
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        self._numbers = count(1)
        with server.superuser() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(OWNER)))

    def url(self, folder: Path, *, bare: bool = False) -> str:
        """See :class:`Stores`."""
        return self.address(self._database(folder, bare=bare))

    def address(self, database: str) -> str:
        """What the settings of an office say."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.server.folder}&port={self.server.port}"

    def copy(self, source: Path, destination: Path) -> None:
        """See :class:`Stores`."""
        self.put(destination, self.rows(source))

    def content(self, folder: Path) -> bytes:
        """See :class:`Stores`."""
        return b"".join(self.rows(folder).values())

    def still(self, folder: Path) -> Any:
        """See :class:`Stores`."""
        return self.rows(folder)

    def put_back(self, folder: Path, still: Any) -> None:
        """See :class:`Stores`."""
        self.put(folder, still)

    def lose(self, folder: Path) -> None:
        """See :class:`Stores`."""
        self._drop(self._of_folder.pop(folder.absolute()).name)

    def rows(self, folder: Path) -> Rows:
        """Everything that stands in the store of an office."""
        connection = self._inside(self._database(folder))
        filled = connection.execute(self._which_are_filled).fetchall()
        return {name: _copied(connection, name) for (name,) in filled}

    def put(self, folder: Path, rows: Rows) -> None:
        """The store of an office holds these rows and nothing else."""
        self._refill(self._inside(self._database(folder, filled=True)), rows)

    def _database(self, folder: Path, *, bare: bool = False, filled: bool = False) -> str:
        """The database of a folder. ``filled``: it will be emptied anyhow."""
        place = folder.absolute()
        if place in self._of_folder and self._of_folder[place].is_over:
            self._give_back(self._of_folder.pop(place))
        if place not in self._of_folder:
            name = self._new(None) if bare else self._take()
            there = next(each for each in (place, *place.parents) if each.exists())
            self._of_folder[place] = _Taken(name, there, there.stat().st_ino, bare)
            if not bare and not filled:
                self._refill(self._inside(name), {})
        return self._of_folder[place].name

    def _take(self) -> str:
        for folder, taken in list(self._of_folder.items()):
            if taken.is_over:
                del self._of_folder[folder]
                self._give_back(taken)
        return self._free.pop() if self._free else self._new(self._template)

    def _give_back(self, taken: _Taken) -> None:
        if not taken.bare and self._shape(taken.name) == self._shape_of_the_template:
            self._free.append(taken.name)
        else:
            self._drop(taken.name)

    def _drop(self, name: str) -> None:
        if name in self._connections:
            self._connections.pop(name).close()
        with self.server.superuser() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _new(self, template: str | None) -> str:
        name = f"kantor_{next(self._numbers)}"
        command = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
        )
        with self.server.superuser() as connection:
            connection.execute(command)
        return name

    @cached_property
    def _template(self) -> str:
        """A database with all tables, to which nobody is connected."""
        name = self._new(None)
        migrate(self.address(name))
        return name

    def _shape(self, database: str) -> Any:
        """Its tables and their columns: a test may have migrated it, or dropped a table."""
        return self._inside(database).execute(_SHAPE).fetchall()

    @cached_property
    def _shape_of_the_template(self) -> Any:
        with self.server.superuser(self._template) as connection:
            return connection.execute(_SHAPE).fetchall()

    @cached_property
    def _tables(self) -> list[str]:
        asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        with self.server.superuser(self._template) as connection:
            return [name for (name,) in connection.execute(asked).fetchall()]

    @cached_property
    def _which_are_filled(self) -> sql.Composed:
        asked = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        return sql.SQL(" UNION ALL ").join(
            asked.format(sql.Literal(name), sql.Identifier(name)) for name in self._tables
        )

    @cached_property
    def _emptying(self) -> bytes:
        """One text with everything. Foreign keys are not looked at meanwhile; whoever forgot to hang up is cut off."""
        others = "datname = current_database() AND xact_start < now()"
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608
        parts: list[sql.Composable] = [
            sql.SQL("SET session_replication_role = replica"),
            sql.SQL(cut),
        ]
        parts += [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in self._tables]
        return sql.SQL("; ").join(parts).as_bytes(None)

    def _refill(self, connection: psycopg.Connection[Any], rows: Rows) -> None:
        wanted = dict(rows)
        with connection.transaction():
            keep = None if "alembic_version" in wanted else _copied(connection, "alembic_version")
            connection.execute(self._emptying)
            if keep:
                wanted["alembic_version"] = keep
            for name, content in wanted.items():
                with connection.cursor().copy(_copy(name, "FROM STDIN")) as into:
                    into.write(content)
        connection.execute(_NUMBERING)

    def _inside(self, database: str) -> psycopg.Connection[Any]:
        """A connection that stays open: a new one would have to learn all tables anew."""
        if database not in self._connections:
            self._connections[database] = self.server.superuser(database)
        return self._connections[database]

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()


_SHAPE = """
SELECT relname, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
ORDER BY relname, attname
"""

_NUMBERING = """
SELECT setval('account_history_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM account_history), false),
       setval('counter_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM counter), false)
"""
"""Rows that were copied carry their numbers; the next one follows them."""


def _without_log(database: bytes) -> bytes:
    """A database in memory has no log beside it: its head says so (versions of writing and reading, 1 instead of 2)."""
    return database[:18] + b"\x01\x01" + database[20:]


def _copied(connection: psycopg.Connection[Any], name: str) -> bytes:
    with connection.cursor().copy(_copy(name, "TO STDOUT")) as out:
        return b"".join(bytes(part) for part in out)


def _copy(table: str, way: LiteralString) -> sql.Composed:
    return sql.SQL("COPY {} " + way + " (FORMAT binary)").format(sql.Identifier(table))


_running = ExitStack()
_current: Stores = SqliteStores()


def current() -> Stores:
    """The kind of store that the running test asked for."""
    return _current


def choose(kind: str) -> None:
    """Of every office that is opened from now on. PostgreSQL starts when it is first asked for."""
    global _current
    if kind != _current.kind:
        _current = _postgresql() if kind == POSTGRESQL else SqliteStores()


@cache
def _postgresql() -> PostgresqlStores:
    """On a server that all tests of this process share."""
    # One of ours is kept for every database, and an office keeps its own until it is closed.
    made = PostgresqlStores(_running.enter_context(private_postgresql(connections=400)))
    _running.callback(made.close)
    return made


def close() -> None:
    """End the server, if it runs."""
    _running.close()


def store_of(folder: Path, *, bare: bool = False) -> dict[str, Any]:
    """The section ``store`` of the settings of an office in a folder."""
    return {"url": _current.url(folder, bare=bare)}


def copy_office(source: Path, destination: Path) -> None:
    """A closed office, once more, in another folder."""
    shutil.copytree(source, destination, dirs_exist_ok=True)
    _current.copy(source, destination)
