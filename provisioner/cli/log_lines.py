"""The service's own log on standard error: a line a message, for eyes or for machines."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from provisioner.settings import LogSettings

_OURS = ("provisioner", "connectors", "web")


class TextLines(logging.Formatter):
    """``2026-06-08T09:00:00+07:00 warning provisioner.dispatch: ...``, by the machine's clock."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One message, and below it where an exception came from."""
        record.levelname = record.levelname.lower()
        return super().format(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        """ISO 8601, to the second, with the zone."""
        return _moment(record)


class JsonLines(logging.Formatter):
    """One JSON object a line: ``at``, ``level``, ``where``, ``message``, and ``trace`` of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """One message."""
        said: Mapping[str, str] = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "where": record.name,
            "message": record.getMessage(),
        }
        trace = {"trace": self.formatException(record.exc_info)} if record.exc_info else {}
        return json.dumps({**said, **trace}, ensure_ascii=False)


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


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")
