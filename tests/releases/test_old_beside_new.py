"""The real program of the last release and this one side by side, while the schema is brought up to date."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.machines.two_machines import tried_letters
from tests.machines.visitor import Visitor
from tests.releases.left_behind import RELEASES, left_behind, releases
from tests.releases.made_up_office import TARGETS
from tests.servers.postgresql import Postgresql
from tests.servers.served import served
from tests.servers.settings_file import write_settings

ROOT = Path(__file__).parents[2]


def test_people_go_on_while_processes_are_replaced_one_by_one(tmp_path: Path, postgresql_server: Postgresql) -> None:
    release = releases()[-1]
    old_tree = _source_of(release, tmp_path / "source")
    with left_behind(release, "postgresql", tmp_path / "old", postgresql_server) as (facts, more):
        sections: Mapping[str, Any] = {"totp": {"mandatory_for": []}, "web": {"trusted_proxies": 1}}
        file = write_settings(tmp_path / "provisioner.toml", sections, TARGETS)
        environment = {"PROVISIONER_STORE__URL": more["store"]["url"]}
        _beside(tmp_path / "old", tmp_path / "new")
        letters = tried_letters(tmp_path / "letters")
        for data in (tmp_path / "old", tmp_path / "new"):  # Trying every letter again would take most of the time.
            shutil.copytree(letters, data / "letters")
        command = ("--config", str(file), "serve")
        as_before = {**environment, "PYTHONPATH": str(old_tree)}
        with served(tmp_path / "out-old", tmp_path / "old", *command, environment=as_before) as old:
            secretary = _signed_in(old.address(), "secretary", facts.passwords["secretary"])
            assert "run provisioner init" in _refused(tmp_path / "out-early", tmp_path / "new", command, environment)
            assert "old processes may go on" in _said(file, tmp_path / "new", environment, "check")
            assert "Database brought to revision" in _said(file, tmp_path / "new", environment, "init")
            assert secretary.get("/pejabat-saya").path == "/pejabat-saya", "the old one goes on over the new schema"
            with served(tmp_path / "out-new", tmp_path / "new", *command, environment=environment) as new:
                both = Visitor(old.address(), new.address())
                both.cookies = secretary.cookies
                for page in ("/pejabat-saya", "/pejabat-saya", "/kotak-masuk/", "/kotak-masuk/"):
                    assert both.get(page).path == page
                _apply(Visitor(old.address(), new.address()))
                assert old.stop() == 0
                assert Visitor(new.address()).get("/").status == 200
                secretary = _signed_in(new.address(), "secretary", facts.passwords["secretary"])
                assert secretary.get("/pejabat-saya").path == "/pejabat-saya"


def _source_of(release: str, folder: Path) -> Path:
    """The release as it was, from the history of this repository."""
    commit = (RELEASES / release / "commit").read_text().strip()
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"the history of this copy does not reach back to release {release} (commit {commit[:10]})")
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def _beside(old: Path, new: Path) -> None:
    """Another machine: the same keys, and nothing else."""
    (new / "keys").mkdir(mode=0o700, parents=True)
    keys = new / "keys" / "keyring.json"
    keys.write_bytes((old / "keys" / "keyring.json").read_bytes())
    keys.chmod(0o600)
    (new / "accounts.db").symlink_to(old / "accounts.db")


def _signed_in(address: str, username: str, password: str) -> Visitor:
    visitor = Visitor(address).get("/masuk")
    visitor.post("/masuk", {"username": username, "password": password})
    assert not visitor.path.startswith("/masuk"), visitor.page
    return visitor


def _apply(applicant: Visitor) -> None:
    """Every second request is answered by the old program."""
    applicant.get("/ajukan/").post("/ajukan/mulai")
    letter = {"sender": "Camat Magersari", "number": "800/113", "letter_date": "2026-01-05"}
    applicant.get("/ajukan/konsep/surat").post("/ajukan/konsep/surat", letter)
    assert "800/113" in applicant.get("/ajukan/konsep/periksa").html
    assert "800/113" in applicant.get("/ajukan/konsep/periksa").html


def _said(file: Path, data: Path, environment: dict[str, str], *arguments: str) -> str:
    own = {**os.environ, "PROVISIONER_DATA_DIR": str(data), **environment}
    command = [str(Path(sys.executable).with_name("provisioner")), "--config", str(file), *arguments]
    return subprocess.run(command, env=own, capture_output=True, check=False, text=True).stdout


def _refused(folder: Path, data: Path, command: tuple[str, ...], environment: dict[str, str]) -> str:
    with served(folder, data, *command, environment=environment) as early:
        assert early.ended() == 3
        return early.complained
