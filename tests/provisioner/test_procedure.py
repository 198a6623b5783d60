"""The SOP is read word for word, and a malformed one is refused with its line."""

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest

from provisioner.errors import ConfigurationError
from provisioner.procedure import Act, Procedure, load_procedure

ROOT = Path(__file__).parents[2]
FILE = ROOT / "config" / "procedure.toml"
PUBLISHED = Path(__file__).parent / "data" / "sop-piak-04.txt"
POSTS = ("head", "division_head", "section_head", "adb")


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return load_procedure(FILE, POSTS)


def _line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_every_text_stands_word_for_word_in_the_published_sop(procedure: Procedure) -> None:
    published = PUBLISHED.read_text()
    texts = [procedure.number, procedure.title, *procedure.institution, *procedure.legal_basis]
    texts += [*procedure.qualifications, *procedure.equipment, *procedure.warnings, *procedure.record_keeping]
    texts += dataclasses.astuple(procedure.approved_by)
    for text in texts:
        assert text in published


def test_every_step_is_the_row_of_the_published_table(procedure: Procedure) -> None:
    rows = re.findall(r"^(\d)\.\t(.+)$", PUBLISHED.read_text(), re.MULTILINE)
    expected = [(number, [cell for cell in row.split("\t") if cell]) for number, row in rows]
    found = [
        (
            str(step.number),
            [
                cell
                for cell in (step.activity, step.mark, step.requirements, f"{step.minutes} menit", step.output)
                if cell
            ],
        )
        for step in procedure.steps
    ]
    assert found == expected


def test_the_dates_are_those_of_the_sop(procedure: Procedure) -> None:
    assert procedure.created_on == date(2019, 4, 1)
    assert procedure.effective_on == date(2019, 6, 1)
    assert procedure.revised_on is None


def test_the_six_steps_have_their_actors_and_take_ninety_minutes(procedure: Procedure) -> None:
    actors = [step.actor for step in procedure.steps]
    assert actors == ["applicant", "head", "division_head", "section_head", "adb", "applicant"]
    assert procedure.minutes == 90


def test_the_output_of_a_step_is_what_the_next_one_needs(procedure: Procedure) -> None:
    for step, following in zip(procedure.steps, procedure.steps[1:], strict=False):
        assert following.requirements == step.output


def test_steps_are_found_by_number_and_by_act(procedure: Procedure) -> None:
    assert procedure.step(4).act is Act.REVIEW
    assert [step.number for step in procedure.steps_of(Act.DISPOSE)] == [2, 3]
    with pytest.raises(KeyError):
        procedure.step(7)


@pytest.mark.parametrize(
    ("wrong", "blamed", "reason"),
    [
        (("minutes = 30\n", 'minutes = "half an hour"\n'), 'minutes = "half', "valid integer"),
        (("minutes = 30\n", "minutes = 0\n"), "minutes = 0", "greater than or equal to 1"),
        (('actor = "adb"', 'actor = "kabag"'), 'actor = "kabag"', "not one of the columns"),
        (('"adb", "section', '"kabag", "section'), "columns = ", "not a post of the office"),
        (('actor = "adb"', 'actor = "applicant" # here'), "# here", "cannot be done by 'applicant'"),
        (("number = 3\n", "number = 4\n"), "number = 4\n", "expected 3, found 4"),
        (('act = "review"', 'act = "think"'), 'act = "think"', "Input should be 'submit'"),
        (('act = "review"', 'act = "create"'), 'act = "create"', "cannot stand after 'dispose'"),
        (('act = "create"', 'act = "review"'), None, "cannot stand after 'review'"),
        (("effective_on = 2019-06-01", "effective_on = 2018-06-01"), "effective_on = 2018", "before created_on"),
        (("effective_on = 2019-06-01", 'effective_on = "soon"'), 'effective_on = "soon"', "valid date"),
        (('title = "Peng', 'titel = "Peng'), None, "title: is missing"),
        (('"Teliti",', '"Teliti", "",'), '"Teliti"', "at least 1 character"),
        (("related = []", "related = []\nrelatd = []"), "relatd", "relatd: is not a known key"),
        (("[approved_by]", "[approved_by"), "[approved_by", "Expected ']'"),
    ],
)
def test_a_malformed_file_is_refused_with_line_and_reason(
    tmp_path: Path, wrong: tuple[str, str], blamed: str | None, reason: str
) -> None:
    text = FILE.read_text()
    assert wrong[0] in text
    text = text.replace(*wrong, 1)
    file = tmp_path / "procedure.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_procedure(file, POSTS)
    assert refused.value.file == str(file)
    assert reason in refused.value.reason
    assert refused.value.line is not None
    if blamed is not None:
        assert refused.value.line == _line_of(text, blamed)
    assert str(refused.value).startswith(f"{file}:{refused.value.line}: ")


def test_a_step_without_an_output_is_blamed_on_the_line_of_its_table(tmp_path: Path) -> None:
    text = FILE.read_text().replace('output = "Pakta Integritas"\n', "", 1)
    file = tmp_path / "procedure.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_procedure(file, POSTS)
    assert refused.value.reason == "steps[4].output: is missing"
    assert refused.value.line == _line_of(text, "[[steps]]\nnumber = 4")


def test_a_file_that_ends_before_the_last_step_is_refused(tmp_path: Path) -> None:
    text = FILE.read_text()
    file = tmp_path / "procedure.toml"
    file.write_text(text[: text.index("[[steps]]\nnumber = 6")])
    with pytest.raises(ConfigurationError, match="the last step must be 'receive'"):
        load_procedure(file, POSTS)


def test_another_office_may_have_one_desk_less(tmp_path: Path) -> None:
    text = FILE.read_text()
    without = text[: text.index("[[steps]]\nnumber = 3")] + text[text.index("[[steps]]\nnumber = 4") :]
    for number in (4, 5, 6):
        without = without.replace(f"number = {number}\n", f"number = {number - 1}\n")
    file = tmp_path / "procedure.toml"
    file.write_text(without)
    assert len(load_procedure(file, POSTS).steps) == 5


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file") as refused:
        load_procedure(tmp_path / "procedure.toml", POSTS)
    assert refused.value.line is None


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "procedure.toml"
    file.write_bytes(b'number = "1"\ntitle = "\xff"\n')
    with pytest.raises(ConfigurationError, match="is not UTF-8 text") as refused:
        load_procedure(file, POSTS)
    assert refused.value.line == 2


def test_a_file_that_breaks_off_is_refused_at_its_end(tmp_path: Path) -> None:
    file = tmp_path / "procedure.toml"
    file.write_text('number = "1"\nlegal_basis = [\n')
    with pytest.raises(ConfigurationError) as refused:
        load_procedure(file, POSTS)
    assert refused.value.line == 3
