"""PostgreSQL's errors in the port's words: one table by SQLSTATE.

https://www.postgresql.org/docs/15/errcodes-appendix.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from provisioner.connector import (
    AccountExists,
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    ProtocolError,
    TargetUnavailable,
    UnknownAccount,
)

Meaning = type[ConnectorError]

SQLSTATES: Mapping[str, Meaning] = {
    "02": ProtocolError,  # no data
    "03": ProtocolError,  # SQL statement not yet complete
    "08": TargetUnavailable,  # connection exception
    "09": ProtocolError,  # triggered action exception
    "0A": ProtocolError,  # feature not supported
    "0B": ProtocolError,  # invalid transaction initiation
    "0F": ProtocolError,  # locator exception
    "0L": PermissionDenied,  # invalid grantor
    "0P": InvalidAttribute,  # invalid role specification
    "0Z": ProtocolError,  # diagnostics exception
    "10": ProtocolError,  # XQuery error
    "20": ProtocolError,  # case not found
    "21": ProtocolError,  # cardinality violation
    "22": InvalidAttribute,  # data exception
    "23": InvalidAttribute,  # integrity constraint violation
    "23505": AccountExists,  # two roles of one name at the same instant: the catalogue's own unique index
    "24": ProtocolError,  # invalid cursor state
    "25": ProtocolError,  # invalid transaction state
    "25006": TargetUnavailable,  # read-only: a standby, until it is promoted
    "25P03": TargetUnavailable,  # we were idle in a transaction for too long
    "26": ProtocolError,  # invalid SQL statement name
    "27": ProtocolError,  # triggered data change violation
    "28": PermissionDenied,  # invalid authorization specification
    "2B": PermissionDenied,  # the role owns objects or holds rights somewhere (2BP01)
    "2D": ProtocolError,  # invalid transaction termination
    "2F": ProtocolError,  # SQL routine exception
    "34": ProtocolError,  # invalid cursor name
    "38": ProtocolError,  # external routine exception
    "39": ProtocolError,  # external routine invocation exception
    "3B": ProtocolError,  # savepoint exception
    "3D": ProtocolError,  # invalid catalog name: no such database
    "3F": ProtocolError,  # invalid schema name
    "40": TargetUnavailable,  # transaction rollback: deadlock, serialization failure
    "42": ProtocolError,  # syntax error or access rule violation
    "42501": PermissionDenied,  # insufficient privilege
    "42602": InvalidAttribute,  # invalid name
    "42622": InvalidAttribute,  # name too long
    "42704": UnknownAccount,  # undefined object: the role was dropped at the same moment
    "42710": AccountExists,  # duplicate object: the role is there
    "42939": InvalidAttribute,  # reserved name
    "44": ProtocolError,  # WITH CHECK OPTION violation
    "53": TargetUnavailable,  # insufficient resources
    "54": InvalidAttribute,  # program limit exceeded
    "55": TargetUnavailable,  # object not in prerequisite state: lock not available
    "57": TargetUnavailable,  # operator intervention: shut down, cancelled by a time limit
    "58": TargetUnavailable,  # system error
    "72": TargetUnavailable,  # snapshot too old
    "F0": ProtocolError,  # configuration file error
    "HV": ProtocolError,  # foreign data wrapper error
    "P0": ProtocolError,  # PL/pgSQL error
    "XX": ProtocolError,  # internal error: data corrupted
    "XX000": TargetUnavailable,  # "tuple concurrently updated": somebody altered the same role at the same instant
}
"""By SQLSTATE or its class, the longer first."""

CLASSES: Mapping[type[psycopg.Error], Meaning] = {
    psycopg.DataError: InvalidAttribute,  # A value that the driver could not even send.
    psycopg.InterfaceError: TargetUnavailable,
    psycopg.OperationalError: TargetUnavailable,
    psycopg.Error: ProtocolError,
}
"""By the driver's class, where no server spoke. The nearest class in the error's ancestry counts."""

REASONS: Mapping[str, str] = {
    "2BP01": "the role owns objects or holds rights in a database; an administrator has to give them to somebody else "
    "(REASSIGN OWNED, then DROP OWNED, in every database)",
    "42939": "the server keeps this name for itself",
    "25006": "the server only reads: it is a standby",
}
"""What an administrator should read instead of the kind of error."""

BAD_CREDENTIALS = "password authentication failed"
NO_LOGIN = "is not permitted to log in"
NO_DATABASE = "permission denied for database"
TOO_MANY = "too many connections for role"
REFUSALS: Mapping[str, Meaning] = {
    BAD_CREDENTIALS: PermissionDenied,  # 28P01
    NO_LOGIN: PermissionDenied,  # 28000
    "no pg_hba.conf entry": PermissionDenied,  # 28000
    "pg_hba.conf rejects connection": PermissionDenied,  # 28000
    NO_DATABASE: PermissionDenied,  # 42501
    TOO_MANY: TargetUnavailable,  # 53300
}
"""The driver does not pass on the SQLSTATE of a refused connection, so its English text has to do (``lc_messages``).
Anything else reads as "cannot be reached"."""


class Overdue(psycopg.OperationalError):
    """No answer within the time allowed for the call. Raised on our side: a frozen server keeps no time limit."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn the driver's errors into the port's. ``doing`` starts the message, which quotes nothing the server said: its
    words may repeat a statement with all its values.
    """
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate or ""
        text = f"{doing}: {REASONS.get(state) or _kind(error)}"
        raise meaning_of(error)(text) from error


@contextmanager
def committing(doing: str) -> Iterator[None]:
    """What goes wrong here leaves open whether the change was made."""
    try:
        yield
    except psycopg.Error as error:
        raise InDoubt(f"{doing}: no answer to the commit ({_kind(error)})") from error


def meaning_of(error: psycopg.Error) -> Meaning:
    """The port's error for one of the driver's."""
    if error.sqlstate:
        known = SQLSTATES.get(error.sqlstate) or SQLSTATES.get(error.sqlstate[:2])
        if known is not None:
            return known
    return next(CLASSES[ancestor] for ancestor in type(error).__mro__ if ancestor in CLASSES)


def refusal_of(error: BaseException | None) -> str | None:
    """With which of the known texts the server refused a connection; None: none of them, or no server spoke."""
    said = str(error) if isinstance(error, psycopg.Error) else ""
    return next((text for text in REFUSALS if text in said), None)


def connection_refused(doing: str, error: psycopg.Error) -> ConnectorError:
    """Why a connection did not come about."""
    text = refusal_of(error)
    if text is None:
        return TargetUnavailable(f"{doing}: no connection")
    return REFUSALS[text](f"{doing}: {text}")


def _kind(error: psycopg.Error) -> str:
    name = type(error).__name__
    return f"{name} {error.sqlstate}" if error.sqlstate else name
