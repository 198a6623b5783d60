"""A system that takes passwords in clear text only, as a domain does, in an SQLite file: cheap enough to be killed at
every point of its work, and still there afterwards.

Everything but the passwords is the table's own connector; what it is given in clear text it keeps as a hash.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors import argon2id
from connectors.table import TableConnector
from provisioner.connector import (
    Authentication,
    Changes,
    Connector,
    ConnectorContext,
    Finding,
    InvalidAttribute,
    Limits,
    Marker,
    NewAccount,
    PolicyViolation,
    Profile,
    RemoteAccount,
    TargetUnavailable,
    Verifier,
)

_COST = argon2id.Cost(64, 1)
ENTITLEMENTS = {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk"]}


@dataclass
class Moods:
    """What a test makes the system do."""

    down: bool = False
    shortest: int = 10
    """Characters a password must have, whoever sets it."""
    before_set: Callable[[], None] = lambda: None
    after_set: Callable[[], None] = lambda: None
    """Called once a password was set, before that is answered."""


class ClearTextTable:
    """The port, with :class:`~provisioner.connector.SetsPasswords` and without verifiers."""

    def __init__(self, file: Path) -> None:
        settings: dict[str, Any] = {
            "url": f"sqlite:///{file}",
            "create_tables": True,
            "argon2_memory_kib": 64,
            "argon2_iterations": 1,
            "entitlements": {"rules": ENTITLEMENTS},
        }
        self._rows: Any = TableConnector.from_settings(settings, ConnectorContext("domain"))
        taken: Limits = self._rows.limits
        self.limits = Limits(taken.username_max_length, taken.username_pattern, ())
        self.moods = Moods()
        self.given: list[str] = []
        """Every password that was set, oldest first."""

    @classmethod
    def from_settings(cls, settings: Any, context: ConnectorContext) -> "ClearTextTable":
        """See :class:`~provisioner.connector.Connector`."""
        del context
        return cls(Path(settings["file"]))

    def check(self) -> list[Finding]:
        """See :class:`~provisioner.connector.Connector`."""
        return list(self._rows.check())

    def close(self) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        self._rows.close()

    def get(self, username: str) -> RemoteAccount | None:
        """See :class:`~provisioner.connector.Connector`."""
        found: RemoteAccount | None = self._up().get(username)
        return found

    def find(self, account_id: str) -> list[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        return list(self._up().find(account_id))

    def search(self) -> Iterator[RemoteAccount]:
        """See :class:`~provisioner.connector.Connector`."""
        yield from self._up().search()

    def create(self, new: NewAccount) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        if new.verifier is not None:
            raise InvalidAttribute("no verifiers are taken", "verifier")
        made: RemoteAccount = self._up().create(new)
        return made

    def update(self, current: RemoteAccount, changes: Changes, marker: Marker) -> RemoteAccount:
        """See :class:`~provisioner.connector.Connector`."""
        if changes.verifier is not None:
            raise InvalidAttribute("no verifiers are taken", "verifier")
        changed: RemoteAccount = self._up().update(current, changes, marker)
        return changed

    def delete(self, current: RemoteAccount) -> None:
        """See :class:`~provisioner.connector.Connector`."""
        self._up().delete(current)

    def set_password(
        self, current: RemoteAccount, password: str, marker: Marker, *, must_change: bool
    ) -> RemoteAccount:
        """See :class:`~provisioner.connector.SetsPasswords`."""
        rows = self._up()
        self.moods.before_set()
        if len(password) < self.moods.shortest:
            raise PolicyViolation("the password is too short", "too-short")
        verifier = Verifier(argon2id.SCHEME, argon2id.derive(password, _COST))
        changed: RemoteAccount = rows.update(current, Changes(verifier=verifier, must_change=must_change), marker)
        self.given.append(password)
        self.moods.after_set()
        return changed

    def open_session_limit(self) -> timedelta | None:
        """See :class:`~provisioner.connector.Suspends`."""
        return None

    def entitlements_for(self, profile: Profile) -> frozenset[str]:
        """See :class:`~provisioner.connector.Entitles`."""
        named: frozenset[str] = self._rows.entitlements_for(profile)
        return named

    def grant(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`."""
        self._up().grant(current, entitlement)

    def revoke(self, current: RemoteAccount, entitlement: str) -> None:
        """See :class:`~provisioner.connector.Entitles`."""
        self._up().revoke(current, entitlement)

    def authenticate(self, username: str, password: str) -> Authentication:
        """See :class:`~provisioner.connector.Authenticates`."""
        told: Authentication = self._up().authenticate(username, password)
        return told

    def change_password(self, username: str, old: str, new: str) -> None:
        """See :class:`~provisioner.connector.Authenticates`."""
        self._up().change_password(username, old, new)

    def _up(self) -> Any:
        if self.moods.down:
            raise TargetUnavailable("the system is down")
        return self._rows


_: type[Connector] = ClearTextTable
