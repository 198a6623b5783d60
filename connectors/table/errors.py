"""Database errors in the port's words: one table for every kind of code that a driver gives."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from provisioner.connector import (
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    ProtocolError,
    TargetUnavailable,
)

Meaning = type[ConnectorError]

CLASSES: Mapping[type[exc.SQLAlchemyError], Meaning] = {
    exc.StatementError: InvalidAttribute,  # A value that the driver could not even bind.
    exc.DBAPIError: ProtocolError,
    exc.InterfaceError: TargetUnavailable,
    exc.DatabaseError: ProtocolError,
    exc.DataError: InvalidAttribute,
    exc.OperationalError: TargetUnavailable,
    exc.IntegrityError: InvalidAttribute,
    exc.InternalError: ProtocolError,
    exc.ProgrammingError: ProtocolError,
    exc.NotSupportedError: ProtocolError,
    exc.TimeoutError: TargetUnavailable,
    exc.DisconnectionError: TargetUnavailable,
    exc.InvalidatePoolError: TargetUnavailable,
    exc.SQLAlchemyError: ProtocolError,
}
"""By SQLAlchemy's class, where the code below says nothing. The nearest class in the error's ancestry counts."""

SQLITE_CODES: Mapping[int, Meaning] = {
    sqlite3.SQLITE_ERROR: ProtocolError,  # No such table or column.
    sqlite3.SQLITE_INTERNAL: ProtocolError,
    sqlite3.SQLITE_PERM: PermissionDenied,
    sqlite3.SQLITE_ABORT: TargetUnavailable,
    sqlite3.SQLITE_BUSY: TargetUnavailable,
    sqlite3.SQLITE_LOCKED: TargetUnavailable,
    sqlite3.SQLITE_NOMEM: TargetUnavailable,
    sqlite3.SQLITE_READONLY: PermissionDenied,
    sqlite3.SQLITE_INTERRUPT: TargetUnavailable,
    sqlite3.SQLITE_IOERR: TargetUnavailable,
    sqlite3.SQLITE_CORRUPT: ProtocolError,
    sqlite3.SQLITE_NOTFOUND: ProtocolError,
    sqlite3.SQLITE_FULL: TargetUnavailable,
    sqlite3.SQLITE_CANTOPEN: TargetUnavailable,
    sqlite3.SQLITE_PROTOCOL: TargetUnavailable,  # The WAL's locking protocol, under heavy contention.
    sqlite3.SQLITE_EMPTY: ProtocolError,
    sqlite3.SQLITE_SCHEMA: TargetUnavailable,
    sqlite3.SQLITE_TOOBIG: InvalidAttribute,
    sqlite3.SQLITE_CONSTRAINT: InvalidAttribute,
    sqlite3.SQLITE_MISMATCH: InvalidAttribute,
    sqlite3.SQLITE_MISUSE: ProtocolError,
    sqlite3.SQLITE_NOLFS: TargetUnavailable,
    sqlite3.SQLITE_AUTH: PermissionDenied,
    sqlite3.SQLITE_FORMAT: ProtocolError,
    sqlite3.SQLITE_RANGE: ProtocolError,
    sqlite3.SQLITE_NOTADB: ProtocolError,
}
"""By SQLite's primary result code (https://sqlite.org/rescode.html)."""

SQLSTATES: Mapping[str, Meaning] = {
    "08": TargetUnavailable,  # connection exception
    "0A": ProtocolError,  # feature not supported
    "22": InvalidAttribute,  # data exception
    "23": InvalidAttribute,  # integrity constraint violation
    "25006": PermissionDenied,  # read-only transaction
    "28": PermissionDenied,  # invalid authorization
    "3D": ProtocolError,  # no such database
    "3F": ProtocolError,  # no such schema
    "40": TargetUnavailable,  # transaction rolled back: serialization failure, deadlock
    "42": ProtocolError,  # no such table or column
    "42501": PermissionDenied,  # insufficient privilege
    "53": TargetUnavailable,  # out of disk, memory, connections
    "55": TargetUnavailable,  # lock not available
    "57": TargetUnavailable,  # shut down, cancelled by the time limit
    "58": TargetUnavailable,  # system error
}
"""By SQLSTATE or its class, the longer first (https://www.postgresql.org/docs/15/errcodes-appendix.html)."""

MYSQL_NUMBERS: Mapping[int, Meaning] = {
    1044: PermissionDenied,  # access to the database denied
    1045: PermissionDenied,  # sign-in refused
    1142: PermissionDenied,  # access to the table denied
    1143: PermissionDenied,  # access to the column denied
    1290: PermissionDenied,  # read-only server
    1054: ProtocolError,  # no such column
    1146: ProtocolError,  # no such table
    1048: InvalidAttribute,  # column cannot be NULL
    1062: InvalidAttribute,  # duplicate
    1366: InvalidAttribute,  # value does not fit the column's alphabet
    1406: InvalidAttribute,  # value too long
}
"""By MariaDB's error number, which PyMySQL gives as first argument; the rest goes by class."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn database errors into the port's. ``doing`` starts the message, which quotes nothing the server said.

    A server's words may repeat a row with all its values, so the message only names the kind of error.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise meaning_of(error)(f"{doing}: {_kind(error)}") from error


@contextmanager
def committing() -> Iterator[None]:
    """What goes wrong here leaves open whether the change was made, unless the database plainly refused it."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        if meaning_of(error) in (InvalidAttribute, PermissionDenied):
            raise
        raise InDoubt(f"no answer to the commit: {_kind(error)}") from error


def meaning_of(error: exc.SQLAlchemyError) -> Meaning:
    """The port's error for a database error."""
    return _by_code(getattr(error, "orig", None)) or next(
        CLASSES[ancestor] for ancestor in type(error).__mro__ if ancestor in CLASSES
    )


def _by_code(original: object) -> Meaning | None:
    if isinstance(original, sqlite3.Error):
        # The primary code is the low byte of the extended one. Misuse of the module itself carries no code.
        return SQLITE_CODES.get(getattr(original, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    if isinstance(state, str):
        return SQLSTATES.get(state) or SQLSTATES.get(state[:2])
    number = next(iter(getattr(original, "args", ())), None)
    return MYSQL_NUMBERS.get(number) if isinstance(number, int) else None


def _kind(error: exc.SQLAlchemyError) -> str:
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    name = type(original or error).__name__
    return f"{name} {code}" if code else name
