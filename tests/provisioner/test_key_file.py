"""A running service follows its key file."""

from pathlib import Path

import pytest

from provisioner.errors import ConfigurationError, SealBroken
from provisioner.key_file import FollowedKeyring
from provisioner.keyring import Keyring


@pytest.fixture
def file(tmp_path: Path) -> Path:
    Keyring.create(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


def rotated(file: Path) -> Keyring:
    """What another process does."""
    new = Keyring.load(file).rotated()
    new.save(file)
    return new


def test_it_seals_with_the_new_key_as_soon_as_there_is_one(file: Path) -> None:
    ring = FollowedKeyring.follow(file)
    old = ring.seal("nik", b"1")
    new = rotated(file)
    assert new.sealed_by_newest(ring.seal("nik", b"2"))
    assert ring.open("nik", old) == b"1"


def test_it_opens_what_another_process_sealed_with_a_new_key(file: Path) -> None:
    ring = FollowedKeyring.follow(file)
    assert ring.open("nik", rotated(file).seal("nik", b"3")) == b"3"


def test_a_retired_key_is_forgotten(file: Path) -> None:
    ring = FollowedKeyring.follow(file)
    old, first = ring.seal("nik", b"1"), ring.newest_id
    rotated(file).retired(first).save(file)
    ring.seal("nik", b"2")
    assert first not in ring.key_ids
    with pytest.raises(SealBroken):
        ring.open("nik", old)


@pytest.mark.parametrize("what", ["gone", "broken", "foreign", "readable by others"])
def test_a_file_that_cannot_be_used_changes_nothing(file: Path, what: str, caplog: pytest.LogCaptureFixture) -> None:
    ring = FollowedKeyring.follow(file)
    old = ring.seal("nik", b"1")
    if what == "gone":
        file.unlink()
    elif what == "broken":
        file.write_text("{")
    elif what == "foreign":
        Keyring.generate().save(file)
    else:
        rotated(file)
        file.chmod(0o644)
    assert ring.open("nik", ring.seal("nik", b"2")) == b"2"
    assert ring.open("nik", old) == b"1"
    assert ("the keys stay as they are" in caplog.text) is (what != "gone")


def test_keys_of_other_data_are_not_adopted() -> None:
    with pytest.raises(ConfigurationError):
        Keyring.generate().adopt(Keyring.generate())
