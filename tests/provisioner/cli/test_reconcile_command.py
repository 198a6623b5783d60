"""``provisioner reconcile`` and ``provisioner account plan``: what they print and how they end."""

import json
import sqlite3
from contextlib import closing

import pytest

from provisioner.bootstrap import build
from provisioner.connector import Marker, NewAccount, Profile
from provisioner.settings import load_settings
from tests.provisioner.cli.command_line import SETTINGS, CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")

CARDS = """
[targets.siak]
kind = "manual"
label = "SIAK"
[targets.siak.settings]
system = "SIAK"
fields = [["Nama", "{full_name}"]]
"""


def orphan(command_line: CommandLine) -> None:
    core = build(load_settings(command_line.file))
    profile = Profile(full_name="X", display_name="X", role="OPERATOR_DAFDUK", region="35.76.02")
    core.targets["akun"].connector.create(NewAccount("tanpa.surat", Marker("f" * 32, 1), profile))
    core.close()


def test_a_system_in_order_ends_with_0_and_one_with_an_orphan_with_1(command_line: CommandLine) -> None:
    assert "in order 0" in command_line.ok("reconcile", "--target", "akun")
    orphan(command_line)
    found = command_line.type("reconcile", "--target", "akun", "--json")
    assert found.exit_code == 1
    line, run = (json.loads(each) for each in found.stdout.splitlines())
    assert (line["kind"], line["username"], line["reason"]) == ("orphan", "tanpa.surat", "no-account")
    assert (run["orphan"], run["state"], run["read"]) == (1, "finished", 1)
    repaired = command_line.type("reconcile", "--target", "akun", "--repair")
    assert (repaired.exit_code, "tanpa.surat (no-account)" in repaired.stdout) == (1, True)


def test_what_cannot_be_read_ends_with_2(command_line: CommandLine) -> None:
    with closing(sqlite3.connect(command_line.data / "accounts.db")) as table, table:
        table.execute("CREATE TABLE accounts (something TEXT)")
    found = command_line.type("reconcile", "--target", "akun")
    assert found.exit_code == 2
    assert "could not be read to its end" in found.stdout


def test_a_system_of_people_ends_with_2_and_an_unknown_one_is_refused(command_line: CommandLine) -> None:
    cards = CommandLine(command_line.folder, SETTINGS)
    cards.file.write_text(cards.file.read_text() + CARDS)
    found = cards.type("reconcile", "--target", "siak")
    assert (found.exit_code, "not readable" in found.stderr) == (2, True)
    assert command_line.type("reconcile", "--target", "nowhere").exit_code == 1


def test_the_plan_of_an_account_that_is_not_there_is_refused(command_line: CommandLine) -> None:
    assert command_line.type("account", "plan", "nobody").exit_code == 1
