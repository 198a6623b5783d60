"""``provisioner card list`` and ``provisioner reconcile --list``."""

import json
from pathlib import Path

import pytest

from tests.provisioner.cli.command_line import CommandLine
from tests.provisioner.cli.test_reconcile_command import CARDS

pytestmark = pytest.mark.usefixtures("store_kind")


def test_a_system_without_cards_has_nothing_undone(command_line: CommandLine) -> None:
    command_line.file.write_text(command_line.file.read_text() + CARDS)
    assert command_line.ok("card", "list") == "siak: 0 undone, 0 urgent, 0 overdue\n"
    assert command_line.ok("card", "list", "--json") == ""
    assert command_line.type("card", "list", "--target", "akun").exit_code == 1


def test_a_list_of_users_is_compared(command_line: CommandLine, tmp_path: Path) -> None:
    command_line.file.write_text(command_line.file.read_text() + CARDS)
    users = tmp_path / "users.csv"
    users.write_text("Username;Status\nadmin;aktif\n")
    line, run = command_line.ok("reconcile", "--target", "siak", "--list", str(users), "--json").splitlines()
    assert json.loads(line)["username"] == "admin"
    assert json.loads(run)["unmanaged"] == 1
    users.write_text("admin\nadmin\n")
    refused = command_line.type("reconcile", "--target", "siak", "--list", str(users))
    assert refused.exit_code == 1
    assert "line 2: Username duplicate" in refused.stderr
