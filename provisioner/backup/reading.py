"""Reading a backup once, from front to back, and checking all of it on the way."""

import hashlib
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

from provisioner.audit.chain import GENESIS, ChainRow
from provisioner.audit.chain import MAC_PURPOSE as ROW_MAC
from provisioner.audit.stored import stored_content
from provisioner.backup.contents import (
    CHECK_PURPOSE,
    HEADER,
    MAC_PURPOSE,
    MANIFEST,
    TABLES,
    BackupBroken,
    Header,
    Manifest,
    Part,
    from_line,
)
from provisioner.backup.encryption import decrypting, identities_in, is_encrypted
from provisioner.keyring import Keyring

_LARGEST_MEMBER = 512 << 20


@dataclass(frozen=True)
class Rows:
    """Some rows of one table, in their order."""

    table: str
    rows: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class OfficeFile:
    """One file beside the database."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Verified:
    """What a backup holds, once all of it was read."""

    header: Header
    manifest: Manifest
    trail_sound: bool
    """Whether its audit trail is chained without a fault, and with MACs of ours where keys were given."""
    keys_checked: bool


class BackupReader:
    """A backup that is being read. :meth:`parts` first, to its end; then :attr:`verified`."""

    def __init__(self, stream: BinaryIO, keyring: Keyring | None) -> None:
        """:raises BackupBroken: it is none of ours, or these keys are not its."""
        self._keyring = keyring
        self._found: dict[str, _Sum] = {}
        self._trail = _Trail(keyring)
        self._manifest: Manifest | None = None
        with _faults():
            self._tar = tarfile.open(fileobj=stream, mode="r|gz")  # noqa: SIM115  It is the caller's stream.
            first = self._tar.next()
            if first is None or first.name != HEADER:
                raise BackupBroken("backup-unreadable", "this is no backup of ours")
            self._header_bytes = self._content(first)
        self.header = Header.from_json(self._header_bytes)
        if keyring is not None:
            check_keys(self.header, keyring)

    def parts(self) -> Iterator[Rows | OfficeFile]:
        """Everything in it. What it holds is only to be believed once this has come to its end.

        :raises BackupBroken: it was changed or broken off.
        """
        with _faults():
            while (member := self._tar.next()) is not None:
                content = self._content(member)
                if member.name == MANIFEST:
                    self._close(Manifest.from_json(content))
                elif self._manifest is not None:
                    raise BackupBroken("backup-broken", "something stands behind its manifest")
                else:
                    yield self._part(member.name, content)
                setattr(self._tar, "members", [])  # noqa: B010  The library would keep every one in memory; its types do not show it.
        if self._manifest is None:
            raise BackupBroken("backup-incomplete", "it was broken off: it has no manifest")

    @property
    def verified(self) -> Verified:
        """The sum, once everything was read."""
        if self._manifest is None:
            raise BackupBroken("backup-incomplete", "it was not read to its end")
        return Verified(self.header, self._manifest, self._trail.sound(self._manifest), self._keyring is not None)

    def _content(self, member: tarfile.TarInfo) -> bytes:
        opened = self._tar.extractfile(member) if member.size <= _LARGEST_MEMBER else None
        if opened is None:
            raise BackupBroken("backup-broken", "something in it is not a file of ours")
        return opened.read()

    def _part(self, name: str, content: bytes) -> Rows | OfficeFile:
        if not name.startswith(TABLES):
            self._found[name] = _Sum()
            self._found[name].add(content)
            return OfficeFile(name, content)
        table = name.removeprefix(TABLES).partition("/")[0]
        kinds = self.header.tables.get(table)
        if kinds is None:
            raise BackupBroken("backup-broken", "it holds rows of a table that its header does not name")
        lines = content.splitlines()
        self._found.setdefault(TABLES + table, _Sum(rows=0)).add(content, len(lines))
        rows = [from_line(line, kinds) for line in lines]
        if table == "audit":
            self._trail.follow(rows)
        return Rows(table, rows)

    def _close(self, manifest: Manifest) -> None:
        if manifest.header_sha256 != hashlib.sha256(self._header_bytes).hexdigest():
            raise BackupBroken("backup-broken", "its header is not the one that its manifest names")
        if {name: each.part() for name, each in self._found.items()} != dict(manifest.parts):
            raise BackupBroken("backup-broken", "something in it is not as its manifest says")
        if self._keyring is not None and self._keyring.mac(MAC_PURPOSE, manifest.unsigned()).hex() != manifest.mac:
            raise BackupBroken("backup-forged", "its manifest was not written with this office's keys")
        self._manifest = manifest


def check_keys(header: Header, keyring: Keyring) -> None:
    """:raises BackupBroken: ``backup-keys-wrong``: another office's; ``backup-keys-missing``: one that is needed is not
    among them.
    """
    if keyring.mac(CHECK_PURPOSE, header.made_at.encode()).hex() != header.key_check:
        raise BackupBroken("backup-keys-wrong", "these keys do not belong to it: put the right key file in its place")
    if missing := sorted(set(header.keys) - set(keyring.key_ids)):
        raise BackupBroken("backup-keys-missing", "it needs keys that are not here", keys=", ".join(missing))


@contextmanager
def opened_backup(file: Path, keyring: Keyring | None, identity: str = "") -> Iterator[BackupReader]:
    """``identity``: the text with the private key, for an encrypted one.

    :raises BackupBroken: ``backup-encrypted``: it is, and no private key was given; and see :class:`BackupReader`.
    """
    with ExitStack() as stack:
        stream: BinaryIO = stack.enter_context(file.open("rb"))
        if is_encrypted(file):
            if not identity:
                raise BackupBroken("backup-encrypted", "it is encrypted: its private key is needed")
            stream = stack.enter_context(decrypting(stream, identities_in(identity)))
        yield BackupReader(stream, keyring)


def verify_backup(file: Path, keyring: Keyring | None, identity: str = "") -> Verified:
    """Read all of it. Needs neither database nor settings; with keys also says whether they are its.

    :raises BackupBroken: it is not whole.
    """
    with opened_backup(file, keyring, identity) as reader:
        for _ in reader.parts():
            pass
        return reader.verified


@dataclass
class _Sum:
    size: int = 0
    rows: int | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, content: bytes, rows: int = 0) -> None:
        self.size += len(content)
        self.digest.update(content)
        if self.rows is not None:
            self.rows += rows

    def part(self) -> Part:
        return Part(self.digest.hexdigest(), self.size, self.rows)


class _Trail:
    """Follows the audit trail while it passes."""

    def __init__(self, keyring: Keyring | None) -> None:
        self._keyring = keyring
        self._seq, self._hash, self._good = 0, GENESIS, True

    def follow(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            content = ChainRow.from_content(stored_content(cast("Any", SimpleNamespace(**row))))
            linked = row["seq"] == self._seq + 1 and row["previous"] == self._hash
            self._good = self._good and linked and content.hash() == row["hash"] and self._written_by_us(row)
            self._seq, self._hash = row["seq"], row["hash"]

    def sound(self, manifest: Manifest) -> bool:
        return self._good and (self._seq, self._hash) == (manifest.head_seq, manifest.head_hash)

    def _written_by_us(self, row: dict[str, Any]) -> bool:
        return self._keyring is None or self._keyring.mac(ROW_MAC, bytes.fromhex(row["hash"])).hex() == row["mac"]


@contextmanager
def _faults() -> Iterator[None]:
    """What the libraries say about a file that is damaged, in our words."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupBroken("backup-broken", "it was changed or broken off") from error
