"""A backup is whole or refused, holds no key, and tells nobody more than it must."""

import gzip
import io
import json
import shutil
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from provisioner.backup.contents import MANIFEST, BackupBroken
from provisioner.backup.encryption import new_identity
from provisioner.backup.last import last_backup
from provisioner.backup.making import kept_in, make_backup, name_for
from provisioner.backup.office_files import settings_text
from provisioner.backup.reading import verify_backup
from provisioner.backup.writing import Written, write_backup
from provisioner.errors import ConfigurationError, WrongState
from provisioner.keyring import Keyring
from provisioner.provisioning.context import Context
from tests.office import RealOffice, settings_of


def with_settings(office: RealOffice, **sections: object) -> Context:
    return replace(office.core.context, settings=settings_of(office.folder, **sections))


def repacked(written: Written, target: Path, change: dict[str, bytes | None]) -> Path:
    """The same backup with members exchanged, or left out."""
    with tarfile.open(written.file) as source, tarfile.open(target, "w:gz") as copy:
        for member in source:
            opened = source.extractfile(member)
            assert opened is not None
            content = change.get(member.name, opened.read())
            if content is not None:
                member.size = len(content)
                copy.addfile(member, io.BytesIO(content))
    return target


def names(written: Written) -> list[str]:
    with tarfile.open(written.file) as opened:
        return opened.getnames()


def test_it_holds_rows_files_and_anchors_and_is_read_again(office: RealOffice, written: Written) -> None:
    found = verify_backup(written.file, office.core.context.keyring)
    assert written.verified == "content"
    assert found.trail_sound and found.keys_checked
    assert dict(found.manifest.counts) == {"letter": 1, "request": 1, "account": 1, "official": 7}
    assert {"office/office.toml", "anchors/audit-anchors.txt", "settings.json"} <= set(names(written))
    assert written.file.stat().st_mode & 0o777 == 0o600
    assert list(written.file.parent.iterdir()) == [written.file]


def test_it_holds_no_key_and_nothing_that_opens_an_envelope(office: RealOffice, written: Written) -> None:
    keys = json.loads((office.folder / "keys" / "keyring.json").read_text())
    content = gzip.decompress(written.file.read_bytes())
    for secret in (keys["lookup"], *(each["secret"] for each in keys["keys"])):
        assert secret.encode() not in content


def test_it_is_refused_where_keys_would_go_along(office: RealOffice, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    shutil.copytree(office.settings.office_dir, folder)
    (folder / "catatan.txt").write_text(Keyring.generate().to_text())
    with pytest.raises(ConfigurationError, match="holds keys"):
        write_backup(with_settings(office, office_dir=folder), tmp_path / "dua.backup")
    with pytest.raises(ConfigurationError, match=r"keys\.file"):
        inside = with_settings(office, office_dir=folder, keys={"file": str(folder / "kunci.json")})
        write_backup(inside, tmp_path / "dua.backup")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["office"]


def test_settings_in_it_have_no_password(office: RealOffice) -> None:
    told = settings_text(with_settings(office, store={"url": "postgresql+psycopg://siak:sandi-toko@db/siak"}).settings)
    assert b"sandi-toko" not in told
    assert b"postgresql+psycopg://siak:(left out)@db/siak" in told


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_one_that_was_broken_off_is_refused(written: Written, tmp_path: Path, share: float) -> None:
    content = written.file.read_bytes()
    (tmp_path / "putus").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BackupBroken):
        verify_backup(tmp_path / "putus", None)


def test_a_changed_lost_or_forged_part_is_noticed(office: RealOffice, written: Written, tmp_path: Path) -> None:
    official = "tables/official/00000001.jsonl"
    with tarfile.open(written.file) as opened:
        rows = opened.extractfile(official).read()  # type: ignore[union-attr]
        manifest = json.loads(opened.extractfile(MANIFEST).read())  # type: ignore[union-attr]
    for change in ({official: rows.replace(b"section_head", b"section_hood")}, {official: None}, {MANIFEST: None}):
        with pytest.raises(BackupBroken):
            verify_backup(repacked(written, tmp_path / "lain", dict(change)), None)
    manifest["counts"]["account"] = 2
    forged = repacked(written, tmp_path / "lain", {MANIFEST: json.dumps(manifest).encode()})
    with pytest.raises(BackupBroken, match="keys"):
        verify_backup(forged, office.core.context.keyring)


def test_other_keys_are_not_its(written: Written) -> None:
    with pytest.raises(BackupBroken, match="do not belong"):
        verify_backup(written.file, Keyring.generate())


def test_it_needs_every_key_that_sealed_something(office: RealOffice, tmp_path: Path) -> None:
    context = office.core.context
    rotated = replace(context, keyring=Keyring.load(office.folder / "keys" / "keyring.json").rotated())
    written = write_backup(rotated, tmp_path / "diputar.backup")
    assert verify_backup(written.file, rotated.keyring).keys_checked
    with pytest.raises(BackupBroken, match="keys that are not here"):
        verify_backup(written.file, context.keyring)


def test_an_encrypted_one_opens_with_its_private_key_alone(office: RealOffice, tmp_path: Path) -> None:
    private, public = new_identity()
    context = with_settings(office, backup={"recipients": [public]})
    written, _ = make_backup(context, tmp_path / "folder", None)
    assert (written.verified, written.file.suffix) == ("bytes", ".age")
    assert b"section_head" not in written.file.read_bytes()
    assert verify_backup(written.file, context.keyring, f"# catatan\n{private}\n").trail_sound
    for identity, why in (("", "encrypted"), (new_identity()[0], "none of these"), ("bukan kunci", "no private key")):
        with pytest.raises(BackupBroken, match=why):
            verify_backup(written.file, None, identity)
    content = written.file.read_bytes()
    written.file.write_bytes(content[:-100] + bytes(100))
    with pytest.raises(BackupBroken):
        verify_backup(written.file, None, private)


def test_the_last_one_is_known_and_older_ones_are_deleted_only_after_it(office: RealOffice, tmp_path: Path) -> None:
    context = with_settings(office, backup={"keep_days": 7})
    folder = tmp_path / "folder"
    folder.mkdir()
    for days in (6, 8, 20):
        (folder / name_for(office.clock.now - timedelta(days=days), encrypted=False)).write_bytes(b"x")
    (folder / "milik-orang.backup").write_bytes(b"x")
    written, deleted = make_backup(context, folder, "pengelola")
    assert len(deleted) == 2
    assert kept_in(folder)[0].file == written.file
    assert (folder / "milik-orang.backup").exists()
    last = last_backup(context)
    assert last is not None and (last.file_name, last.size) == (written.file.name, written.size)
    assert office.events("backup-made")[-1].actor_kind == "command"


def test_one_that_cannot_be_written_leaves_nothing_and_deletes_nothing(office: RealOffice, tmp_path: Path) -> None:
    kept = tmp_path / name_for(office.clock.now - timedelta(days=300), encrypted=False)
    kept.write_bytes(b"x")
    context = with_settings(office, backup={"recipients": ["age1bukan"]})
    with pytest.raises(ConfigurationError, match="public key"):
        make_backup(context, tmp_path, None)
    assert list(tmp_path.iterdir()) == [kept]
    (tmp_path / "ada.backup").write_bytes(b"x")
    with pytest.raises(WrongState, match="already"):
        make_backup(office.core.context, tmp_path / "ada.backup", None)
