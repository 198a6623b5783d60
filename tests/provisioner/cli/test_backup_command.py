"""``provisioner backup`` and ``provisioner restore``: what they print and how they end."""

import json
import shutil
from pathlib import Path

from tests.provisioner.cli.command_line import CommandLine


def test_from_a_backup_to_the_confirmation_by_the_command_alone(command_line: CommandLine, tmp_path: Path) -> None:
    (made,) = command_line.lines("backup", str(tmp_path / "cadangan"), "--json")
    assert (made["verified"], made["encrypted"]) == ("content", False)
    (listed,) = command_line.lines("backup", "list", str(tmp_path / "cadangan"), "--json")
    assert listed["file"] == made["file"]
    keys = command_line.data / "keys" / "keyring.json"
    (verified,) = command_line.lines("backup", "verify", made["file"], "--keys", str(keys), "--json")
    assert verified["keys_checked"] and verified["trail_sound"]
    assert "the last is of 0 hours ago" in command_line.type("check").stdout

    kept = tmp_path / "kunci"
    shutil.copytree(keys.parent, kept)
    shutil.rmtree(command_line.data)
    assert command_line.type("restore", made["file"], "--reason", "uji").exit_code == 3
    shutil.copytree(kept, keys.parent)
    assert "HELD" in command_line.ok("restore", made["file"], "--reason", "Cakram rusak")
    status = command_line.type("restore", "status", "--json")
    assert status.exit_code == 1
    assert json.loads(status.stdout)["systems"] == {"akun": "not compared yet"}
    assert command_line.type("restore", "confirm", "--numbers-seen").exit_code == 1
    assert "finished" in command_line.ok("restore", "compare")
    assert "--numbers-seen" in command_line.type("restore", "confirm").stderr
    assert "is 9" in command_line.ok("restore", "number", "pact", "9", "--reason", "sudah tercetak")
    assert command_line.type("restore", "number", "pact", "9", "--reason", "lagi").exit_code == 2
    command_line.ok("restore", "confirm", "--numbers-seen", "--note", "baik")
    assert "Confirmed by" in command_line.ok("restore", "status")


def test_an_encrypted_one_and_the_files_in_it(command_line: CommandLine, tmp_path: Path) -> None:
    private = tmp_path / "rahasia.txt"
    public = command_line.ok("backup", "key", str(private)).strip()
    assert private.stat().st_mode & 0o777 == 0o600
    assert command_line.type("backup", "key", str(private)).exit_code == 2
    command_line.file.write_text(command_line.file.read_text() + f'\n[backup]\nrecipients = ["{public}"]\n')
    told = command_line.ok("backup")
    assert "byte by byte" in told
    (file,) = (command_line.data / "backups").iterdir()
    assert command_line.type("backup", "verify", str(file)).exit_code == 1
    assert "Whole." in command_line.ok("backup", "verify", str(file), "--identity", str(private))
    command_line.ok("backup", "files", str(file), str(tmp_path / "berkas"), "--identity", str(private))
    assert (tmp_path / "berkas" / "office" / "office.toml").read_text().startswith("#")
    assert json.loads((tmp_path / "berkas" / "settings.json").read_text())["web"]["port"] == 8080
