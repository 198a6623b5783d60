"""Where the store of a test's office is: a file of SQLite in the office's folder, or a database of a private PostgreSQL.

A test that runs on both asks for the fixture ``store_kind`` (``office``, ``house`` and the like ask for it themselves).
Whoever opens an office in a folder asks here for the address that belongs to that folder:

    settings = Settings(data_dir=folder, store=store_of(folder))

Making a database with all its tables takes PostgreSQL a hundred times longer than emptying one. So the databases whose
folder is gone are emptied and used again; what a copied office begins with is put in by COPY.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, LiteralString, Protocol, cast

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


class Stores(Protocol):
    """One kind of store."""

    kind: str

    def url(self, folder: Path, *, bare: bool = False) -> str:
        """The address of the store of the office in a folder: the same one for the same folder. A new one has all tables
        and no rows; ``bare``: not even tables.
        """
        ...

    def copy(self, source: Path, destination: Path) -> None:
        """The office in ``destination`` begins with the store of that in ``source``."""
        ...


class SqliteStores:
    """A file in the office's folder. It is copied with the folder; its tables are made by whoever opens it."""

    kind = SQLITE

    def url(self, folder: Path, *, bare: bool = False) -> str:  # noqa: ARG002
        """See :class:`Stores`."""
        return f"sqlite:///{folder.absolute() / 'store.db'}"

    def copy(self, source: Path, destination: Path) -> None:
        """See :class:`Stores`."""


class PostgresqlStores:
    """Databases of one server."""

    kind = POSTGRESQL

    def __init__(self, server: Postgresql) -> None:
        self.server = server
        self._of_folder: dict[Path, str] = {}
        self._free: list[str] = []
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        self._numbers = count(1)
        with server.superuser() as connection:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(OWNER)))

    def url(self, folder: Path, *, bare: bool = False) -> str:
        """See :class:`Stores`."""
        place = folder.absolute()
        if place not in self._of_folder:
            self._of_folder[place] = self._new(None) if bare else self._empty()
        return self.address(self._of_folder[place])

    def address(self, database: str) -> str:
        """What the settings of an office say."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.server.folder}&port={self.server.port}"

    def copy(self, source: Path, destination: Path) -> None:
        """See :class:`Stores`."""
        self.put(destination, self.rows(source))

    def rows(self, folder: Path) -> Rows:
        """Everything that stands in the store of an office."""
        connection = self._inside(self._of_folder[folder.absolute()])
        filled = connection.execute(self._which_are_filled).fetchall()
        return {str(name): _copied(connection, str(name)) for (name,) in filled}

    def put(self, folder: Path, rows: Rows) -> None:
        """The store of an office holds these rows and nothing else."""
        place = folder.absolute()
        if place not in self._of_folder:
            self._of_folder[place] = self._take()
        self._refill(self._inside(self._of_folder[place]), rows)

    def _empty(self) -> str:
        name = self._take()
        self._refill(self._inside(name), {})
        return name

    def _take(self) -> str:
        for folder, name in list(self._of_folder.items()):
            if not folder.exists():
                del self._of_folder[folder]
                self._free.append(name)
        return self._free.pop() if self._free else self._new(self._template)

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

    @cached_property
    def _tables(self) -> list[str]:
        asked = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        with self.server.superuser(self._template) as connection:
            return [str(name) for (name,) in connection.execute(asked).fetchall()]

    @cached_property
    def _which_are_filled(self) -> sql.Composed:
        asked = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        return sql.SQL(" UNION ALL ").join(asked.format(sql.Literal(name), sql.Identifier(name)) for name in self._tables)

    @cached_property
    def _emptying(self) -> bytes:
        """One text with everything. Foreign keys are not looked at meanwhile; whoever forgot to hang up is cut off."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now()"
        parts: list[sql.Composable] = [sql.SQL("SET session_replication_role = replica"), sql.SQL(cast(LiteralString, cut))]
        parts += [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in self._tables]
        return sql.SQL("; ").join(parts).as_bytes(None)

    def _refill(self, connection: psycopg.Connection[Any], rows: Rows) -> None:
        wanted = dict(rows)
        with connection.transaction():
            keep = None if "alembic_version" in wanted else _copied(connection, "alembic_version")
            connection.execute(cast(LiteralString, self._emptying.decode()))
            if keep:
                wanted["alembic_version"] = keep
            for name, content in wanted.items():
                with connection.cursor().copy(_copy(name, "FROM STDIN")) as into:
                    into.write(content)
        for sequence, column, table in _SEQUENCES:
            connection.execute(f"SELECT setval('{sequence}', (SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)")

    def _inside(self, database: str) -> psycopg.Connection[Any]:
        """A connection that stays open: a new one would have to learn all tables anew."""
        if database not in self._connections:
            self._connections[database] = self.server.superuser(database)
        return self._connections[database]

    def close(self) -> None:
        """Hang up."""
        for connection in self._connections.values():
            connection.close()


_SEQUENCES = (("account_history_id_seq", "id", "account_history"), ("counter_id_seq", "id", "counter"))
"""What numbers rows by itself."""


def _copied(connection: psycopg.Connection[Any], name: str) -> bytes:
    with connection.cursor().copy(_copy(name, "TO STDOUT")) as out:
        return b"".join(bytes(part) for part in out)


def _copy(table: str, way: LiteralString) -> sql.Composed:
    return sql.SQL("COPY {} " + way + " (FORMAT binary)").format(sql.Identifier(table))


_current: Stores = SqliteStores()


def current() -> Stores:
    """The kind of store that the running test asked for."""
    return _current


def store_of(folder: Path, *, bare: bool = False) -> dict[str, str]:
    """The section ``store`` of the settings of an office in a folder."""
    return {"url": _current.url(folder, bare=bare)}


def copy_office(source: Path, destination: Path) -> None:
    """A closed office, once more, in another folder."""
    shutil.copytree(source, destination, dirs_exist_ok=True)
    _current.copy(source, destination)


class StoresOfThisProcess:
    """Starts PostgreSQL when a test first asks for it, and chooses."""

    def __init__(self) -> None:
        self._sqlite = SqliteStores()
        self._running = ExitStack()

    @cached_property
    def postgresql(self) -> PostgresqlStores:
        """The server all tests of this process share."""
        made = PostgresqlStores(self._running.enter_context(private_postgresql()))
        self._running.callback(made.close)
        return made

    def choose(self, kind: str) -> None:
        """Every office that is opened from now on."""
        global _current
        _current = self.postgresql if kind == POSTGRESQL else self._sqlite

    def close(self) -> None:
        """End the server."""
        self._running.close()
