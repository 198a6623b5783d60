"""Letters are tried before they are used; once they are broken, the last good ones go on."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from provisioner.documents import letters_in_use
from provisioner.documents.letters_in_use import LettersInUse
from provisioner.documents.renderer import Renderer
from provisioner.documents.trial import tried
from provisioner.errors import ConfigurationError
from provisioner.paper import PaperKind
from tests.office import RealOffice
from tests.provisioner.documents.samples import LETTERS

ANSWER = "surat-jawaban.typ"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LETTERS, tmp_path / "source"))


def _change(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text()))


def test_the_letters_that_come_with_the_project_render(source: Path, tmp_path: Path) -> None:
    letters = LettersInUse(source, tmp_path / "kept")
    assert letters.wrong() == ()
    assert (letters.folder() / ANSWER).read_bytes() == (source / ANSWER).read_bytes()


def test_a_broken_letter_is_named_with_its_line_and_the_good_one_stays(
    source: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    letters = LettersInUse(source, tmp_path / "kept")
    good = letters.folder()
    lines = len((source / ANSWER).read_text().splitlines())
    _change(source / ANSWER, lambda text: text + "#nothing-of-this-name\n")
    assert letters.folder() == good
    assert [(each.file, each.line) for each in letters.wrong()] == [(str(source / ANSWER), lines + 1)]
    assert f"{source / ANSWER}:{lines + 1}" in caplog.text
    # A process that starts now finds the good ones too.
    assert LettersInUse(source, tmp_path / "kept").folder() == good
    shutil.copy(LETTERS / ANSWER, source / ANSWER)
    assert letters.wrong() == ()


def test_another_process_may_keep_the_same_letters_at_the_same_moment(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the web process and the worker of one machine, which are started together."""

    def tried_by_another_first(copy: Path) -> Sequence[ConfigurationError]:
        monkeypatch.setattr(letters_in_use, "tried", tried)
        assert LettersInUse(source, tmp_path / "kept").wrong() == ()
        return tried(copy)

    monkeypatch.setattr(letters_in_use, "tried", tried_by_another_first)
    letters = LettersInUse(source, tmp_path / "kept")
    assert letters.wrong() == ()
    assert (letters.folder() / ANSWER).read_bytes() == (source / ANSWER).read_bytes()


def test_without_any_good_letters_the_broken_one_is_refused(source: Path, tmp_path: Path) -> None:
    _change(source / ANSWER, lambda text: text + "#(")
    with pytest.raises(ConfigurationError, match=ANSWER):
        LettersInUse(source, tmp_path / "kept").folder()


def test_a_letter_that_loops_is_refused(source: Path) -> None:
    _change(source / ANSWER, lambda text: text + "#while true { }\n")
    (wrong,) = tried(source)
    assert (Path(wrong.file).name, wrong.line) == (ANSWER, len((source / ANSWER).read_text().splitlines()))


def test_a_letter_that_takes_too_long_is_ended_and_named(source: Path) -> None:
    _change(source / ANSWER, lambda text: text + "#for i in range(100000) { for j in range(100000) { let x = i } }\n")
    (wrong,) = tried(source, seconds=1)
    assert (Path(wrong.file).name, wrong.line) == (ANSWER, None)
    assert "does it loop?" in wrong.reason


def test_papers_still_come_out_while_a_letter_is_broken(office: RealOffice, source: Path, tmp_path: Path) -> None:
    letters = LettersInUse(source, tmp_path / "kept")
    office.core.papers._renderer = Renderer(letters.folder)
    first, second = office.new("sent"), office.new("sent", 1)
    assert office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(first).id).length > 0
    _change(source / "surat-permohonan.typ", lambda _: "#(")
    assert office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(second).id).length > 0
    assert letters.wrong() != ()
