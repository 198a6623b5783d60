"""``provisioner account import``: what it prints and how it ends."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.provisioner.cli.command_line import CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")

LIST = "Nama pengguna;Nama\ndewi.lama;Dewi Lestari\n"


def stranger(command_line: CommandLine) -> Path:
    """Somebody has an account there already; gives the list that says so."""
    command_line.ok("reconcile", "--target", "akun")
    with closing(sqlite3.connect(command_line.data / "accounts.db")) as table, table:
        table.execute("INSERT INTO accounts (id, username, enabled) VALUES ('x1', 'dewi.lama', 1)")
    file = command_line.folder / "akun.csv"
    file.write_text(LIST)
    return file


def test_a_dry_run_only_tells_and_an_import_records_once(command_line: CommandLine) -> None:
    file = stranger(command_line)
    words = ("account", "import", str(file), "--target", "akun", "--json")
    line, counts = command_line.lines(*words, "--dry-run")
    assert (line["username"], line["verdict"], line["entry"]) == ("dewi.lama", "good", "found")
    assert (counts["good"], counts["recorded"]) == (1, 0)
    assert command_line.lines(*words)[-1]["recorded"] == 1
    line, counts = command_line.lines(*words)
    assert (line["verdict"], line["known_as"], counts["recorded"]) == ("known", "recorded", 0)
    assert json.loads(command_line.ok("reconcile", "--target", "akun", "--json").splitlines()[-1])["recorded"] == 1


def test_a_wrong_row_ends_with_1_and_keeps_nothing_unless_the_good_ones_are_wanted(command_line: CommandLine) -> None:
    file = stranger(command_line)
    file.write_text(f"{LIST}hantu;Agus Salim\n;Tanpa Nama\n")
    words = ("account", "import", str(file), "--target", "akun")
    refused = command_line.type(*words)
    assert refused.exit_code == 1
    assert "list rows wrong" in refused.output
    kept = command_line.type(*words, "--only-good", "--pact-by", "2099-01-31")
    assert (kept.exit_code, "recorded 1" in kept.output) == (1, True)
