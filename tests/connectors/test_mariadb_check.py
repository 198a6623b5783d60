"""What the check tells, the settings, and the table of errors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest

from connectors.mariadb import MariadbConnector
from connectors.mariadb.errors import (
    BAD_CREDENTIALS,
    CLASSES,
    LOCKED,
    LOST,
    MUST_CHANGE,
    NUMBERS,
    meaning_of,
    translated,
)
from connectors.mariadb.examination import Examination
from provisioner.connector import (
    Authenticates,
    Connector,
    ConnectorContext,
    ConnectorError,
    EndsSessions,
    Finding,
    InDoubt,
    MakesVerifiers,
    PermissionDenied,
    Severity,
    Suspends,
    TakesVerifiers,
    TargetUnavailable,
)
from tests.connectors.user_office import UserOffice

GOOD: dict[str, Any] = {"host": "db.example.go.id", "user": "siak_provisioner", "password_env": "USERS_PASSWORD"}


def _errors(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.severity is Severity.ERROR]


def test_a_server_in_order_has_no_errors(users: UserOffice) -> None:
    found = users.connector.check()
    assert {finding.subject for finding in found} == {"reachable", "certificate", "clock", "rights", "policy"}
    assert _errors(found) == []


@pytest.mark.parametrize(
    "revoked",
    [
        "CREATE USER ON *.*",
        "CONNECTION ADMIN ON *.*",
        "SELECT ON mysql.global_priv",
        "SELECT ON mysql.roles_mapping",
        "DELETE ON siak_provisioner.*",
        "ADMIN OPTION FOR siak",
    ],
)
def test_a_right_that_is_missing_is_told(users: UserOffice, revoked: str) -> None:
    users.connector.get("nobody")
    users.target.execute(f"REVOKE {revoked} FROM siak_provisioner")
    assert _errors(users.another().check()) == ["rights"]


@pytest.mark.parametrize("setting", ["general_log", "read_only"])
def test_a_setting_of_the_server_that_stands_in_the_way_is_told(users: UserOffice, setting: str) -> None:
    users.connector.get("nobody")
    users.target.execute(f"SET GLOBAL {setting} = ON")
    try:
        assert "policy" in _errors(users.connector.check())
    finally:
        users.target.execute(f"SET GLOBAL {setting} = OFF")


def test_a_password_validation_that_refuses_one_way_forms_is_told(users: UserOffice) -> None:
    users.target.execute("INSTALL SONAME 'simple_password_check'")
    try:
        assert _errors(users.connector.check()) == ["policy"]
        users.target.execute("SET GLOBAL strict_password_validation = OFF")
        assert _errors(users.connector.check()) == []
    finally:
        users.target.execute("SET GLOBAL strict_password_validation = ON")
        users.target.execute("UNINSTALL SONAME 'simple_password_check'")


def test_clocks_and_certificates_are_looked_at(users: UserOffice) -> None:
    connector = users.connector
    later = datetime.now(UTC) + timedelta(days=26)
    found = Examination(connector._settings, connector._pool, connector._ledger, lambda: later).findings()
    assert set(_errors(found)) == {"clock", "certificate"}


def test_what_cannot_be_reached_is_a_finding(users: UserOffice, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("salah\n")
    for settings in ({"port": 1}, {"password_file": str(wrong)}, {"password_file": str(tmp_path / "none")}):
        assert _errors(users.another(**settings).check()) == ["reachable"]


def test_the_check_leaves_no_trace(users: UserOffice) -> None:
    users.connector.get("nobody")
    before = users.target.execute("SELECT User, Priv FROM mysql.global_priv")
    users.connector.check()
    assert users.target.execute("SELECT User, Priv FROM mysql.global_priv") == before


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"password_env": None}, "password_env"),
        ({"password_file": "x"}, "password_env"),
        ({"password": "rahasia"}, "password"),
        ({"schema": "a`b"}, "schema"),
        ({"table": "a b"}, "table"),
        ({"table": "akun\n"}, "table"),
        ({"account_host": "%' OR"}, "account_host"),
        ({"profile": ["nik"]}, "profile"),
        ({"scheme": "mysql_clear_password"}, "scheme"),
        ({"entitlements": {"*": ["{nik}"]}}, "entitlements"),
        ({"username_max_length": 81}, "username_max_length"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(wrong: dict[str, Any], named: str) -> None:
    settings = {name: value for name, value in (GOOD | wrong).items() if value is not None}
    with pytest.raises(ValueError, match=named) as refusal:
        MariadbConnector.from_settings(settings, ConnectorContext("basisdata"))
    assert "rahasia" not in str(refusal.value)


def test_what_the_connector_can_do() -> None:
    connector: object = MariadbConnector.from_settings(GOOD, ConnectorContext("basisdata"))
    for protocol in (Connector, TakesVerifiers, MakesVerifiers, Suspends, Authenticates, EndsSessions):
        assert isinstance(connector, protocol)


def test_every_class_of_error_and_every_number_that_is_named_has_a_meaning() -> None:
    assert CLASSES.keys() >= {pymysql.Error, *pymysql.Error.__subclasses__()}
    assert CLASSES.keys() >= set(pymysql.DatabaseError.__subclasses__())
    assert NUMBERS.keys() >= BAD_CREDENTIALS | LOCKED | MUST_CHANGE | LOST
    meanings = {*CLASSES.values(), *NUMBERS.values()}
    assert all(issubclass(meaning, ConnectorError) and meaning is not ConnectorError for meaning in meanings)


def test_an_error_is_told_without_the_servers_words() -> None:
    denied = pymysql.err.OperationalError(1142, "INSERT command denied to 'x' for 'rahasia'")
    assert meaning_of(denied) is PermissionDenied
    assert str(translated("writing", denied)) == "writing: OperationalError 1142"
    lost = pymysql.err.OperationalError(2013, "Lost connection during query")
    assert isinstance(translated("reading", lost), TargetUnavailable)
    assert isinstance(translated("writing", lost, written=True), InDoubt)
