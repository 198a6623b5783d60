"""``provisioner keys paper``, its rehearsal, and the key file made again from it."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from provisioner import key_paper
from provisioner.audit import Filters
from provisioner.bootstrap import build
from provisioner.cli import main
from provisioner.keyring import Keyring
from provisioner.provisioning.key_copies import CopyState, CopyStatus
from provisioner.settings import load_settings
from tests.provisioner.cli.command_line import CommandLine


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """An office whose letters were tried once: that takes longer than everything else here."""
    line = CommandLine(tmp_path_factory.mktemp("kantor"))
    line.ok("init")
    line.type("check")
    return line


@pytest.fixture
def command_line(prepared: CommandLine, tmp_path: Path) -> CommandLine:
    """A copy of it, keys and all."""
    line = CommandLine(tmp_path)
    shutil.copytree(prepared.data, line.data)
    return line


def key_file(line: CommandLine) -> Path:
    return line.data / "keys" / "keyring.json"


def type_in(line: CommandLine, answers: list[str], *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(line.file), *words], input="\n".join(answers) + "\n")


def status(line: CommandLine) -> CopyStatus:
    core = build(load_settings(line.file))
    found = core.key_copies.status()
    core.close()
    return found


def events(line: CommandLine, kind: str) -> list[dict[str, object]]:
    core = build(load_settings(line.file))
    with core.context.store.read() as session:
        found = core.context.trail.search(session, Filters(kinds=(kind,))).entries
    core.close()
    return [dict(each.fields) for each in found]


def everything(keyring: Keyring) -> list[str]:
    """What somebody types who has the whole paper."""
    secrets = key_paper.on_paper(keyring)
    answers = [str(len(secrets)), key_paper.mark_of(keyring), *secrets[0].rows]
    for each in secrets[1:]:
        answers += [each.label, *each.rows]
    return answers


def asked_for(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody types who is asked for the second row of everything."""
    monkeypatch.setattr("provisioner.key_paper.randbelow", lambda _: 1)
    return [key_paper.mark_of(keyring), *(each.rows[1] for each in key_paper.on_paper(keyring))]


def pictures(line: CommandLine) -> list[str]:
    """The printed paper, photographed."""
    pdf = line.folder / "kunci.pdf"
    line.ok("keys", "paper", "--output", str(pdf))
    subprocess.run(["pdftoppm", "-r", "110", "-png", "-l", "1", str(pdf), str(line.folder / "foto")], check=True)
    pdf.unlink()
    return [word for each in sorted(line.folder.glob("foto*.png")) for word in ("--scan", str(each))]


def test_the_paper_is_for_its_owner_alone_and_in_the_trail(command_line: CommandLine, tmp_path: Path) -> None:
    pdf = tmp_path / "kunci.pdf"
    said = command_line.type("keys", "paper", "--output", str(pdf))
    assert said.exit_code == 0
    assert stat.S_IMODE(pdf.stat().st_mode) == 0o600
    assert f"shred -u {pdf}" in said.stderr
    keyring = Keyring.load(key_file(command_line))
    text = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True).stdout
    for each in key_paper.on_paper(keyring):
        assert all(row in text for row in each.rows)
    assert text.count(key_paper.mark_of(keyring)) >= 3
    assert events(command_line, "keys-printed") == [{"key_id": keyring.newest_id, "count": 1}]
    assert status(command_line).state is CopyState.MISSING  # It was printed; nobody has tried it.


def test_the_paper_goes_into_a_pipe_or_to_a_printer_without_a_file(
    command_line: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = command_line.type("keys", "paper", "--output", "-")
    assert piped.stdout_bytes.startswith(b"%PDF-")
    lp = tmp_path / "bin" / "lp"
    lp.parent.mkdir()
    lp.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\ncat > {tmp_path}/printed\n')
    lp.chmod(0o700)
    monkeypatch.setenv("PATH", f"{lp.parent}{os.pathsep}{os.environ['PATH']}")
    command_line.ok("keys", "paper", "--printer", "ruang-ti")
    assert (tmp_path / "printed").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "words").read_text().split() == ["-s", "-t", "siak", "-d", "ruang-ti", "-"]


def test_a_paper_without_a_place_is_not_made(command_line: CommandLine, tmp_path: Path) -> None:
    there = tmp_path / "ada.pdf"
    there.write_text("lama")
    for words in (["--output", str(there)], [], ["--output", "-", "--printer", ""], ["--check", "--output", "-"]):
        assert command_line.type("keys", "paper", *words).exit_code == 2
    assert there.read_text() == "lama"
    assert events(command_line, "keys-printed") == []


def test_a_typed_rehearsal_confirms_the_copy_until_the_next_rotation(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key_file(command_line).read_bytes()
    answers = asked_for(Keyring.load(key_file(command_line)), monkeypatch)
    wrong = [answers[0], "TTTTT-" * 6, *answers[1:]]  # One mistake, put right.
    said = type_in(command_line, wrong, "keys", "paper", "--check", "--place", "Brankas Kepala Dinas")
    assert said.exit_code == 0, said.output
    assert "the row is not right" in said.output
    assert key_file(command_line).read_bytes() == before
    (event,) = events(command_line, "key-copy-confirmed")
    assert (event["method"], event["place"], event["count"]) == ("typed", "Brankas Kepala Dinas", 1)
    assert status(command_line).state is CopyState.CONFIRMED
    command_line.ok("keys", "rotate")
    newest = Keyring.load(key_file(command_line)).newest_id
    assert (status(command_line).state, status(command_line).lacking) == (CopyState.OUTDATED, (newest,))
    assert f"no confirmed copy holds the key {newest}" in command_line.type("check").stdout
    said = type_in(
        command_line, asked_for(Keyring.load(key_file(command_line)), monkeypatch), "keys", "paper", "--check"
    )
    assert said.exit_code == 0, said.output
    assert status(command_line).state is CopyState.CONFIRMED


def test_a_rehearsal_with_the_paper_of_other_keys_confirms_nothing(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pictures(command_line)
    command_line.ok("keys", "rotate")
    refused = command_line.type("keys", "paper", "--check", *pages)
    assert (refused.exit_code, "holds other keys than these" in refused.stderr) == (1, True)
    foreign = asked_for(Keyring.generate(), monkeypatch)
    refused = type_in(command_line, [foreign[0]] * 5, "keys", "paper", "--check")
    assert (refused.exit_code, "of other keys than these" in refused.stderr) == (1, True)
    assert events(command_line, "key-copy-confirmed") == []


def test_a_scanned_rehearsal_confirms_and_the_same_pictures_make_the_lost_file_again(command_line: CommandLine) -> None:
    pages, before = pictures(command_line), key_file(command_line).read_bytes()
    command_line.ok("keys", "paper", "--check", *pages)
    assert events(command_line, "key-copy-confirmed")[0]["method"] == "scanned"
    there = command_line.type("keys", "restore-from-paper", *pages)
    assert (there.exit_code, "never replaced" in there.stderr) == (1, True)
    key_file(command_line).unlink()
    assert command_line.type("keys", "show").exit_code == 3
    restored = command_line.type("keys", "restore-from-paper", *pages)
    assert restored.exit_code == 0, restored.output
    assert key_file(command_line).read_bytes() == before
    assert stat.S_IMODE(key_file(command_line).stat().st_mode) == 0o600
    assert events(command_line, "keys-restored")[0]["method"] == "scanned"


def test_keys_that_were_rotated_come_back_typed_in_place_of_a_broken_file(command_line: CommandLine) -> None:
    command_line.ok("keys", "rotate")
    keyring = Keyring.load(key_file(command_line))
    key_file(command_line).write_text("{")
    said = type_in(command_line, everything(keyring), "keys", "restore-from-paper")
    assert said.exit_code == 0, said.output
    assert Keyring.load(key_file(command_line)).to_text() == keyring.to_text()
    (aside,) = key_file(command_line).parent.glob("keyring.json.broken-*")
    assert aside.read_text() == "{"


def test_pictures_and_rows_that_are_not_the_whole_paper_are_refused_in_words(command_line: CommandLine) -> None:
    blank = command_line.folder / "kosong.png"
    Image.new("L", (200, 200), 255).save(blank)
    keyring = Keyring.load(key_file(command_line))
    key_file(command_line).unlink()
    refused = command_line.type("keys", "restore-from-paper", "--scan", str(blank))
    assert (refused.exit_code, "no QR code of keys was found" in refused.stderr) == (1, True)
    answers = everything(keyring)
    refused = type_in(command_line, [answers[0], "0000-0000-0000", *answers[2:]], "keys", "restore-from-paper")
    assert (refused.exit_code, "do not belong to this mark" in refused.stderr) == (1, True)
    assert not any(row in refused.stderr for row in answers[2:4])
    assert not key_file(command_line).exists()


def test_keys_of_other_data_are_not_written(command_line: CommandLine) -> None:
    own = Keyring.load(key_file(command_line))
    key_file(command_line).unlink()
    said = type_in(command_line, everything(Keyring.generate()), "keys", "restore-from-paper")
    assert (said.exit_code, "other keys" in said.stderr) == (1, True)
    # The same sealing keys under another look-up secret: only the trail's signature tells.
    document = {**json.loads(own.to_text()), "lookup": json.loads(Keyring.generate().to_text())["lookup"]}
    said = type_in(command_line, everything(Keyring.parse(json.dumps(document))), "keys", "restore-from-paper")
    assert (said.exit_code, "lookup" in said.stderr) == (1, True)
    assert not key_file(command_line).exists()


def test_keys_come_back_before_the_database_does(unprepared: CommandLine) -> None:
    said = type_in(unprepared, everything(Keyring.generate()), "keys", "restore-from-paper")
    assert said.exit_code == 0, said.output
    assert "tried on nothing" in said.output
    assert [each.name for each in unprepared.data.iterdir()] == ["keys"]
