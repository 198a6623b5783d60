"""The end of the chain, in forms that leave the machine: on papers, and daily to where the office says.

Whoever holds an old head can tell later that nothing before it was changed, removed or cut off.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Self

_SHORT_DIGITS = 20
_GROUP = 5
_LEAST_DIGITS = 16
_FULL = re.compile(r"(\d+)[\s:]+([0-9a-fA-F]{16,64})(?:\s+(\d{4}-\d{2}-\d{2}\S*))?$")
_SHORT = re.compile(r"(\d+)-((?:[0-9a-fA-F]{5}-){3}[0-9a-fA-F]{5})(?:\s+(\d{4}-\d{2}-\d{2}\S*))?$")


@dataclass(frozen=True)
class Head:
    """The last row: its sequence number (0 when there is none) and its hash (64 hex digits)."""

    seq: int
    hash: str

    @property
    def short(self) -> str:
        """For papers: the sequence number and the first 80 bits, ``1042-3f9a2-c1188-d077a-b1234``."""
        groups = [self.hash[start : start + _GROUP] for start in range(0, _SHORT_DIGITS, _GROUP)]
        return "-".join([str(self.seq), *groups])

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


@dataclass(frozen=True)
class Anchor:
    """A head as it was noted outside. ``hash`` may be only its beginning, at least 16 hex digits."""

    seq: int
    hash: str
    at: datetime | None = None
    """When it was noted, in UTC, if that was written down."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``1042 <hash> [date or moment]``, ``1042:<hash>`` or the short form of papers, a date behind each.

        :raises ValueError: it is none of these.
        """
        trimmed = text.strip()
        if short := _SHORT.match(trimmed):
            at = _moment(short[3]) if short[3] else None
            return cls(int(short[1]), short[2].replace("-", "").lower(), at)
        if full := _FULL.match(trimmed):
            return cls(int(full[1]), full[2].lower(), _moment(full[3]) if full[3] else None)
        raise ValueError(f"not an anchor: {trimmed[:100]!r}")

    def matches(self, row_hash: str) -> bool:
        """Whether this anchor was taken from a row with this hash."""
        return len(self.hash) >= _LEAST_DIGITS and row_hash.startswith(self.hash)


def read_anchors(lines: Iterable[str]) -> list[Anchor]:
    """Anchors, one a line; empty lines and those that begin with ``#`` are passed over.

    :raises ValueError: a line is malformed; the text names it.
    """
    return [Anchor.parse(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _moment(text: str) -> datetime:
    """An ISO date or moment; one without a zone is taken as UTC."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


class AnchorBook:
    """A file of anchors in a directory of the office's choice, best on another machine: one line a day is added."""

    FILE_NAME = "audit-anchors.txt"

    def __init__(self, directory: Path) -> None:
        self.path = directory / self.FILE_NAME

    def read(self) -> list[Anchor]:
        """Every anchor written so far; none when there is no file yet.

        :raises ValueError: the file is malformed.
        :raises OSError: it cannot be read.
        """
        try:
            return read_anchors(self.path.read_text(encoding="utf-8").splitlines())
        except FileNotFoundError:
            return []

    def due(self, now: datetime, at: time = time.min) -> bool:
        """Whether no anchor was written since it was last ``at`` o'clock in the zone of ``now``.

        Asked on every tick, so that one missed while the machine was off is made up for.
        """
        due_at = datetime.combine(now.date(), at, now.tzinfo)
        if due_at > now:
            due_at -= timedelta(days=1)
        return not any(anchor.at is not None and anchor.at >= due_at for anchor in self.read())

    def write(self, head: Head, at: datetime) -> Path:
        """Add ``seq hash moment`` and push it to the disk. Returns the file.

        :raises OSError: the directory is missing, full or not writable.
        """
        line = f"{head} {at.astimezone(UTC).isoformat(timespec='seconds')}\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        return self.path
