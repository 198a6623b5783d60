"""Settings of the table connector: what is refused, and that nothing secret is repeated."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from connectors.manual import ManualSettings
from connectors.memory import MemorySettings
from connectors.table import TableConnector, TableSettings
from connectors.table.settings import Columns, EntitlementTable
from provisioner.connector import ConnectorContext

WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "url"),
    ({"url": "not an address"}, "url"),
    ({"url": "nosuchdatabase://host/name"}, "nosuchdatabase is not installed"),
    ({"url": "sqlite+nosuchdriver:///x"}, "nosuchdriver is not installed"),
    ({"url": "sqlite://"}, "url"),
    ({"url": "sqlite:///:memory:"}, "url"),
    ({"url": "sqlite:///file:x?mode=ro&uri=true"}, "url"),
    ({"url": "sqlite:///x", "colour": "red"}, "colour"),
    ({"url": "sqlite:///x", "columns": {"username": "id"}}, "same name"),
    ({"url": "sqlite:///x", "columns": {"profile": {"USERNAME": "{full_name}"}}}, "same name"),
    ({"url": "sqlite:///x", "columns": {"profile": {"x": "{nik}"}}}, "unknown field"),
    ({"url": "sqlite:///x", "columns": {"profile": {"x": "{full_name.__class__}"}}}, "unknown field"),
    ({"url": "sqlite:///x", "columns": {"profile": {"x": "{full_name!r}"}}}, "unknown field"),
    ({"url": "sqlite:///x", "columns": {"profile": {"x": "{full_name"}}}, "profile"),
    ({"url": "sqlite:///x", "columns": {"must_change": None}}, "withheld"),
    ({"url": "sqlite:///x", "entitlements": {"rules": {"*": ["{username}"]}}}, "unknown field"),
    ({"url": "sqlite:///x", "password_env": "NO_SUCH_VARIABLE"}, "NO_SUCH_VARIABLE"),
    ({"url": "sqlite:///x", "password_file": "/no/such/file"}, "/no/such/file"),
    ({"url": "sqlite:///x", "password_env": "A", "password_file": "b"}, "exclude"),
    ({"url": "sqlite:///x", "password_min_length": 0}, "password_min_length"),
]


@pytest.mark.parametrize(("settings", "named"), WRONG)
def test_a_wrong_setting_is_refused_and_named(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named.replace("/", ".")):
        TableConnector.from_settings(settings, ConnectorContext("basisdata"))


def test_a_password_in_the_address_is_refused_without_repeating_it() -> None:
    settings = {"url": "postgresql+psycopg://provisioner:sangat-rahasia@db/siak"}
    with pytest.raises(ValueError, match="password_env") as refusal:
        TableConnector.from_settings(settings, ConnectorContext("basisdata"))
    assert "sangat-rahasia" not in str(refusal.value)


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAK_DB_PASSWORD", "p@ss:/word")
    settings = TableSettings(url="sqlite://provisioner@db/siak", password_env="SIAK_DB_PASSWORD")
    assert settings.address().password == "p@ss:/word"
    assert "p@ss" not in repr(settings)
    assert "p@ss" not in str(settings.address())


def test_the_password_comes_from_the_first_line_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"rahasia \r\nnot this\r\n")
    settings = TableSettings(url="sqlite://provisioner@db/siak", password_file=tmp_path / "secret")
    assert settings.address().password == "rahasia "


@pytest.mark.parametrize("section", [TableSettings, Columns, EntitlementTable, MemorySettings, ManualSettings])
def test_every_setting_carries_a_description(section: type[BaseModel]) -> None:
    assert [name for name, setting in section.model_fields.items() if not setting.description] == []
