"""The error table is complete: no database error leaves the connector under the driver's name."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import exc

from connectors.table.errors import (
    CLASSES,
    MYSQL_NUMBERS,
    SQLITE_CODES,
    SQLSTATES,
    Meaning,
    committing,
    meaning_of,
    translated,
)
from provisioner.connector import (
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    PermissionDenied,
    ProtocolError,
    TargetUnavailable,
)


def _below(ancestor: type[exc.SQLAlchemyError]) -> Iterator[type[exc.SQLAlchemyError]]:
    for child in ancestor.__subclasses__():
        yield child
        yield from _below(child)


def test_every_class_of_database_error_has_an_entry_of_its_own() -> None:
    assert set(_below(exc.DBAPIError)) <= CLASSES.keys()


def test_any_other_error_of_the_library_has_a_meaning() -> None:
    for error_class in _below(exc.SQLAlchemyError):
        assert any(ancestor in CLASSES for ancestor in error_class.__mro__)


def test_every_result_code_of_sqlite_that_is_an_error_has_a_meaning() -> None:
    # SQLite numbers its primary codes without gaps; those above are no errors.
    assert SQLITE_CODES.keys() == set(range(sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB + 1))


def test_every_meaning_is_one_of_the_ports() -> None:
    meanings: set[Meaning] = {
        *CLASSES.values(),
        *SQLITE_CODES.values(),
        *SQLSTATES.values(),
        *MYSQL_NUMBERS.values(),
    }
    assert all(issubclass(meaning, ConnectorError) and meaning is not ConnectorError for meaning in meanings)


class _Postgres(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("duplicate key: (username)=(dewi) Failing row contains ($argon2id$...)")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("original", "meaning"),
    [
        (_Postgres("42501"), PermissionDenied),
        (_Postgres("42P01"), ProtocolError),
        (_Postgres("23505"), InvalidAttribute),
        (_Postgres("22001"), InvalidAttribute),
        (_Postgres("40001"), TargetUnavailable),
        (_Postgres("57014"), TargetUnavailable),
        (_Postgres("28P01"), PermissionDenied),
        (Exception(1142, "INSERT command denied"), PermissionDenied),
        (Exception(1146, "no such table"), ProtocolError),
        (Exception(2013, "lost connection"), TargetUnavailable),
        (Exception("no code at all"), TargetUnavailable),
    ],
)
def test_a_code_says_more_than_the_class(original: Exception, meaning: Meaning) -> None:
    assert meaning_of(exc.OperationalError("SELECT", {}, original)) is meaning


def test_the_message_quotes_nothing_that_the_server_said() -> None:
    with pytest.raises(InvalidAttribute) as refusal, translated("writing"):
        raise exc.IntegrityError("INSERT", {}, _Postgres("23502"))
    assert str(refusal.value) == "writing: _Postgres 23502"


def test_an_unanswered_commit_is_in_doubt() -> None:
    with pytest.raises(InDoubt), translated("writing"), committing():
        raise exc.OperationalError("COMMIT", {}, Exception("connection lost"))


def test_a_commit_that_was_plainly_refused_is_not_in_doubt() -> None:
    with pytest.raises(InvalidAttribute), translated("writing"), committing():
        raise exc.IntegrityError("COMMIT", {}, _Postgres("23503"))
