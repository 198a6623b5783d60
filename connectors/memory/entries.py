"""The entries of a target kept in memory, and the conditions under which they may change."""

from connectors.kept_entry import KeptEntry
from provisioner.connector import AccountExists, RemoteAccount, UnknownAccount


class Entries:
    """Entries by their immutable id, with user names unique whatever their case."""

    def __init__(self) -> None:
        self._by_id: dict[str, KeptEntry] = {}

    def all(self) -> list[KeptEntry]:
        """Every entry, in order of creation."""
        return list(self._by_id.values())

    def named(self, username: str) -> KeptEntry | None:
        """The entry under this user name."""
        wanted = username.lower()
        return next((entry for entry in self._by_id.values() if entry.username.lower() == wanted), None)

    def add(self, entry: KeptEntry) -> None:
        """:raises AccountExists: the name is taken."""
        self.require_free(entry.username)
        self._by_id[entry.remote_id] = entry

    def require_free(self, username: str, but_for: KeptEntry | None = None) -> None:
        """:raises AccountExists: an entry other than ``but_for`` has the name."""
        owner = self.named(username)
        if owner is not None and owner is not but_for:
            raise AccountExists(f"the user name {username!r} is taken", owner.marker, owner.remote_id)

    def present(self, current: RemoteAccount) -> KeptEntry:
        """The entry that was read as ``current``.

        :raises UnknownAccount: it is gone.
        :raises PermissionDenied: it is a stranger's.
        :raises StaleVersion: its marker is another one now.
        """
        entry = self._by_id.get(current.remote_id)
        if entry is None:
            raise UnknownAccount("the entry is gone")
        entry.require_unchanged(current)
        return entry

    def unmarked(self, current: RemoteAccount) -> KeptEntry:
        """The stranger's entry that was read as ``current``.

        :raises UnknownAccount: it is gone. :raises PermissionDenied: it was not a stranger's.
        :raises StaleVersion: it is not any more.
        """
        entry = self._by_id.get(current.remote_id)
        if entry is None:
            raise UnknownAccount("the entry is gone")
        entry.require_unmarked(current)
        return entry

    def remove(self, entry: KeptEntry) -> None:
        """Forget an entry."""
        del self._by_id[entry.remote_id]
