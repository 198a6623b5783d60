"""``provisioner target``: what it prints and how it ends."""

import pytest

from tests.provisioner.cli.command_line import CommandLine

pytestmark = pytest.mark.usefixtures("store_kind")


def test_a_system_is_checked_paused_resumed_and_retried(command_line: CommandLine) -> None:
    (before,) = command_line.lines("target", "list", "--json")
    assert (before["target"], before["state"], before["checked_at"]) == ("akun", "answers", None)
    (checked,) = command_line.lines("target", "check", "akun", "--json")
    assert checked["issued_passwords_meet_rules"] is True
    assert {each["subject"] for each in checked["findings"]} >= {"reachable", "rights", "clock", "policy"}
    command_line.ok("target", "pause", "akun", "--reason", "pindah")
    assert command_line.type("target", "retry", "akun").exit_code == 1
    assert "paused" in command_line.ok("target", "show", "akun")
    command_line.ok("target", "resume", "akun")
    assert "0 account(s)" in command_line.ok("target", "retry", "akun")
    assert command_line.type("target", "show", "nowhere").exit_code == 1


def test_rules_that_initial_passwords_do_not_meet_end_the_check_with_1(command_line: CommandLine) -> None:
    command_line.file.write_text(
        command_line.file.read_text().replace("create_tables = true", "create_tables = true\npassword_min_length = 40")
    )
    assert command_line.type("target", "check", "akun").exit_code == 1
    told = command_line.type("check")
    assert told.exit_code == 1
    assert "ask for no more than 24 there" in told.stdout
