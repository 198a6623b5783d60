"""What every target can do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

from provisioner.connector.entry import Changes, Marker, NewAccount, RemoteAccount
from provisioner.connector.finding import Finding
from provisioner.connector.people import TaskBoard


@dataclass(frozen=True)
class Limits:
    """What a user name must be to fit this target, and which verifier schemes it takes (first is preferred)."""

    username_max_length: int = 64
    username_pattern: str = r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
    """A regular expression the whole name must match."""
    verifier_schemes: tuple[str, ...] = ("argon2id",)
    """Empty: the target takes no verifier (clear text or a person only)."""


@dataclass(frozen=True)
class ConnectorContext:
    """What the core hands to a connector besides its settings."""

    target: str
    """The target's identifier in the settings, e.g. ``direktori``."""
    call_timeout: float = 10.0
    """Seconds allowed for one call; always shorter than a lease."""
    board: TaskBoard | None = None


@runtime_checkable
class Connector(Protocol):
    """A target. See :mod:`provisioner.connector` for what every method may raise."""

    limits: Limits

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], context: ConnectorContext) -> Self:
        """Validate ``settings`` (never connects) and build the connector.

        :raises ValueError: a setting is missing or wrong; the message names it.
        """

    def check(self) -> list[Finding]:
        """Reach the target and report reachability, rights, clock, certificate and effective password policy.

        Never raises: what goes wrong is a finding.
        """

    def get(self, username: str) -> RemoteAccount | None:
        """The entry under this user name, ours or a stranger's; None if absent. Compares names as the target does."""

    def find(self, account_id: str) -> list[RemoteAccount]:
        """Every entry that carries our marker for this account, under whatever name. More than one is a conflict."""

    def search(self) -> Iterator[RemoteAccount]:
        """Every account there, ours and strangers', streamed page by page."""

    def create(self, new: NewAccount) -> RemoteAccount:
        """Create the entry whole in one call, read it back and return it.

        With ``must_change`` it is proven from the *effective* policy that the target really enforces the change.

        :raises AccountExists: the name is taken (``marker`` tells whose).
        :raises PolicyViolation: rule ``not-enforced`` when the first change would not be enforced; the entry is then
            left disabled under its marker.
        """

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """Apply ``changes`` and replace ``current.marker`` by ``marker`` in one conditional call.

        :raises StaleVersion: the entry's marker is no longer ``current.marker``.
        :raises UnknownAccount: the entry is gone.
        """

    def delete(self, current: RemoteAccount) -> None:
        """Remove the entry on condition that it still carries ``current.marker``. Absent already is success.

        :raises StaleVersion: somebody newer wrote.
        """

    def close(self) -> None:
        """Give back connections. The connector is not used afterwards."""
