"""Every error of the driver means something to the core, and none repeats what the server said."""

import psycopg
import pytest
from psycopg import errors as vendor

from connectors.postgresql.errors import CLASSES, REASONS, REFUSALS, SQLSTATES, committing, meaning_of, translated
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

KNOWN = {
    error.sqlstate: error
    for error in vars(vendor).values()
    if isinstance(error, type) and issubclass(error, psycopg.Error) and error.sqlstate
}
SUCCESSES = ("00", "01")
"""Completion and warnings are raised by nobody."""

EXPECTED: dict[str, type[ConnectorError]] = {
    "08006": TargetUnavailable,
    "22P05": InvalidAttribute,
    "23505": AccountExists,
    "25006": TargetUnavailable,
    "28P01": PermissionDenied,
    "2BP01": PermissionDenied,
    "40P01": TargetUnavailable,
    "42501": PermissionDenied,
    "42601": ProtocolError,
    "42704": UnknownAccount,
    "42710": AccountExists,
    "42939": InvalidAttribute,
    "53300": TargetUnavailable,
    "55P03": TargetUnavailable,
    "57014": TargetUnavailable,
    "57P01": TargetUnavailable,
    "XX000": TargetUnavailable,
    "XX001": ProtocolError,
}


def test_the_driver_knows_errors() -> None:
    assert len(KNOWN) > 200


def test_the_table_knows_every_error_that_the_driver_knows() -> None:
    failures = [state for state in KNOWN if not state.startswith(SUCCESSES)]
    assert [state for state in failures if state not in SQLSTATES and state[:2] not in SQLSTATES] == []


def test_the_table_knows_nothing_that_the_driver_does_not() -> None:
    assert {state for state in SQLSTATES if len(state) == 5} <= set(KNOWN)
    assert {state for state in SQLSTATES if len(state) == 2} <= {state[:2] for state in KNOWN}
    assert set(REASONS) <= set(KNOWN)


@pytest.mark.parametrize("state", EXPECTED)
def test_what_an_error_means(state: str) -> None:
    assert meaning_of(KNOWN[state]()) is EXPECTED[state]


def test_a_state_of_a_later_server_goes_by_the_drivers_class() -> None:
    class Later(psycopg.OperationalError):
        sqlstate = "ZZ999"

    assert meaning_of(Later()) is TargetUnavailable


@pytest.mark.parametrize("error", [psycopg.Error, psycopg.DataError, psycopg.InternalError, psycopg.InterfaceError])
def test_every_class_of_the_driver_has_a_meaning(error: type[psycopg.Error]) -> None:
    assert issubclass(meaning_of(error()), ConnectorError)
    assert any(ancestor in CLASSES for ancestor in error.__mro__)


def test_nothing_that_the_server_said_is_repeated() -> None:
    for error in KNOWN.values():
        with pytest.raises(ConnectorError) as refusal, translated("changing a role"):
            raise error("ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:rahasia'")
        assert "rahasia" not in str(refusal.value)
        assert "changing a role" in str(refusal.value)
        assert refusal.value.__cause__ is not None


def test_whatever_goes_wrong_at_the_commit_leaves_it_open() -> None:
    with pytest.raises(InDoubt), committing("changing a role"):
        raise vendor.InsufficientPrivilege("x")


def test_refused_connections_are_no_protocol_errors() -> None:
    assert set(REFUSALS.values()) <= {PermissionDenied, TargetUnavailable}
