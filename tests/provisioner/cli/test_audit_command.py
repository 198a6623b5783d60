"""``provisioner audit`` from end to end, and ``verify`` without any office around it."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from provisioner.audit import Actor, AnchorBook, AuditTrail, Head
from provisioner.cli.audit import audit_group
from provisioner.clock import system_clock
from provisioner.keyring import Keyring
from provisioner.store import Store
from tests.stores import SQLITE, store_of


@dataclass(frozen=True)
class House:
    store: Store
    trail: AuditTrail
    keyring: Keyring
    folder: Path

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        book = (AnchorBook(self.folder), datetime(2026, 11, 22, 16, 50, tzinfo=UTC))
        return CliRunner().invoke(audit_group(lambda _: self, lambda _: book), list(arguments), input=stdin)

    def head(self) -> Head:
        with self.store.read() as session:
            return self.trail.head(session)


@pytest.fixture
def house(tmp_path: Path, store_kind: str) -> Iterator[House]:
    keyring, store = Keyring.generate(), Store(store_of(tmp_path)["url"])
    if store_kind == SQLITE:
        store.create_tables()
    trail = AuditTrail(keyring, system_clock)
    store.before_commit(trail.flush)
    for number in range(5):
        with store.begin() as session:
            trail.record(session, "draft-begun", actor=Actor.applicant(f"request-{number}", name="Siti Aminah"))
    yield House(store, trail, keyring, tmp_path)
    store.close()


def no_office(_context: click.Context) -> House:
    raise AssertionError("verify must not need the office")


def test_an_export_verifies_and_holds_the_event_of_its_own_making(house: House) -> None:
    file = house.folder / "trail.jsonl"
    assert house.run("export", "-o", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text().splitlines()[-2])["kind"] == "audit-exported"
    result = house.run("verify", str(file), "--macs", "--anchor", house.head().short, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["sound"], report["last_anchored"], report["macs_checked"]) == (0, True, 6, True)


def test_verify_needs_no_office(house: House) -> None:
    text = house.run("export").stdout
    group = audit_group(no_office, lambda _: pytest.fail("verify must not need the anchor book"))
    result = CliRunner().invoke(group, ["verify", "-"], input=text)
    assert result.exit_code == 0
    assert "no anchor given" in result.stdout
    assert "MACs not checked" in result.stdout


def test_a_broken_trail_is_told_in_words_and_by_the_exit_code(house: House) -> None:
    lines = house.run("export").stdout.splitlines(keepends=True)
    result = house.run("verify", "-", stdin="".join(lines[:3] + lines[4:]))
    assert result.exit_code == 1
    assert "row 3: rows that were there are gone" in result.stdout
    assert "NOT SOUND" in result.stdout


def test_bytes_that_are_no_text_are_a_finding(house: House) -> None:
    file = house.folder / "trail.jsonl"
    house.run("export", "-o", str(file))
    file.write_bytes(file.read_bytes().replace(b"draft-begun", b"draft-\xff\xfeegun", 1))
    assert house.run("verify", str(file)).exit_code == 1


def test_the_daily_anchors_show_a_cut_off_end(house: House) -> None:
    text = house.run("export").stdout
    assert house.run("anchor").exit_code == 0
    house.run("export")
    assert house.run("anchor").exit_code == 0
    anchors = house.folder / AnchorBook.FILE_NAME
    assert len(anchors.read_text().splitlines()) == 2
    result = house.run("verify", "-", "--anchors", str(anchors), stdin=text)
    assert (result.exit_code, "row 7: an anchor names rows after the last one" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    "arguments", [("verify", "-", "--anchor", "soon"), ("verify", "nowhere.jsonl"), ("export", "--after", "-1")]
)
def test_wrong_usage_has_an_exit_code_of_its_own(house: House, arguments: tuple[str, ...]) -> None:
    assert house.run(*arguments, stdin="").exit_code == 2


def test_an_export_never_overwrites(house: House) -> None:
    file = house.folder / "trail.jsonl"
    file.write_text("kept")
    assert house.run("export", "-o", str(file)).exit_code == 1
    assert file.read_text() == "kept"


def test_personal_values_leave_only_when_asked_for(house: House) -> None:
    assert "Siti Aminah" not in house.run("export").stdout
    text = house.run("export", "--personal").stdout
    assert "Siti Aminah" in text
    assert json.loads(house.run("verify", "-", "--json", stdin=text).stdout)["personal_checked"] >= 5


def test_the_head_is_printed_for_eyes_and_machines(house: House) -> None:
    head = house.head()
    assert house.run("head").stdout == f"{head}\n"
    assert json.loads(house.run("head", "--json").stdout) == {"seq": 5, "hash": head.hash, "short": head.short}


def test_a_missing_folder_for_anchors_is_a_clear_error(house: House) -> None:
    book = (AnchorBook(house.folder / "unplugged"), datetime(2026, 11, 22, tzinfo=UTC))
    result = CliRunner().invoke(audit_group(lambda _: house, lambda _: book), ["anchor"])
    assert (result.exit_code, "cannot be written" in result.stderr) == (1, True)


def test_verifying_opens_no_database() -> None:
    code = "import sys, provisioner.audit.verify; print('sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
