"""The entries in their file, which several processes may use, with a journal of every effect.

Nothing is kept open between two calls: a process that is killed, stopped or forked leaves nothing behind.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.chaos.entry import Entry
from provisioner.connector import (
    AccountExists,
    Marker,
    RemoteAccount,
    TargetUnavailable,
    UnknownAccount,
)

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    remote_id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE, marker TEXT, account_id TEXT,
    enabled INTEGER NOT NULL, must_change INTEGER NOT NULL, verifier TEXT, profile TEXT NOT NULL,
    entitlements TEXT NOT NULL, open_sessions INTEGER NOT NULL, last_sign_in TEXT
);
CREATE INDEX IF NOT EXISTS entries_of_an_account ON entries (account_id);
CREATE TABLE IF NOT EXISTS effects (
    number INTEGER PRIMARY KEY, operation TEXT NOT NULL, remote_id TEXT NOT NULL, marker TEXT
);
"""
_PUT = """
INSERT INTO entries VALUES (:remote_id, :username, :marker, :account_id, :enabled, :must_change, :verifier, :profile,
    :entitlements, :open_sessions, :last_sign_in)
ON CONFLICT (remote_id) DO UPDATE SET username = :username, marker = :marker, account_id = :account_id,
    enabled = :enabled, must_change = :must_change, verifier = :verifier, profile = :profile,
    entitlements = :entitlements, open_sessions = :open_sessions, last_sign_in = :last_sign_in
"""
_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Effect:
    """Something that happened to an entry, and the marker that it carried then."""

    operation: str
    remote_id: str
    marker: Marker | None


class Entries:
    """The file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def held(self, *, to_change: bool = False) -> Iterator["Held"]:
        """All of it, in one transaction; ``to_change``: nobody else's comes between. It counts when the block ends
        well.

        :raises TargetUnavailable: the file cannot be opened, or somebody else holds it too long.
        """
        try:
            with closing(sqlite3.connect(self._file, _WAIT_SECONDS, isolation_level=None)) as connection:
                connection.row_factory = sqlite3.Row
                # What is written survives the end of a process; only a power cut could take it.
                connection.execute("PRAGMA synchronous=OFF")
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'effects'").fetchone():
                    connection.executescript(_TABLES)
                connection.execute("BEGIN IMMEDIATE" if to_change else "BEGIN")
                yield Held(connection)
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise TargetUnavailable("the file of accounts cannot be used now") from error

    def effects(self) -> list[Effect]:
        """Everything that ever took effect, in order."""
        with self.held() as held:
            return held.effects()


class Held:
    """The entries inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Entry]:
        """Every entry."""
        return self._entries("SELECT * FROM entries ORDER BY rowid")

    def of_account(self, account_id: str) -> list[Entry]:
        """Every entry that carries this account's marker."""
        return self._entries("SELECT * FROM entries WHERE account_id = ?", account_id)

    def named(self, username: str) -> Entry | None:
        """The entry under this user name."""
        found = self._entries("SELECT * FROM entries WHERE username = ?", username)
        return found[0] if found else None

    def present(self, current: RemoteAccount) -> Entry:
        """The entry that was read as ``current``.

        :raises UnknownAccount: it is gone.
        :raises PermissionDenied: it is a stranger's.
        :raises StaleVersion: its marker is another one now.
        """
        entry = self._identified(current.remote_id)
        entry.require_unchanged(current)
        return entry

    def unmarked(self, current: RemoteAccount) -> Entry:
        """The stranger's entry that was read as ``current``.

        :raises UnknownAccount: it is gone. :raises PermissionDenied: it was not a stranger's.
        :raises StaleVersion: it is not any more.
        """
        entry = self._identified(current.remote_id)
        entry.require_unmarked(current)
        return entry

    def require_free(self, username: str, but_for: Entry | None = None) -> None:
        """:raises AccountExists: an entry other than ``but_for`` has the name."""
        owner = self.named(username)
        if owner is not None and (but_for is None or owner.remote_id != but_for.remote_id):
            raise AccountExists("the user name is taken", owner.marker, owner.remote_id)

    def put(self, entry: Entry, operation: str) -> None:
        """As it is now."""
        self._connection.execute(_PUT, entry.row())
        self._note(entry, operation)

    def remove(self, entry: Entry) -> None:
        """Forget it."""
        self._connection.execute("DELETE FROM entries WHERE remote_id = ?", (entry.remote_id,))
        self._note(entry, "delete")

    def effects(self) -> list[Effect]:
        """See :meth:`Entries.effects`."""
        rows = self._connection.execute("SELECT operation, remote_id, marker FROM effects ORDER BY number")
        return [Effect(row["operation"], row["remote_id"], Marker.parse(row["marker"] or "")) for row in rows]

    def _identified(self, remote_id: str) -> Entry:
        found = self._entries("SELECT * FROM entries WHERE remote_id = ?", remote_id)
        if not found:
            raise UnknownAccount("the entry is gone")
        return found[0]

    def _note(self, entry: Entry, operation: str) -> None:
        marker = str(entry.marker) if entry.marker is not None else None
        self._connection.execute(
            "INSERT INTO effects (operation, remote_id, marker) VALUES (?, ?, ?)", (operation, entry.remote_id, marker)
        )

    def _entries(self, question: str, *values: Any) -> list[Entry]:
        return [Entry.of(row) for row in self._connection.execute(question, values)]
