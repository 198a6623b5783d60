"""The way to the database: connections, time limits and transactions."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from connectors.table.errors import committing, translated
from connectors.table.schema import Schema
from provisioner.connector import TargetUnavailable

STATEMENTS_PER_CALL = 4
"""No call of the connector makes more than this many; each gets its share of the call's time."""


class Database:
    """Connects at first use only.

    An error before the commit means that nothing was changed; an error of the commit itself is
    :class:`~provisioner.connector.InDoubt`.
    """

    def __init__(self, address: URL, schema: Schema, *, create_tables: bool, call_timeout: float) -> None:
        self._schema = schema
        self._create_tables = create_tables
        self._ready = False
        self._lock = Lock()
        self._sqlite_file = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
        self._engine = create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=self._sqlite_file is None,
            pool_timeout=call_timeout,
            connect_args=_time_limits(address, call_timeout),
            **_isolation(address),
        )
        if self._sqlite_file is not None:
            _keep_sqlite_safe(self._engine, call_timeout)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        self._prepare()
        with translated("reading"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed when the block ends well, and else rolled back."""
        self._prepare()
        with self._writing() as connection:
            yield connection

    def close(self) -> None:
        """Close idle connections."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated("writing"), self._engine.connect() as connection:
            connection.execution_options(writes=True)
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            with committing():
                transaction.commit()

    def _prepare(self) -> None:
        with self._lock:
            if self._ready:
                return
            self._prepare_file()
            with translated("connecting"), self._engine.connect():
                pass
            if self._create_tables:
                with self._writing() as connection:
                    self._schema.metadata.create_all(connection)
            self._ready = True

    def _prepare_file(self) -> None:
        if self._sqlite_file is None or self._sqlite_file.exists():
            return
        if not self._create_tables:
            # SQLite itself would make an empty file of a mistyped name.
            raise TargetUnavailable(f"the database file {self._sqlite_file} does not exist")
        # Verifiers are nobody else's business; the files beside it (WAL) inherit the mode.
        try:
            with suppress(FileExistsError):
                os.close(os.open(self._sqlite_file, os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise TargetUnavailable(f"the database file {self._sqlite_file} cannot be made") from error


def _isolation(address: URL) -> dict[str, Any]:
    """What every writer relies on is the row it holds; MariaDB's default would also lock the gaps beside it."""
    return {"isolation_level": "READ COMMITTED"} if address.get_backend_name() in ("mysql", "mariadb") else {}


def _time_limits(address: URL, call_timeout: float) -> dict[str, Any]:
    """The driver's own arguments that bound how long one statement may take."""
    share = call_timeout / STATEMENTS_PER_CALL
    match address.get_backend_name(), address.get_driver_name():
        case "sqlite", _:
            # Only BEGIN IMMEDIATE ever waits, once a call.
            return {"timeout": call_timeout}
        case "postgresql", "psycopg" | "psycopg2":
            milliseconds = max(1, int(share * 1000))
            limits = f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
            return {
                "connect_timeout": max(2, int(share)),
                "options": limits,
                "tcp_user_timeout": milliseconds,
            }
        case (("mysql" | "mariadb"), ("pymysql" | "mysqldb")):
            seconds = max(1, int(share))
            # What waits for a lock is told so, before the connection is given up.
            waits = {"init_command": f"SET SESSION innodb_lock_wait_timeout = {max(1, seconds - 1)}"}
            return {"connect_timeout": seconds, "read_timeout": seconds, "write_timeout": seconds, **waits}
        case _:
            return {}


def _keep_sqlite_safe(engine: Engine, call_timeout: float) -> None:
    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own way of starting transactions is switched off: it would begin too late, at the first write.
        connection.isolation_level = None
        cursor = connection.cursor()
        _switch_to_wal(cursor, call_timeout)
        # NORMAL would forget commits when the power fails; without secure_delete an erased verifier stays in the file.
        for pragma in (
            "PRAGMA synchronous=FULL",
            "PRAGMA secure_delete=ON",
            "PRAGMA foreign_keys=ON",
        ):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Taking the write lock at once means that no transaction fails half-way because another one came first.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _switch_to_wal(cursor: DBAPICursor, patience_seconds: float) -> None:
    """Of several that switch a new file at once SQLite tells all but one that it is locked, and has nobody wait."""
    until = monotonic() + patience_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)
