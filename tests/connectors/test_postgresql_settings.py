"""Settings of a PostgreSQL target, and how dates stand in a role."""

from datetime import datetime
from typing import Any

import pytest

from connectors.postgresql import PostgresqlConnector, PostgresqlSettings
from connectors.postgresql.validity import Validity
from provisioner.connector import (
    Authenticates,
    Connector,
    ConnectorContext,
    EndsSessions,
    Entitles,
    MakesVerifiers,
    ReportsSignIns,
    Suspends,
    TakesVerifiers,
)

GOOD: dict[str, Any] = {"host": "db.example.go.id", "user": "siak_provisioner", "password_env": "ROLES_PASSWORD"}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"host": ""}, "host"),
        ({"port": 0}, "port"),
        ({"user": None}, "user"),
        ({"password_env": None}, "password_env"),
        ({"password_file": "x"}, "password_env"),
        ({"sslmode": "disable"}, "sslmode"),
        ({"password": "rahasia"}, "password"),
        ({"profile": ["nik"]}, "profile"),
        ({"profile": ["valid_until"]}, "profile"),
        ({"timezone": "Asia/Mojokerto"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"scram_iterations": 4095}, "scram_iterations"),
        ({"username_max_length": 64}, "username_max_length"),
        ({"entitlements": {"*": ["{nik}"]}}, "entitlements"),
        ({"connection_limit": -2}, "connection_limit"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(wrong: dict[str, Any], named: str) -> None:
    settings = {name: value for name, value in (GOOD | wrong).items() if value is not None}
    with pytest.raises(ValueError, match=named) as refusal:
        PostgresqlConnector.from_settings(settings, ConnectorContext("basisdata"))
    assert "rahasia" not in str(refusal.value)


def test_over_a_socket_no_password_is_needed() -> None:
    settings = PostgresqlSettings(host="/var/run/postgresql", user="siak_provisioner")
    assert settings.by_socket
    assert not PostgresqlSettings.model_validate(GOOD).by_socket


def test_what_the_connector_can_do() -> None:
    connector: object = PostgresqlConnector.from_settings(GOOD, ConnectorContext("basisdata"))
    for protocol in (Connector, TakesVerifiers, MakesVerifiers, Suspends, Entitles, Authenticates, EndsSessions):
        assert isinstance(connector, protocol)
    assert not isinstance(connector, ReportsSignIns)


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "UTC", "America/Sao_Paulo"])
@pytest.mark.parametrize("day", ["2027-12-31", "2028-02-28", "2018-11-03", "1999-12-31"])
def test_a_day_comes_back_as_it_was_written(zone: str, day: str) -> None:
    validity = Validity(zone)
    assert validity.last_day(datetime.fromisoformat(validity.instant(day)).timestamp()) == day
