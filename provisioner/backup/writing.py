"""Making a backup while the service runs: one snapshot of the database, streamed, with the office's files."""

import gzip
import hashlib
import io
import os
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, func, select

from provisioner.audit.chain import GENESIS
from provisioner.backup.contents import (
    CHECK_PURPOSE,
    HEADER,
    MAC_PURPOSE,
    MANIFEST,
    TABLES,
    Header,
    Manifest,
    Part,
    backed_up_tables,
    table_kinds,
    to_line,
)
from provisioner.backup.encryption import encrypting, recipients_of
from provisioner.backup.office_files import office_files, refuse_keys_inside
from provisioner.backup.reading import verify_backup
from provisioner.errors import WrongState
from provisioner.provisioning.context import Context
from provisioner.release import release
from provisioner.store.locking import may_take_long
from provisioner.store.schema import SchemaState, revision_of, schema_state
from provisioner.store.tables import Model
from provisioner.store.tables.audit import AuditHeadRow, AuditRow

Progress = Callable[[int, int], None]
"""Told how many rows were written, and how many there are."""

_CHUNK = 1 << 20
_AT_ONCE, _AT_ONCE_OF_FILES = 200, 4
_COUNTED = ("letter", "request", "account", "official")
_COMPRESSION = 6


@dataclass(frozen=True)
class Written:
    """A backup that lies on the disk, read again."""

    file: Path
    made_at: datetime
    size: int
    sha256: str
    milliseconds: int
    encrypted: bool
    verified: str
    """See :class:`provisioner.store.tables.backups.BackupRow`."""
    manifest: Manifest


def write_backup(
    context: Context, file: Path, recipients: Sequence[str] = (), progress: Progress = lambda _done, _all: None
) -> Written:
    """Write, push to the disk, read again, and only then give it its name. Nothing else is changed anywhere.

    :raises ConfigurationError: the keys lie where they would go along, or a recipient is no public key.
    :raises WrongState: ``backup-schema-old``: run ``provisioner init``; ``backup-exists``.
    :raises BackupBroken: the disk does not hold what was written.
    :raises OSError: it cannot be written there.
    """
    began = time.monotonic()
    keys = recipients_of(recipients)
    refuse_keys_inside(context.settings)
    if schema_state(context.store.engine) is SchemaState.OLDER:
        raise WrongState("backup-schema-old", "the database is older than the program: run provisioner init first")
    if file.exists():
        raise WrongState("backup-exists", "a file of that name is there already", file=file.name)
    unfinished = file.with_name(f".{file.name}.{os.urandom(4).hex()}.unfinished")
    try:
        with _private(unfinished) as target, ExitStack() as stack:
            digest = _Hashing(target)
            sink: Any = stack.enter_context(encrypting(digest, keys)) if keys else digest  # type: ignore[arg-type]
            header, manifest = _Backup(context, progress).write(sink)
        verified = _read_again(context, unfinished, digest.hexdigest(), encrypted=bool(keys))
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _push_folder(file.parent)
    took = int((time.monotonic() - began) * 1000)
    made_at = datetime.fromisoformat(header.made_at)
    return Written(file, made_at, file.stat().st_size, digest.hexdigest(), took, bool(keys), verified, manifest)


def _read_again(context: Context, file: Path, sha256: str, *, encrypted: bool) -> str:
    if not encrypted:
        verify_backup(file, context.keyring)
        return "content"
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != sha256:
        raise OSError("the disk does not hold what was written")
    return "bytes"


class _Backup:
    """One backup being written."""

    def __init__(self, context: Context, progress: Progress) -> None:
        self._context = context
        self._progress = progress
        self._parts: dict[str, Part] = {}
        self._rows = self._all = 0

    def write(self, sink: BinaryIO) -> tuple[Header, Manifest]:
        with (
            gzip.GzipFile("", "wb", _COMPRESSION, sink, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|") as tar,
            _snapshot(self._context) as connection,
        ):
            header = self._header(connection)
            _add(tar, HEADER, header.to_json())
            tables = backed_up_tables()
            counts = {table.name: _count(connection, table) for table in tables}
            self._all = sum(counts.values())
            for table in tables:
                self._add_table(tar, connection, table)
            manifest = self._manifest(connection, header, counts)
            for name, content in office_files(self._context.settings):
                _add(tar, name, content)
                self._parts[name] = Part(hashlib.sha256(content).hexdigest(), len(content))
            manifest = replace(manifest, parts=self._parts)
            manifest = replace(manifest, mac=self._context.keyring.mac(MAC_PURPOSE, manifest.unsigned()).hex())
            _add(tar, MANIFEST, manifest.to_json())
        return header, manifest

    def _header(self, connection: Connection) -> Header:
        context, made_at = self._context, self._context.clock().astimezone(UTC).isoformat()
        return Header(
            made_at=made_at,
            release=release(),
            revision=revision_of(connection) or "",
            office=context.office.name,
            database=connection.dialect.name,
            keys=context.keyring.key_ids,
            key_check=context.keyring.mac(CHECK_PURPOSE, made_at.encode()).hex(),
            tables=table_kinds(),
        )

    def _add_table(self, tar: tarfile.TarFile, connection: Connection, table: Table) -> None:
        digest, size, rows = hashlib.sha256(), 0, 0
        for number, (content, count) in enumerate(_chunks(connection, table), start=1):
            _add(tar, f"{TABLES}{table.name}/{number:08d}.jsonl", content)
            digest.update(content)
            size, rows = size + len(content), rows + count
            self._rows += count
            self._progress(self._rows, self._all)
        if rows:
            self._parts[TABLES + table.name] = Part(digest.hexdigest(), size, rows)

    def _manifest(self, connection: Connection, header: Header, counts: dict[str, int]) -> Manifest:
        seq, head = (connection.execute(select(AuditHeadRow.seq, AuditHeadRow.hash)).one_or_none()) or (0, GENESIS)
        opened = select(func.count()).select_from(AuditRow).where(AuditRow.kind == "epoch-opened")
        return Manifest(
            header_sha256=hashlib.sha256(header.to_json()).hexdigest(),
            parts={},
            head_seq=seq,
            head_hash=head,
            epoch=connection.scalar(opened) or 0,
            counts={name: counts[name] for name in _COUNTED},
        )


@contextmanager
def _snapshot(context: Context) -> Iterator[Connection]:
    """One moment of the database, whatever is written meanwhile."""
    engine = context.store.engine
    if engine.dialect.name != "sqlite":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        may_take_long(connection)
        yield connection


def _chunks(connection: Connection, table: Table) -> Iterator[tuple[bytes, int]]:
    """The rows in the order of their keys, a piece that fits into memory at a time."""
    at_once = _AT_ONCE_OF_FILES if table.name in _tables_of_files() else _AT_ONCE
    asked = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=at_once)
    held, rows = io.BytesIO(), 0
    for row in connection.execute(asked).mappings():
        held.write(to_line(dict(row)))
        rows += 1
        if held.tell() >= _CHUNK:
            yield held.getvalue(), rows
            held, rows = io.BytesIO(), 0
    if rows:
        yield held.getvalue(), rows


def _tables_of_files() -> frozenset[str]:
    """Tables with whole papers in them: those with a column that is not loaded until it is asked for."""
    return frozenset(
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Model.registry.mappers
        if any(column.deferred for column in mapper.column_attrs)
    )


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))
    setattr(tar, "members", [])  # noqa: B010  The library would keep every one in memory; its types do not show it.


@dataclass
class _Hashing:
    """A file, and the digest of what is written to it."""

    target: BinaryIO
    _digest: Any = field(default_factory=hashlib.sha256)

    def write(self, content: bytes) -> int:
        """Write all of it."""
        self._digest.update(content)
        self.target.write(content)
        return len(content)

    def flush(self) -> None:
        """Hand it to the system."""
        self.target.flush()

    def hexdigest(self) -> str:
        """Of everything so far."""
        return str(self._digest.hexdigest())


@contextmanager
def _private(file: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner can read, pushed to the disk at the end."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        yield opened
        opened.flush()
        os.fsync(opened.fileno())


def _push_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
