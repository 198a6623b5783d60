"""The service's own log on standard error: a line a message, for eyes or for machines.

Every line has its moment, level, event and place, and the reference of what set it in motion where something did. What
else is known stands beside the event by name, never in its text.
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from traceback import extract_tb
from typing import Any, TextIO

from provisioner.observation.reference import current_reference
from provisioner.settings import LogSettings

_OURS = ("provisioner", "connectors", "web")
_NAMES_HOSTS = ("psycopg.pool",)
"""Names host, port and role when a database is away; whoever uses it says of itself what it met."""


class TextLines(logging.Formatter):
    """``2026-06-08T09:00:00+07:00 warning provisioner.dispatch: ... target=direktori``, by the machine's clock."""

    def format(self, record: logging.LogRecord) -> str:
        """One message; where an exception came from stands behind it."""
        facts = " ".join(f"{name}={_plain(value)}" for name, value in _facts(record).items())
        line = f"{_moment(record)} {record.levelname.lower()} {record.name}: {record.getMessage()}"
        return f"{line} {facts}".rstrip()


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``event``, ``where``, ``reference``, then what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """One message."""
        facts = dict(_facts(record))
        said = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "where": record.name,
            "reference": facts.pop("reference", None),
        }
        return json.dumps({**said, **facts}, ensure_ascii=False, default=str)


def write_log(settings: LogSettings, stream: TextIO | None = None) -> None:
    """From now on messages of this process go to ``stream`` (standard error). Libraries are heard from warnings on:
    what they say below is about themselves.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    for name in _NAMES_HOSTS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _facts(record: logging.LogRecord) -> Mapping[str, Any]:
    """What a message carries beside its text (``extra={"facts": ...}``), without what is not known."""
    facts = {"reference": current_reference(), **getattr(record, "facts", {})}
    if record.exc_info and record.exc_info[0] is not None:
        # Kind and place only: the text of an exception may quote what somebody typed.
        frames = extract_tb(record.exc_info[2])
        facts["fault"] = record.exc_info[0].__name__
        facts["trace"] = " > ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-8:])
    return {name: value for name, value in facts.items() if value is not None}


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
