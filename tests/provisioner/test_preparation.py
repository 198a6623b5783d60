"""Preparing an office, and what must be there before it can be opened."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.bootstrap import build
from provisioner.errors import ConfigurationError, SealBroken
from provisioner.keyring import Keyring
from provisioner.preparation import prepare
from provisioner.signing_setup import load_authority
from provisioner.store.tables import AuthorityRow
from tests.office import CHEAP, MovableClock, RealOffice, settings_of
from tests.stores import current

pytestmark = pytest.mark.usefixtures("store_kind")


def test_everything_is_made_once(tmp_path: Path) -> None:
    settings, clock = settings_of(tmp_path / "data"), MovableClock()
    first = prepare(settings, clock)
    assert len(first) == 4
    assert prepare(settings, clock) == []
    core = build(settings, clock)
    with core.context.store.read() as session:
        assert len(session.scalars(select(AuthorityRow)).all()) == 1
    core.close()


def test_folder_and_keys_are_their_owners_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "deep" / "data")
    prepare(settings)
    assert stat.S_IMODE((tmp_path / "deep" / "data").stat().st_mode) == 0o700
    keys = settings.path(settings.keys.file)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.parent.stat().st_mode) == 0o700


def test_existing_keys_are_never_replaced(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    keys = settings.path(settings.keys.file)
    keys.parent.mkdir(parents=True)
    Keyring.create(keys)
    before = keys.read_bytes()
    assert not any("Keys made" in line for line in prepare(settings))
    assert keys.read_bytes() == before


def test_lost_keys_are_told_and_never_replaced_by_new_ones(tmp_path: Path) -> None:
    """New keys would open nothing of what is there."""
    settings = settings_of(tmp_path)
    prepare(settings)
    keys = settings.path(settings.keys.file)
    second_copy = keys.read_bytes()
    keys.unlink()
    with pytest.raises(ConfigurationError, match="second copy"):
        prepare(settings)
    assert not keys.exists()
    keys.touch(mode=0o600)
    keys.write_bytes(second_copy)
    assert prepare(settings) == []


def test_keys_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE_KEYS", Keyring.generate().to_text())
    settings = settings_of(tmp_path, keys={"env": "OFFICE_KEYS"})
    prepare(settings)
    assert not settings.path(settings.keys.file).exists()
    build(settings).close()
    monkeypatch.delenv("OFFICE_KEYS")
    with pytest.raises(ConfigurationError):
        build(settings)


def test_an_office_that_was_not_prepared_does_not_open(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        build(settings_of(tmp_path))


def test_lost_keys_are_named_as_what_is_missing(office: RealOffice) -> None:
    keys = office.settings.path(office.settings.keys.file)
    keys.unlink()
    with pytest.raises(ConfigurationError, match=keys.name):
        build(office.settings)


def test_keys_of_another_office_open_nothing(office: RealOffice) -> None:
    keys = office.settings.path(office.settings.keys.file)
    keys.unlink()
    Keyring.create(keys)
    with pytest.raises(SealBroken):
        build(office.settings)


def test_a_readable_key_file_is_refused(office: RealOffice) -> None:
    keys = office.settings.path(office.settings.keys.file)
    keys.chmod(0o644)
    with pytest.raises(ConfigurationError, match=keys.name):
        build(office.settings)


def test_the_authority_outlasts_the_pacts(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="certificate_years"):
        prepare(settings_of(tmp_path, signing={"certificate_years": 10}))


def test_the_authority_is_kept_sealed(office: RealOffice) -> None:
    _, former = load_authority(office.core.context)
    assert former == []
    office.close()
    content = current().content(office.folder)
    assert b"BEGIN CERTIFICATE" in content
    assert b"PRIVATE KEY" not in content


def test_the_first_events_say_who_prepared_what(office: RealOffice) -> None:
    first = ["keys-made", "schema-migrated", "certificate-issued", "office-prepared"]
    assert [each.kind for each in office.events()[:4]] == first
    authority, _ = load_authority(office.core.context)
    assert json.loads(office.events()[0].fields)["key_id"] == office.core.context.keyring.newest_id
    assert json.loads(office.events()[2].fields)["serial"] == f"{authority.certificate.serial_number:x}"
    prepared = office.events()[3]
    assert prepared.actor_kind == "command"
    assert json.loads(prepared.fields)["targets"] == ["sistem"]


def test_a_target_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    for wrong in ({"kind": "oracle"}, {"kind": "table", "settings": {"url": "nonsense"}}):
        settings = settings_of(tmp_path, targets={"akun": {"label": "Akun", **wrong}}, passwords=CHEAP)
        prepare(settings)
        with pytest.raises(ConfigurationError) as refused:
            build(settings)
        assert "akun" in str(refused.value) or "oracle" in str(refused.value)
