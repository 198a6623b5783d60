"""What stands in a backup, and in which form.

A backup is a compressed tar (``tar tzf`` lists it), perhaps encrypted with age. In this order it holds ``header.json``
(what it was made from, and the keys it needs), the rows of every table as JSON lines under ``tables/``, the office's
files under ``office/``, ``letters/``, ``anchors/`` and ``settings.toml``, and last ``manifest.json`` with the digest of
each, authenticated with the office's keys. A copy that was broken off has no manifest and is refused.

The rows are the same whatever the database is, so a backup of the one is restored into the other.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, LargeBinary, MetaData, Table, TypeDecorator
from sqlalchemy.types import NullType, TypeEngine

from provisioner.errors import ProvisionerError
from provisioner.store.tables import Model, UtcDateTime

FORMAT = "siak-provisioner-backup"
FORMAT_VERSION = 1
HEADER, MANIFEST = "header.json", "manifest.json"
TABLES = "tables/"
_OF_THE_MOMENT = frozenset({"process", "turn", "engine_migration", "schema_floor"})
"""Who works with the database just now, whose turn it is, what the engine's own tables, which are not part of a backup,
were brought to, and what the migrations note: of a restored database none of it is true, or it is found anew.
"""
MAC_PURPOSE = "backup-manifest"
CHECK_PURPOSE = "backup-keys"
_KINDS: dict[str, TypeEngine[Any]] = {
    "bytes": LargeBinary(),
    "moment": UtcDateTime(),
    "date": Date(),
    "truth": Boolean(),
    "plain": NullType(),
}


class BackupBroken(ProvisionerError):
    """A backup is not whole, was changed, or is not one of this office's."""


@dataclass(frozen=True)
class Header:
    """What a backup was made from; it stands first, so that what cannot be restored is refused at once."""

    made_at: str
    """The moment whose state it holds, ISO, UTC."""
    release: str
    revision: str
    """Of the database's schema."""
    office: str
    database: str
    """``sqlite`` or ``postgresql``."""
    keys: tuple[str, ...]
    """Ids of the keys that are needed to read what is sealed in it."""
    key_check: str
    """Proves that a keyring has this office's look-up secret, and does not tell it."""
    tables: Mapping[str, Mapping[str, str]]
    """Columns of each table, with their kinds, in the order in which rows may be added."""

    def to_json(self) -> bytes:
        """As it stands in the file."""
        return canonical({"format": FORMAT, "version": FORMAT_VERSION, **asdict(self)})

    @classmethod
    def from_json(cls, content: bytes) -> "Header":
        """:raises BackupBroken: ``backup-unreadable`` or ``backup-newer-format``."""
        try:
            found = json.loads(content)
            if found.pop("format") != FORMAT:
                raise ValueError("another format")
            if found.pop("version") != FORMAT_VERSION:
                raise BackupBroken("backup-newer-format")
            return cls(**{**found, "keys": tuple(found["keys"])})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupBroken("backup-unreadable", "this is no backup of ours") from error


@dataclass(frozen=True)
class Part:
    """One table or file, as the manifest lists it."""

    sha256: str
    size: int
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """The sum of a backup; it stands last."""

    header_sha256: str
    parts: Mapping[str, Part]
    head_seq: int
    """The last event of the audit trail in it."""
    head_hash: str
    epoch: int
    """How often the trail had been continued after a restoration."""
    counts: Mapping[str, int]
    """Letters, requests, accounts, officials."""
    mac: str = ""

    def to_json(self) -> bytes:
        """As it stands in the file."""
        return canonical(asdict(self))

    def unsigned(self) -> bytes:
        """What its MAC covers."""
        return canonical({name: value for name, value in asdict(self).items() if name != "mac"})

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """:raises BackupBroken: ``backup-unreadable``."""
        try:
            found = json.loads(content)
            return cls(**{**found, "parts": {name: Part(**each) for name, each in found["parts"].items()}})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupBroken("backup-unreadable", "its manifest cannot be read") from error


def canonical(content: object) -> bytes:
    """The one byte form of a JSON value."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def table_kinds() -> dict[str, dict[str, str]]:
    """Every table of this release with the kinds of its columns, those first to which others refer."""
    return {table.name: {column.name: _kind(column.type) for column in table.columns} for table in backed_up_tables()}


def backed_up_tables() -> list[Table]:
    """Every table of this release but those of :data:`_OF_THE_MOMENT`, those first to which others refer."""
    return [table for table in Model.metadata.sorted_tables if table.name not in _OF_THE_MOMENT]


def plain_table(name: str, kinds: Mapping[str, str]) -> Table:
    """A table of any release, good for adding rows to: only names and kinds of columns, no constraints."""
    return Table(name, MetaData(), *(Column(column, _KINDS[kind]) for column, kind in kinds.items()))


def to_line(row: Mapping[str, Any]) -> bytes:
    """One row as a line."""
    return json.dumps({name: _told(value) for name, value in row.items()}, ensure_ascii=False).encode() + b"\n"


def from_line(line: bytes, kinds: Mapping[str, str]) -> dict[str, Any]:
    """The row back. :raises BackupBroken: it is none of this table's."""
    try:
        row = json.loads(line)
        if row.keys() != kinds.keys():
            raise ValueError("other columns")
        return {name: _read(value, kinds[name]) for name, value in row.items()}
    except (ValueError, TypeError, AttributeError) as error:
        # Without the line: it holds names and sealed values.
        raise BackupBroken("backup-unreadable", "a row cannot be read") from error


def _kind(column: TypeEngine[Any] | TypeDecorator[Any]) -> str:
    match column:
        case LargeBinary():
            return "bytes"
        case UtcDateTime() | DateTime():
            return "moment"
        case Date():
            return "date"
        case Boolean():
            return "truth"
        case _:
            return "plain"


def _told(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


def _read(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "bytes":
            return base64.b64decode(value, validate=True)
        case "moment":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case _:
            return value
