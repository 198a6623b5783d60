"""The entries of a target kept in memory, and the conditions under which they may change."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from provisioner.connector import (
    AccountExists,
    Marker,
    PermissionDenied,
    RemoteAccount,
    StaleVersion,
    UnknownAccount,
)


@dataclass
class Entry:
    """One entry. Only code that holds the connector's lock reads or changes it."""

    username: str
    marker: Marker | None
    enabled: bool = True
    must_change: bool = False
    verifier: str | None = field(default=None, repr=False)
    profile: dict[str, str] = field(default_factory=dict)
    entitlements: set[str] = field(default_factory=set)
    open_sessions: int = 0
    last_sign_in: datetime | None = None
    remote_id: str = field(default_factory=lambda: uuid4().hex)

    def seen(self) -> RemoteAccount:
        """The entry as the core may see it."""
        return RemoteAccount(
            remote_id=self.remote_id,
            username=self.username,
            marker=self.marker,
            enabled=self.enabled,
            must_change=self.must_change,
            profile=dict(self.profile),
            entitlements=frozenset(self.entitlements),
        )


class Entries:
    """Entries by their immutable id, with user names unique whatever their case."""

    def __init__(self) -> None:
        self._by_id: dict[str, Entry] = {}

    def all(self) -> list[Entry]:
        """Every entry, in order of creation."""
        return list(self._by_id.values())

    def named(self, username: str) -> Entry | None:
        """The entry under this user name."""
        wanted = username.lower()
        return next((entry for entry in self._by_id.values() if entry.username.lower() == wanted), None)

    def add(self, entry: Entry) -> None:
        """:raises AccountExists: the name is taken."""
        self.require_free(entry.username)
        self._by_id[entry.remote_id] = entry

    def require_free(self, username: str, but_for: Entry | None = None) -> None:
        """:raises AccountExists: an entry other than ``but_for`` has the name."""
        owner = self.named(username)
        if owner is not None and owner is not but_for:
            raise AccountExists(f"the user name {username!r} is taken", owner.marker, owner.remote_id)

    def present(self, current: RemoteAccount) -> Entry:
        """The entry that was read as ``current``.

        :raises UnknownAccount: it is gone.
        :raises PermissionDenied: it is a stranger's.
        :raises StaleVersion: its marker is another one now.
        """
        entry = self._by_id.get(current.remote_id)
        if entry is None:
            raise UnknownAccount("the entry is gone")
        if current.marker is None:
            raise PermissionDenied("the entry does not carry our marker")
        if entry.marker != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")
        return entry

    def unmarked(self, current: RemoteAccount) -> Entry:
        """The stranger's entry that was read as ``current``.

        :raises UnknownAccount: it is gone. :raises PermissionDenied: it was not a stranger's.
        :raises StaleVersion: it is not any more.
        """
        entry = self._by_id.get(current.remote_id)
        if entry is None:
            raise UnknownAccount("the entry is gone")
        if current.marker is not None:
            raise PermissionDenied("the entry carries a marker already")
        if entry.marker is not None:
            raise StaleVersion("the entry carries a marker by now")
        return entry

    def remove(self, entry: Entry) -> None:
        """Forget an entry."""
        del self._by_id[entry.remote_id]
