"""What a database answers when it cannot, in our words; and answers that must not be repeated as they are."""

import psycopg
from psycopg import errors as pg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from provisioner.errors import StoreUnavailable

_BUSY: tuple[type[psycopg.Error], ...] = (
    pg.LockNotAvailable,  # lock_timeout
    pg.DeadlockDetected,
    pg.SerializationFailure,
    pg.TooManyConnections,
    pg.QueryCanceled,  # statement_timeout, where the administrator set one
)
_FULL: tuple[type[psycopg.Error], ...] = (
    pg.DiskFull,
    pg.OutOfMemory,
    pg.ReadOnlySqlTransaction,  # A standby, or a server that was told not to write.
    pg.ConfigurationLimitExceeded,
)
_SQLITE = {
    5: "store-busy",  # SQLITE_BUSY
    6: "store-busy",  # SQLITE_LOCKED
    8: "store-full",  # SQLITE_READONLY
    10: "store-full",  # SQLITE_IOERR
    13: "store-full",  # SQLITE_FULL
    14: "store-away",  # SQLITE_CANTOPEN
}
"""Result codes (sqlite.org/rescode.html). By number: whoever only verifies a trail loads no database."""


DATABASE_FAILED = (SQLAlchemyError, psycopg.Error)
"""How it is told: by SQLAlchemy, or by the driver itself where SQLAlchemy only sets how a connection is to be used."""


def trouble(error: Exception, *, committing: bool = False) -> StoreUnavailable | None:
    """What ``error`` means if the store cannot do its work now; None: it is something else.

    ``committing``: the error came as the answer to a commit. If the connection broke then, nobody knows what became of
    it.
    """
    code = _code(error)
    if code == "store-away" and committing:
        code = "store-in-doubt"
    return StoreUnavailable(code) if code else None


def _code(error: Exception) -> str:
    if isinstance(error, PoolTimeout):
        return "store-busy"
    if not isinstance(error, DBAPIError | psycopg.Error):
        return ""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if (sqlite_code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(sqlite_code & 0xFF, "")
    if isinstance(cause, _BUSY):
        return "store-busy"
    if isinstance(cause, _FULL):
        return "store-full"
    broken = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    broken = broken or (isinstance(error, DBAPIError) and error.connection_invalidated)
    if broken and "too many" in str(cause):  # Refused while connecting, where the driver gives no code.
        return "store-busy"
    return "store-away" if broken else ""


def keep_values_out_of_errors(engine: Engine) -> None:
    """PostgreSQL repeats in its details what was to be written (``Key (username)=(dewi)``): only its first line, which
    names tables and constraints, is kept.
    """

    @event.listens_for(engine, "handle_error")
    def shorten(context: ExceptionContext) -> None:
        cause, told = context.original_exception, context.sqlalchemy_exception
        if not isinstance(cause, psycopg.Error) or cause.diag.message_primary is None:
            return
        long, short = str(cause), cause.diag.message_primary
        cause.args = (short,)
        if told is not None:
            told.args = tuple(part.replace(long, short) if isinstance(part, str) else part for part in told.args)
