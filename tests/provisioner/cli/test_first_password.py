"""First passwords leave the command on paper; on the screen only for whoever insists."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from provisioner.bootstrap import build
from provisioner.errors import AuthenticationFailed
from provisioner.settings import load_settings
from tests.provisioner.cli.command_line import CommandLine

ADD = ("official", "add", "ti", "--name", "Taufik Hidayatullah", "--post", "it")
SECRET = re.compile(r"(?:[A-Za-z0-9]{4}-){4}[A-Za-z0-9]{4}")


def password_in(pdf: bytes) -> str:
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    found = re.search(r"Kata sandi\s+:\s+(\S+)", text)
    assert found is not None, text
    return found[1]


def test_the_first_official_of_an_office_gets_a_letter_that_its_owner_alone_can_read(
    command_line: CommandLine, tmp_path: Path
) -> None:
    letter = tmp_path / "ti.pdf"
    said = command_line.type(*ADD, "--output", str(letter))
    assert said.exit_code == 0, said.output
    assert SECRET.search(said.output) is None
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    core = build(load_settings(command_line.file))
    assert core.sign_in.sign_in("ti", password_in(letter.read_bytes())).stage == "change"
    # Another one, straight into a pipe: what lies in the first is worthless.
    piped = command_line.type("official", "envelope", "ti", "--output", "-")
    assert core.sign_in.sign_in("ti", password_in(piped.stdout_bytes)).stage == "change"
    with pytest.raises(AuthenticationFailed):
        core.sign_in.sign_in("ti", password_in(letter.read_bytes()))
    core.close()


def test_without_a_place_for_it_nobody_gets_a_password(command_line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "ada.pdf").write_text("lama")
    for words in (["--output", str(tmp_path / "ada.pdf")], ["--output", "-", "--show-password"]):
        assert command_line.type(*ADD, *words).exit_code == 2
        assert command_line.lines("official", "list", "--json") == []
    said = command_line.ok(*ADD)
    assert SECRET.search(said) is None
    assert "provisioner official envelope ti --output FILE" in said
    assert command_line.type("official", "envelope", "ti").exit_code == 2


def test_a_letter_that_was_not_made_leaves_no_file(command_line: CommandLine, tmp_path: Path) -> None:
    letter = tmp_path / "hantu.pdf"
    assert command_line.type("official", "envelope", "hantu", "--output", str(letter)).exit_code == 1
    assert not letter.exists()
