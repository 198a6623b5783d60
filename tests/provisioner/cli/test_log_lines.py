"""The service's log: which messages, and in which form."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO

import pytest

from provisioner.cli.log_lines import write_log
from provisioner.observation.reference import referring_to
from provisioner.settings import LogSettings


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, "provisioner", "connectors", "web")]
    before = [(each, each.level, each.handlers[:]) for each in loggers]
    yield
    for each, level, handlers in before:
        each.setLevel(level)
        each.handlers[:] = handlers


def said(settings: LogSettings) -> list[str]:
    """What is written of a message of every grade, ours and a library's, and of an exception."""
    stream = StringIO()
    write_log(settings, stream)
    for name in ("provisioner.dispatch", "ldap3.pool"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            logging.getLogger(name).log(level, "%s of %s", logging.getLevelName(level), name)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("level", "ours", "theirs"), [("debug", 4, 2), ("info", 3, 2), ("warning", 2, 2), ("error", 1, 1)]
)
def test_only_what_is_grave_enough_is_written(level: str, ours: int, theirs: int) -> None:
    lines = said(LogSettings.model_validate({"level": level}))
    assert sum("provisioner.dispatch" in line for line in lines) == ours
    assert sum("ldap3.pool" in line for line in lines) == theirs


def test_text_is_one_line_with_moment_and_grade() -> None:
    first = said(LogSettings())[0]
    moment, grade, rest = first.split(" ", 2)
    assert datetime.fromisoformat(moment).tzinfo is not None
    assert (grade, rest) == ("info", "provisioner.dispatch: INFO of provisioner.dispatch")


def lines_of(settings: LogSettings, say: Callable[[logging.Logger], None]) -> list[str]:
    stream = StringIO()
    write_log(settings, stream)
    say(logging.getLogger("provisioner.dispatch"))
    return stream.getvalue().splitlines()


def test_json_is_one_object_a_line_with_moment_level_event_and_reference() -> None:
    with referring_to("0123456789ab"):
        (line,) = lines_of(LogSettings(format="json"), lambda log: log.warning("halaman %s", "x"))
    message = json.loads(line)
    assert datetime.fromisoformat(message.pop("time")).tzinfo is not None
    assert message == {
        "level": "warning",
        "event": "halaman x",
        "where": "provisioner.dispatch",
        "reference": "0123456789ab",
    }


def test_what_nobody_set_in_motion_has_no_reference() -> None:
    (line,) = lines_of(LogSettings(format="json"), lambda log: log.warning("sapu"))
    assert json.loads(line)["reference"] is None


def test_facts_stand_beside_the_event_by_their_names() -> None:
    facts = {"target": "direktori", "steps": ["create", "grant"], "error": None, "reference": "a1"}
    (line,) = lines_of(LogSettings(), lambda log: log.info("account converged", extra={"facts": facts}))
    assert line.endswith(
        " info provisioner.dispatch: account converged reference=a1 target=direktori steps=create,grant"
    )
    (line,) = lines_of(LogSettings(format="json"), lambda log: log.info("account converged", extra={"facts": facts}))
    message = json.loads(line)
    assert (message["target"], message["steps"], message["reference"]) == ("direktori", ["create", "grant"], "a1")
    assert "error" not in message


@pytest.mark.parametrize("form", ["text", "json"])
def test_of_an_exception_kind_and_place_are_written_and_never_its_text(form: str) -> None:
    def fail(log: logging.Logger) -> None:
        try:
            raise ValueError("3576024107950001")
        except ValueError:
            log.exception("gagal")

    (line,) = lines_of(LogSettings.model_validate({"format": form}), fail)
    assert "ValueError" in line
    assert "test_log_lines.py:" in line
    assert "3576024107950001" not in line
