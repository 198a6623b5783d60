"""Every refusal of the core has words, and every fault a page that says what is safe and what to do."""

import ast
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from provisioner import errors as core
from tests.web.gallery import NOW
from web.error_texts import FIELDS, REFUSALS, TEXTS
from web.errors import KINDS, case_now, field_text, kind_of, sentence

PROVISIONER = Path(__file__).parents[2] / "provisioner"
CLASSES = {name for name, value in vars(core).items() if isinstance(value, type) and issubclass(value, Exception)}
WITHOUT_PAGES = ("cli/", "walk.py", "rolling.py", "key_paper.py", "key_restoring.py")
"""Only the command line runs these."""
PUT_TOGETHER = {"-digits", "-length", "invalid-input"}
"""Ends of codes whose beginning is a field's name (``nik-digits``), and the code that stands for its fields."""


def _raised() -> Iterator[tuple[str, str]]:
    """(code, place) of every refusal the core makes."""
    for file in sorted(PROVISIONER.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in CLASSES - {"ConfigurationError"} and node.args:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value, f"{file.relative_to(PROVISIONER)}:{node.lineno}"


def _field_codes() -> Iterator[tuple[str, str]]:
    """(code, place) of what is said about fields: lists of words given as ``fields=`` or put into ``errors[...]``."""
    for file in sorted(PROVISIONER.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            for value in _told_of_fields(node):
                for part in ast.walk(value):
                    if isinstance(part, ast.List):
                        for word in part.elts:
                            if isinstance(word, ast.Constant) and isinstance(word.value, str):
                                yield word.value, f"{file.relative_to(PROVISIONER)}:{word.lineno}"


def _told_of_fields(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.keyword) and node.arg == "fields":
        yield node.value
    if isinstance(node, ast.Assign) and any(
        isinstance(left, ast.Subscript) and _name(left.value) in ("errors", "warnings") for left in node.targets
    ):
        yield node.value


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def test_the_source_holds_refusals_to_compare_with() -> None:
    assert len(dict(_raised())) > 40


def test_every_code_of_the_core_has_a_sentence() -> None:
    on_pages = {code: place for code, place in _raised() if not place.startswith(WITHOUT_PAGES)}
    missing = {code: place for code, place in on_pages.items() if code not in TEXTS and code not in PUT_TOGETHER}
    assert missing == {}, "add lines to web/error_texts.py"


def test_every_code_of_a_field_has_a_sentence() -> None:
    missing = {code: place for code, place in _field_codes() if code not in TEXTS}
    assert missing == {}, "add lines to FIELDS in web/error_texts.py"


def test_no_code_means_two_things() -> None:
    assert REFUSALS.keys() & FIELDS.keys() == set()


@pytest.mark.parametrize("cls", [value for name, value in vars(core).items() if name in CLASSES])
def test_every_class_of_the_core_has_its_page(cls: type[core.ProvisionerError]) -> None:
    assert cls in KINDS


def test_the_nearest_class_counts() -> None:
    class Nearer(core.Conflict):
        pass

    assert kind_of(Nearer("username-taken")) is KINDS[core.Conflict]


def test_a_sentence_is_filled_from_the_errors_data(app: Flask) -> None:
    with app.test_request_context():
        assert sentence(core.LockedOut("locked-out", until=NOW)).endswith("sesudah 20 November 2026, 14.30 WIB.")
        assert sentence(core.NotAllowed("not-your-post", posts="head,adb")).startswith(
            "Ini wewenang Kepala Dinas atau "
        )


def test_a_place_without_data_does_not_break_the_page(app: Flask) -> None:
    with app.test_request_context():
        assert sentence(core.Conflict("username-taken-in-target", username="dewi")).endswith("sudah ada di —.")


def test_an_unknown_code_of_a_field_is_still_told(app: Flask) -> None:
    with app.test_request_context():
        assert "brand-new" in field_text("brand-new")
        assert sentence(core.Conflict("brand-new")) == ""


def test_what_is_the_case_now_is_told_when_the_error_knows(app: Flask) -> None:
    with app.test_request_context():
        assert case_now(core.WrongState("request-wrong-state", state="done")) == "selesai"
        assert case_now(core.WrongState("request-wrong-state")) == ""


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("not-allowed", 403, "Pejabat lain yang memutuskannya."),
        ("wrong-state", 409, "menunggu tanda tangan pemohon"),
        ("conflict", 409, "sudah dipakai"),
        ("too-many", 429, "14.30 WIB"),
        ("system", 503, "tidak menjawab"),
        ("bug", 500, "Kesalahan ini ada pada kami"),
    ],
)
def test_each_refusal_is_a_page_with_its_own_status_and_words(
    client: FlaskClient, what: str, status: int, words: str
) -> None:
    answer = client.get(f"/uji/gagal/{what}")
    assert answer.status_code == status
    assert words in answer.text
    assert "Yang dapat Anda lakukan" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_fault_of_ours_shows_and_logs_nothing_of_what_was_typed(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/uji/gagal/bug")
    assert "K7QF" not in answer.text + caplog.text
    (told,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    reference = told.getMessage().split()[1]
    assert reference in answer.text
    assert "gallery.py" in caplog.text


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("path", "status"), [("/tidak-ada", 404), ("/uji/kirim", 405)])
def test_an_address_that_leads_nowhere_has_a_page_too(
    client: FlaskClient, path: str, status: int, language: str
) -> None:
    answer = client.get(f"{path}?lang={language}")
    assert answer.status_code == status
    assert f'<html lang="{language}">' in answer.text


def test_a_wait_is_told_to_machines_too(client: FlaskClient) -> None:
    assert int(client.get("/uji/gagal/too-many").headers["Retry-After"]) > 0
