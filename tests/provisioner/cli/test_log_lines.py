"""The service's log: which messages, and in which form."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest

from provisioner.cli.log_lines import write_log
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


def test_json_is_one_object_a_line_with_the_trace_in_it() -> None:
    stream = StringIO()
    write_log(LogSettings(format="json"), stream)
    try:
        raise ValueError("di sini")
    except ValueError:
        logging.getLogger("web.fault_pages").exception("halaman %s", "x")
    (line,) = stream.getvalue().splitlines()
    message = json.loads(line)
    assert (message["level"], message["where"], message["message"]) == ("error", "web.fault_pages", "halaman x")
    assert "ValueError: di sini" in message["trace"]
