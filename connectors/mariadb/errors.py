"""MariaDB's errors in the port's words: one table by number.

https://mariadb.com/kb/en/mariadb-error-code-reference/
"""

from collections.abc import Mapping

import pymysql

from provisioner.connector import (
    AccountExists,
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    PolicyViolation,
    ProtocolError,
    TargetUnavailable,
)

Meaning = type[ConnectorError]

MUST_CHANGE = frozenset({1820, 1862})
"""The password is expired: nothing but SET PASSWORD is allowed, or not even the connection."""
LOCKED = frozenset({4150, 4151})
"""Too many wrong passwords; locked by an administrator."""
BAD_CREDENTIALS = frozenset({1045, 1698})
LOST = frozenset({0, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 2006, 2013, 2014, 2055, 3024})
"""The connection ended, or the statement was cut off: what was sent may have been carried out."""

NUMBERS: Mapping[int, Meaning] = {
    1021: TargetUnavailable,  # disk full
    1037: TargetUnavailable,  # out of memory
    1038: TargetUnavailable,  # out of sort memory
    1040: TargetUnavailable,  # too many connections
    1041: TargetUnavailable,  # out of resources
    1042: TargetUnavailable,  # bad host
    1043: TargetUnavailable,  # bad handshake
    1044: PermissionDenied,  # access to the database denied
    1045: PermissionDenied,  # wrong password
    1048: InvalidAttribute,  # column cannot be NULL
    1049: ProtocolError,  # no such database
    1054: ProtocolError,  # no such column
    1062: AccountExists,  # duplicate key: another writer made the row
    1064: ProtocolError,  # syntax
    1095: PermissionDenied,  # not the owner of the thread
    1105: ProtocolError,  # unknown error
    1114: TargetUnavailable,  # table full
    1129: TargetUnavailable,  # host blocked because of many errors
    1130: PermissionDenied,  # host may not connect
    1133: ProtocolError,  # no such user, at SET PASSWORD
    1142: PermissionDenied,  # access to the table denied
    1143: PermissionDenied,  # access to the column denied
    1146: ProtocolError,  # no such table
    1194: TargetUnavailable,  # table crashed
    1203: TargetUnavailable,  # the user has too many connections
    1205: TargetUnavailable,  # waited too long for a lock
    1213: TargetUnavailable,  # deadlock
    1226: TargetUnavailable,  # the user has used up a resource
    1227: PermissionDenied,  # a privilege is missing
    1251: PermissionDenied,  # the client's way to sign in is not taken
    1290: PolicyViolation,  # --strict-password-validation refuses a hash, or --read-only
    1366: InvalidAttribute,  # value does not fit the column's alphabet
    1372: InvalidAttribute,  # not the form of a hash
    1396: ProtocolError,  # CREATE, ALTER, RENAME or DROP USER failed; see :mod:`connectors.mariadb.connector`
    1406: InvalidAttribute,  # value too long
    1470: InvalidAttribute,  # user name too long
    1524: ProtocolError,  # plugin not loaded
    1698: PermissionDenied,  # access denied, without a password, or to a role
    1819: PolicyViolation,  # the password validation refuses
    1820: PermissionDenied,  # our own password is expired
    1836: TargetUnavailable,  # read-only mode
    1862: PermissionDenied,  # our own password is expired
    1959: InvalidAttribute,  # no such role
    1962: InvalidAttribute,  # the role is not there to be revoked
    2003: TargetUnavailable,  # no connection
    2005: TargetUnavailable,  # unknown host
    2026: TargetUnavailable,  # TLS
    2059: PermissionDenied,  # the server asks to sign in in a way that we do not
    4150: PermissionDenied,  # our own account is barred
    4151: PermissionDenied,  # our own account is locked
    4166: PermissionDenied,  # the user may not change this password
    **dict.fromkeys(LOST, TargetUnavailable),
}
"""By the number that the server or the driver gives."""

CLASSES: Mapping[type[pymysql.MySQLError], Meaning] = {
    pymysql.DataError: InvalidAttribute,
    pymysql.IntegrityError: InvalidAttribute,
    pymysql.InterfaceError: TargetUnavailable,
    pymysql.InternalError: ProtocolError,
    pymysql.NotSupportedError: ProtocolError,
    pymysql.OperationalError: ProtocolError,
    pymysql.ProgrammingError: ProtocolError,
    pymysql.DatabaseError: ProtocolError,
    pymysql.Error: ProtocolError,
    pymysql.MySQLError: ProtocolError,
}
"""By the driver's class, for numbers that the table does not know. The nearest class in the ancestry counts."""


def number_of(error: pymysql.MySQLError) -> int | None:
    """The error's number; None where the driver itself objected."""
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) else None


def is_lost(error: pymysql.MySQLError) -> bool:
    """Whether what was sent may have been carried out all the same."""
    return isinstance(error, pymysql.InterfaceError) or number_of(error) in LOST


def meaning_of(error: pymysql.MySQLError) -> Meaning:
    """The port's error for one of the driver's."""
    number = number_of(error)
    known = NUMBERS.get(number) if number is not None else None
    return known or next(CLASSES[ancestor] for ancestor in type(error).__mro__ if ancestor in CLASSES)


def translated(doing: str, error: pymysql.MySQLError, *, written: bool = False) -> ConnectorError:
    """The port's error. It quotes nothing the server said: its words may repeat a statement with all its values.

    :param written: something was sent before that changes the target, or this was it.
    """
    text = f"{doing}: {_kind(error)}"
    if written and is_lost(error):
        return InDoubt(text)
    return meaning_of(error)(text)


def _kind(error: pymysql.MySQLError) -> str:
    number = number_of(error)
    return f"{type(error).__name__} {number}" if number is not None else type(error).__name__
