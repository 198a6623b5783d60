"""The catalogue: what may be recorded, and that the code records nothing else."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from pathlib import Path

import pytest

from provisioner.audit import UnknownEvent
from provisioner.audit.catalogue import catalogue
from provisioner.audit.events import LONGEST_TEXT, Catalogue, kind

ROOT = Path(__file__).parents[3]
LETTER = kind("letter-forwarded", "letter_number to", "step at", "reason")
SECRET_WORDS = {"password", "ticket", "secret", "pin", "totp", "passphrase", "enrolment_code", "tracking_code", "token"}


def test_public_and_personal_fields_are_told_apart_by_the_catalogue() -> None:
    public, personal = LETTER.sort({"letter_number": "800/1", "to": "Kabid", "reason": "x", "actor_name": "Y"})
    assert public == {"letter_number": "800/1", "to": "Kabid"}
    assert personal == {"reason": "x", "actor_name": "Y"}


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="letter-eaten"):
        catalogue()["letter-eaten"]


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="password"):
        LETTER.sort({"letter_number": "800/1", "to": "Kabid", "password": "x"})


def test_a_needed_field_that_is_missing_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="to"):
        LETTER.sort({"letter_number": "800/1", "to": None})


@pytest.mark.parametrize("value", [1.5, b"x", {"a": "b"}, ["x", 1], "\ud800", "x" * (LONGEST_TEXT + 1), object()])
def test_a_value_without_one_text_form_is_refused(value: object) -> None:
    with pytest.raises(UnknownEvent):
        LETTER.sort({"letter_number": "800/1", "to": value})  # type: ignore[dict-item]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="zone"):
        LETTER.sort({"letter_number": "800/1", "to": "Kabid", "at": datetime(2026, 1, 1)})  # noqa: DTZ001


def test_dates_become_iso_text_and_moments_utc() -> None:
    wib = timezone(timedelta(hours=7))
    public, _ = LETTER.sort({"letter_number": date(2026, 6, 1), "to": "x", "at": datetime(2026, 6, 1, 7, tzinfo=wib)})
    assert public["letter_number"] == "2026-06-01"
    assert public["at"] == datetime(2026, 6, 1, tzinfo=UTC).isoformat()


def test_a_member_of_an_enumeration_becomes_its_plain_text() -> None:
    class Post(StrEnum):
        HEAD = "head"

    class Desk(str, Enum):  # noqa: UP042  (the older form is what is tested)
        HEAD = "desk"

    public, _ = LETTER.sort({"letter_number": Post.HEAD, "to": Desk.HEAD})
    assert [(type(value), value) for value in public.values()] == [(str, "head"), (str, "desk")]


def test_what_a_browser_says_of_itself_is_cut_not_refused() -> None:
    _, personal = LETTER.sort({"letter_number": "1", "to": "x", "device": "M" * 1_000_000})
    assert len(str(personal["device"])) == 300


def test_a_word_may_stand_in_a_catalogue_only_once() -> None:
    with pytest.raises(UnknownEvent, match="twice"):
        Catalogue([LETTER, LETTER])


def test_a_field_may_not_be_public_and_personal() -> None:
    with pytest.raises(UnknownEvent, match="twice"):
        Catalogue([kind("x", "reason", "", "reason")])


def test_no_field_is_meant_for_a_secret() -> None:
    fields = {field for word in catalogue().words for field in catalogue()[word].fields}
    assert not fields & SECRET_WORDS


@pytest.mark.parametrize(
    "name", ["nik", "applicant_name", "username", "reason", "note", "instruction", "address", "contact"]
)
def test_what_names_or_describes_a_person_is_personal_everywhere(name: str) -> None:
    kinds = [catalogue()[word] for word in catalogue().words]
    assert not [event.word for event in kinds if name in event.needed | event.optional]


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for folder in ("provisioner", "web"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("trail.record"):
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def _kinds_of(node: ast.expr) -> list[str]:
    """The words a kind argument may be: a literal, or a choice between literals; nothing when it is computed."""
    match node:
        case ast.Constant(value=str() as word):
            return [word]
        case ast.IfExp(body=body, orelse=other):
            return _kinds_of(body) + _kinds_of(other)
        case _:
            return []


def test_every_call_in_the_code_names_known_kinds_and_fields() -> None:
    known, wrong = catalogue(), []
    for place, call in _calls():
        names = {keyword.arg for keyword in call.keywords} - {"actor", "subjects", "session", "kind"}
        for word in _kinds_of(call.args[1]) if len(call.args) > 1 else []:
            if word not in known:
                wrong.append(f"{place}: no event {word}")
                continue
            given = {name for name in names if name}
            wrong += [f"{place}: {word} has no field {name}" for name in sorted(given - known[word].fields)]
            if None not in names:  # None stands for **fields, which may bring what is missing.
                wrong += [f"{place}: {word} needs {name}" for name in sorted(known[word].needed - given)]
    assert not wrong, "\n".join(wrong)


WORDS = frozenset(catalogue().words)
RECORDERS = ("trail.record", "._record", "_note")


def _recorded() -> set[str]:
    """Every word that is handed to something that records."""
    found: set[str] = set()
    for file in sorted((ROOT / "provisioner").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(RECORDERS):
                literals = (each for argument in node.args for each in ast.walk(argument))
                found |= {each.value for each in literals if isinstance(each, ast.Constant) and each.value in WORDS}
    return found


def test_every_kind_is_recorded_somewhere() -> None:
    """A kind that nothing writes is a promise to the auditor that nobody keeps."""
    assert sorted(WORDS - _recorded()) == []
