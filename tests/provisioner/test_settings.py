"""Settings come from one file, the environment goes above it, and what is wrong is told with its place."""

import ast
import os
import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from provisioner.errors import ConfigurationError
from provisioner.office import PostId
from provisioner.settings import (
    NetworkSettings,
    Settings,
    StoreSettings,
    TargetSettings,
    TotpSettings,
    WebSettings,
    load_settings,
)

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("PROVISIONER_"):
            monkeypatch.delenv(name)


def _written(directory: Path, text: str) -> Path:
    file = directory / "provisioner.toml"
    file.write_text(text)
    return file


def test_the_embedded_default_needs_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.store_url == f"sqlite:///{tmp_path}/var/store.db"
    assert settings.sign_in_target == "akun"
    assert settings.targets["akun"].kind == "table"
    assert settings.target_settings("akun")["url"] == f"sqlite:///{tmp_path}/var/accounts.db"
    assert settings.path(settings.keys.file) == tmp_path / "var" / "keys" / "keyring.json"
    assert settings.office_dir == CONFIG
    assert settings.totp.mandatory_for == ()


def test_the_second_factor_is_mandatory_for_everybody_unless_the_file_says_otherwise() -> None:
    assert set(TotpSettings().mandatory_for) == set(PostId)


def test_reading_settings_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    load_settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", [CONFIG / "provisioner.toml", *CONFIG.glob("example-*.toml")])
def test_every_file_that_comes_with_the_project_can_be_read(file: Path) -> None:
    assert load_settings(file).sign_in_target


def test_a_path_given_goes_before_the_one_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_CONFIG", str(_written(tmp_path, "[web]\nport = 8001\n")))
    (tmp_path / "other").mkdir()
    assert load_settings().web.port == 8001
    assert load_settings(_written(tmp_path / "other", "[web]\nport = 8002\n")).web.port == 8002


def test_the_environment_goes_above_the_file_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _written(tmp_path, '[web]\nport = 8001\nhost = "::1"\n[targets.a]\nkind = "table"\nlabel = "A"\n')
    monkeypatch.setenv("PROVISIONER_WEB__PORT", "9000")
    monkeypatch.setenv("PROVISIONER_WEB__NETWORKS__IT", '["10.0.0.0/8"]')
    monkeypatch.setenv("PROVISIONER_TARGETS__A__SETTINGS__URL", "sqlite:////a.db")
    settings = load_settings(file)
    assert (settings.web.port, settings.web.host) == (9000, "::1")
    assert settings.web.address == "http://[::1]:9000"
    assert [str(network) for network in settings.web.networks.it] == ["10.0.0.0/8"]
    assert settings.targets["a"].label == "A"
    assert settings.target_settings("a") == {"url": "sqlite:////a.db"}


def test_the_office_directory_is_meant_from_the_file(tmp_path: Path) -> None:
    assert load_settings(_written(tmp_path, 'office_dir = "kantor"\n')).office_dir == tmp_path / "kantor"


def test_the_data_folder_is_put_into_every_text_of_a_system(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        targets={
            "a": TargetSettings(kind="x", label="A", settings={"deep": {"list": ["{data_dir}/b", 1, "{username}"]}})
        },
    )
    assert settings.target_settings("a") == {"deep": {"list": [f"{tmp_path}/b", 1, "{username}"]}}
    assert settings.sign_in_target is None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[web]\nport = 99999\n", 2, "web.port: Input should be less than or equal to 65535"),
        ("[web]\nhost = 'x'\nprot = 1\n", 3, "web.prot: is not a known key"),
        ("\n\n[wbe]\nport = 1\n", 3, "wbe: is not a known key"),
        ("[web]\npublic_url = 'siak.example'\n", 2, "web.public_url: is not an address like"),
        ("[web]\npublic_url = 'https://u:p@x'\n", 2, "web.public_url: is not an address like"),
        ("[web]\n\nsecure_cookies = true\npublic_url = 'http://x'\n", 1, "web: secure_cookies cannot work"),
        ("[web.networks]\nit = ['10.0.0.0/8',\n 'office']\n", 3, "web.networks.it[2]"),
        ("[totp]\nmandatory_for = ['head', 'boss']\n", 2, "totp.mandatory_for[2]"),
        ("[procedure]\nstep_5 = 'never'\n", 2, "procedure.step_5: Input should be 'system' or 'button'"),
        ("[runner]\nlease_seconds = 15\n", 1, "runner: lease_seconds must be at least twice"),
        ("[runner]\nbackoff_first_seconds = 1000\n", 1, "runner: backoff_max_seconds is less"),
        ("[targets.a]\nkind = 'table'\n", 1, "targets.a.label: is missing"),
        ("[targets.'Besar']\nkind = 'table'\nlabel = 'x'\n", 1, "targets.Besar"),
        (
            "[targets.a]\nkind='x'\nlabel='a'\nsign_in=true\n[targets.b]\nkind='x'\nlabel='b'\nsign_in=true\n",
            1,
            "targets: only one system can have sign_in: a, b",
        ),
        ("data_dir = \n", 1, "Invalid value"),
    ],
)
def test_a_malformed_file_is_refused_with_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = _written(tmp_path, text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file)
    assert reason in refused.value.reason
    assert (refused.value.file, refused.value.line) == (str(file), line)


def test_a_malformed_variable_is_blamed_instead_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_WEB__PORT", "many")
    with pytest.raises(ConfigurationError, match=r"^PROVISIONER_WEB__PORT: Input should be a valid integer"):
        load_settings(_written(tmp_path, "[web]\nport = 8001\n"))


def test_a_misspelt_variable_of_a_section_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_WEB__PROT", "1")
    with pytest.raises(ConfigurationError, match="PROVISIONER_WEB__PROT: is not a known key"):
        load_settings(_written(tmp_path, ""))


def test_a_list_in_the_environment_that_is_not_json_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVISIONER_WEB__NETWORKS__IT", "10.0.0.0/8")
    with pytest.raises(ConfigurationError, match="lists are written as JSON"):
        load_settings(_written(tmp_path, ""))


def test_no_value_stands_in_a_refusal_or_in_a_representation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "canary-7531"
    monkeypatch.setenv("PROVISIONER_STORE__URL", f"postgresql+psycopg://u:{secret}@h/d")
    file = _written(tmp_path, f"[targets.a]\nkind = 'x'\nlabel = 'A'\nsettings = {{ bind = '{secret}' }}\n")
    assert secret not in repr(load_settings(file))
    assert secret in load_settings(file).store_url
    monkeypatch.setenv("PROVISIONER_WEB__PORT", secret)
    with pytest.raises(ConfigurationError) as refused:
        load_settings(file)
    assert secret not in str(refused.value)
    with pytest.raises(ValidationError) as raw:
        Settings(store=StoreSettings(url="x"), data_dir=tmp_path)
    assert secret not in str(raw.value)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("10.1.3.1", False),
        ("fd00::1", True),
        ("2001:db8::1", False),
        ("unix:", False),
        ("", False),
    ],
)
def test_an_area_can_be_kept_to_some_networks(address: str, allowed: bool) -> None:
    networks = NetworkSettings.model_validate({"it": ["10.1.2.0/24", "fd00::/8"]})
    assert networks.allows("it", address) is allowed


def test_an_empty_list_of_networks_closes_an_area_and_the_default_opens_it() -> None:
    assert not NetworkSettings.model_validate({"public": []}).allows("public", "127.0.0.1")
    assert NetworkSettings().allows("public", "127.0.0.1")
    assert NetworkSettings().allows("public", "2001:db8::1")


@pytest.mark.parametrize(
    ("values", "secure"),
    [
        ({}, False),
        ({"public_url": "https://x.example/"}, True),
        ({"public_url": "http://x.example"}, False),
        ({"public_url": "https://x.example", "secure_cookies": False}, False),
        ({"secure_cookies": True}, True),
    ],
)
def test_cookies_are_secure_where_the_address_is(values: dict[str, object], secure: bool) -> None:
    assert WebSettings.model_validate(values).cookies_are_secure is secure


def test_the_public_address_carries_no_slash_at_its_end() -> None:
    assert WebSettings(public_url="https://x.example/").address == "https://x.example"


def test_a_time_of_day_can_be_written_as_toml_writes_it(tmp_path: Path) -> None:
    assert load_settings(_written(tmp_path, "[audit]\nanchor_at = 06:00:00\n")).audit.anchor_at == time(6)


def test_no_setting_has_a_secret_as_default() -> None:
    """Names that hold secrets have no value of their own: the sections hold paths and names of variables only."""
    suspicious = ("password", "secret", "token", "passphrase", "private")

    def walk(section: type[BaseModel]) -> None:
        for name, field in section.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                walk(field.annotation)
            elif any(word in name for word in suspicious):
                assert not field.get_default(call_default_factory=True), name

    walk(Settings)


# -- nothing that is set in vain -------------------------------------------------------------------------------------

PROJECT = CONFIG.parent


def _every(section: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting with the tables it stands in."""
    for name, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _every(field.annotation, (*path, name))
        else:
            yield (*path, name)


def _read() -> set[tuple[str, str]]:
    """Every attribute the code reads, with the word before it: ``("lockout", "minutes")``."""
    found = set()
    for folder in ("provisioner", "web", "connectors"):
        for file in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    before = re.sub(r"\(\)$|\[\w+\]$", "", ast.unparse(node.value)).rpartition(".")[2].lstrip("_")
                    if before == "self" and file.parent.name == "settings":
                        before = "settings"
                    found.add((before, node.attr))
    return found


def test_every_setting_is_read_by_some_code() -> None:
    """A setting that nothing reads is a promise to the administrator that nobody keeps."""
    read = _read()
    aliases = {"networks": ("where",), "targets": ("target", "each")}
    unread = [
        ".".join(path)
        for path in (*_every(Settings), *(("targets", *path) for path in _every(TargetSettings)))
        if not any(
            (before, path[-1]) in read
            for before in ("settings", *path[-2:-1], *aliases.get((path[-2:-1] or ("",))[0], ()))
        )
    ]
    assert unread == []


def test_keys_and_passwords_are_taken_from_the_folder_of_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store-password").write_text("p@ss:kata/sandi\nsecond line\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    settings = Settings.model_validate(
        {
            "store": {
                "url": "postgresql+psycopg://siak@db.example.go.id/siak",
                "password_file": "{credentials}/store-password",
            },
            "keys": {"file": "{credentials}/keyring.json"},
            "targets": {"d": {"kind": "ldap", "label": "D", "settings": {"f": ["{credentials}/ldap"]}}},
        }
    )
    assert settings.path(settings.keys.file) == tmp_path / "keyring.json"
    assert settings.target_settings("d") == {"f": [f"{tmp_path}/ldap"]}
    assert settings.store_url == "postgresql+psycopg://siak:p%40ss%3Akata%2Fsandi@db.example.go.id/siak"
    assert "sandi" not in repr(settings)


def test_without_a_folder_of_credentials_what_names_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    settings = Settings.model_validate({"keys": {"file": "{credentials}/keyring.json"}})
    with pytest.raises(ConfigurationError, match="CREDENTIALS_DIRECTORY"):
        settings.path(settings.keys.file)


@pytest.mark.parametrize(
    ("url", "content"),
    [
        ("postgresql+psycopg://siak@db/siak", None),
        ("postgresql+psycopg://siak@db/siak", "\nrahasia"),
        ("postgresql+psycopg://siak:dua@db/siak", "rahasia"),
        ("postgresql+psycopg://db/siak", "rahasia"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_refused_without_quoting_it(
    url: str, content: str | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "password").write_text(content)
    settings = Settings.model_validate({"store": {"url": url, "password_file": tmp_path / "password"}})
    with pytest.raises(ConfigurationError, match=r"store\.password_file") as refused:
        _ = settings.store_url
    assert "rahasia" not in str(refused.value)
    assert "dua" not in str(refused.value)
