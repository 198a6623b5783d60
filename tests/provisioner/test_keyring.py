"""Keys at rest: what one purpose seals no other opens, rotation loses nothing, and key files stay private."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import ConfigurationError, InvalidInput, SealBroken
from provisioner.keyring import Keyring

RING = Keyring.generate()


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20))
def test_what_is_sealed_opens_again(plaintext: bytes, purpose: str) -> None:
    assert RING.open(purpose, RING.seal(purpose, plaintext)) == plaintext


def test_the_same_plaintext_never_seals_to_the_same_bytes() -> None:
    assert RING.seal("nik", b"3576") != RING.seal("nik", b"3576")


def test_another_purpose_does_not_open_it() -> None:
    with pytest.raises(SealBroken) as caught:
        RING.open("phone", RING.seal("nik", b"3576010101900001"))
    assert caught.value.code == "seal-broken"


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(RING.seal("nik", b"3576010101900001"))
    position = data.draw(st.integers(0, len(blob) - 1))
    blob[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        RING.open("nik", bytes(blob))


@pytest.mark.parametrize("length", [0, 3, 4, 15, 16, 20, 31])
def test_a_cut_off_blob_is_noticed(length: int) -> None:
    with pytest.raises(SealBroken):
        RING.open("nik", RING.seal("nik", b"")[:length])


def test_after_rotation_old_seals_still_open_and_new_ones_use_the_new_key() -> None:
    old = RING.seal("nik", b"old")
    turned = RING.rotated()
    new = turned.seal("nik", b"new")
    assert turned.open("nik", old) == b"old"
    assert turned.open("nik", new) == b"new"
    assert (turned.sealed_by_newest(old), turned.sealed_by_newest(new)) == (False, True)
    with pytest.raises(SealBroken) as caught:
        RING.open("nik", new)
    assert caught.value.code == "seal-key-unknown"


def test_lookup_and_mac_are_the_same_after_rotation_and_for_the_same_text_only() -> None:
    turned = RING.rotated()
    assert turned.lookup("nik", "3576") == RING.lookup("nik", "3576")
    assert turned.mac("audit", b"x") == RING.mac("audit", b"x")
    assert RING.lookup("nik", "3576") != RING.lookup("nik", "3577")
    assert RING.lookup("nik", "3576") != RING.lookup("phone", "3576")
    assert RING.mac("audit", b"x") != RING.mac("pact", b"x")
    assert RING.lookup("nik", "3576") != Keyring.generate().lookup("nik", "3576")
    assert len(RING.lookup("nik", "")) > 0
    assert len(RING.mac("audit", b"")) == 32


def test_a_retired_key_opens_nothing_and_the_newest_cannot_be_retired() -> None:
    old = RING.seal("nik", b"old")
    turned = RING.rotated()
    rest = turned.retired(RING.newest_id)
    assert rest.key_ids == (turned.newest_id,)
    with pytest.raises(SealBroken):
        rest.open("nik", old)
    with pytest.raises(InvalidInput) as caught:
        turned.retired(turned.newest_id)
    assert caught.value.code == "key-in-use"
    with pytest.raises(InvalidInput) as caught:
        turned.retired("beef")
    assert caught.value.code == "key-unknown"


def test_a_created_file_is_private_and_loads_to_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keyring = Keyring.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring.load(path).open("nik", keyring.seal("nik", b"x")) == b"x"


def test_creating_never_overwrites_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    Keyring.create(path)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        Keyring.create(path)
    assert "never overwritten" in str(caught.value)
    assert path.read_bytes() == before


def test_saving_replaces_the_file_whole_and_keeps_it_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    turned = Keyring.create(path).rotated()
    turned.save(path)
    assert Keyring.load(path).key_ids == turned.key_ids
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    Keyring.create(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        Keyring.load(path)
    assert "touched by others" in str(caught.value)
    assert f"{mode:04o}" in str(caught.value)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Keyring.load(tmp_path / "none")
    assert "cannot be read" in str(caught.value)


def test_the_environment_may_hold_the_keys() -> None:
    loaded = Keyring.from_environment("PROVISIONER_KEYS", {"PROVISIONER_KEYS": RING.to_text()})
    assert loaded.lookup("nik", "1") == RING.lookup("nik", "1")
    with pytest.raises(ConfigurationError) as caught:
        Keyring.from_environment("PROVISIONER_KEYS", {})
    assert "PROVISIONER_KEYS" in str(caught.value)


def _broken_texts() -> list[str]:
    good = json.loads(RING.to_text())
    key = good["keys"][0]
    return [
        "",
        "[]",
        "{}",
        "\x00",
        json.dumps({**good, "format": 2}),
        json.dumps({**good, "keys": []}),
        json.dumps({**good, "keys": [key, key]}),
        json.dumps({**good, "keys": [{**key, "id": "zz"}]}),
        json.dumps({**good, "keys": [{**key, "id": "00"}]}),
        json.dumps({**good, "lookup": "c2hvcnQ="}),
        json.dumps({**good, "lookup": 5}),
    ]


@pytest.mark.parametrize("text", _broken_texts())
def test_a_malformed_keyring_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Keyring.parse(text, source="keys.json")
    assert "expected form" in str(caught.value)
    assert caught.value.__cause__ is None
    assert "keys.json" in str(caught.value)


def test_nothing_secret_shows_in_the_representation() -> None:
    secrets = json.loads(RING.to_text())
    shown = repr(RING) + str(RING)
    assert secrets["lookup"] not in shown
    assert secrets["keys"][0]["secret"] not in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a file to somebody else")
def test_a_key_file_that_systemd_passed_to_another_user_is_read_from_its_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where the rights are a list of users (an ACL), stat shows the right of the one named user as the group's.
    file = tmp_path / "keyring.json"
    file.write_text(RING.to_text())
    os.chown(file, 0, 65534)
    file.chmod(0o440)
    # From within the folder: those above it, which others may not enter, are not walked through.
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    groups = os.getgroups()
    os.setgroups([65534])
    os.seteuid(65534)
    try:
        with pytest.raises(ConfigurationError):
            Keyring.load(Path(file.name))
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", ".")
        assert Keyring.load(Path(file.name)).newest_id == RING.newest_id
    finally:
        os.seteuid(0)
        os.setgroups(groups)
