"""What ``check`` tells an administrator about a server."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.postgresql.examination import PROBE, Examination, in_english
from connectors.postgresql.pool import Pool
from connectors.postgresql.settings import PostgresqlSettings
from provisioner.connector import Finding, Severity
from tests.connectors.role_office import RoleOffice
from tests.servers.role_server import SERVICE


def _findings(roles: RoleOffice, subject: str, ahead: timedelta = timedelta(0)) -> list[Finding]:
    settings = PostgresqlSettings.model_validate(roles.target.settings())
    found = Examination(settings, Pool(settings, 10.0), lambda: datetime.now(UTC) + ahead).findings()
    return [finding for finding in found if finding.subject == subject]


def _severities(findings: list[Finding]) -> set[Severity]:
    return {finding.severity for finding in findings}


def test_a_server_in_order_is_told_so_and_the_probe_leaves_nothing(roles: RoleOffice) -> None:
    before = roles.target.execute("SELECT rolname FROM pg_roles")
    findings = roles.connector.check()
    assert {finding.subject for finding in findings} == {"reachable", "certificate", "clock", "rights", "policy"}
    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
    assert roles.target.execute("SELECT rolname FROM pg_roles") == before
    assert roles.connector.get(PROBE) is None


def test_a_server_out_of_reach_is_one_finding(roles: RoleOffice) -> None:
    (finding,) = roles.another(port=1).check()
    assert (finding.subject, finding.severity) == ("reachable", Severity.ERROR)


@pytest.mark.parametrize(("days", "severity"), [(25, Severity.ERROR), (15, Severity.WARNING)])
def test_a_certificate_that_ends_soon_is_told(roles: RoleOffice, days: int, severity: Severity) -> None:
    # It is valid for thirty days.
    assert _severities(_findings(roles, "certificate", timedelta(days=days))) == {severity}


@pytest.mark.parametrize(
    ("ahead", "severity"), [(-60, Severity.WARNING), (60, Severity.WARNING), (600, Severity.ERROR)]
)
def test_a_clock_that_differs_is_told(roles: RoleOffice, ahead: int, severity: Severity) -> None:
    assert _severities(_findings(roles, "clock", timedelta(seconds=ahead))) == {severity}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (f"ALTER ROLE {SERVICE} NOCREATEROLE", "roles cannot be made"),
        (f"REVOKE pg_signal_backend FROM {SERVICE}", "sessions of a suspended operator cannot be ended"),
        ("DROP ROLE siak", "the group role siak is not there"),
        ("ALTER ROLE siak SUPERUSER", "the group role siak may not be granted"),
    ],
)
def test_a_right_that_is_missing_is_told(roles: RoleOffice, change: str, message: str) -> None:
    roles.target.execute(change)
    (finding,) = _findings(roles, "rights")
    assert finding.severity is Severity.ERROR
    assert message in finding.message
    assert finding.remedy


def test_too_many_rights_are_told(roles: RoleOffice) -> None:
    roles.target.execute(f"ALTER ROLE {SERVICE} SUPERUSER")
    assert Severity.WARNING in _severities(_findings(roles, "rights"))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("password_encryption = 'md5'", "MD5"),
        ("log_statement = 'ddl'", "logs statements"),
        ("log_min_duration_statement = 0", "take long"),
    ],
)
def test_a_setting_of_the_server_that_does_harm_is_told(roles: RoleOffice, setting: str, message: str) -> None:
    roles.target.execute(f"ALTER ROLE {SERVICE} SET {setting}")
    (warning,) = [each for each in _findings(roles, "policy") if each.severity is Severity.WARNING]
    assert message in warning.message
    assert warning.remedy


@pytest.mark.parametrize(
    ("locale", "english"),
    [("C", True), ("C.UTF-8", True), ("en_US.UTF-8", True), ("POSIX", True), ("id_ID.UTF-8", False), ("cs_CZ", False)],
)
def test_refusals_are_understood_in_english_only(locale: str, english: bool) -> None:
    assert in_english(locale) is english
