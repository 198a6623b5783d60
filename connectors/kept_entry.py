"""An entry of a target that is no server: the connector itself keeps it, and decides as a server would."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from connectors import argon2id
from provisioner.connector import (
    Authentication,
    Changes,
    InvalidAttribute,
    Marker,
    Outcome,
    PermissionDenied,
    PolicyViolation,
    RemoteAccount,
    StaleVersion,
    Verifier,
)


@dataclass
class KeptEntry:
    """Only code that has the entries to itself reads or changes one."""

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

    def require_unchanged(self, current: RemoteAccount) -> None:
        """It is still what was read as ``current``.

        :raises PermissionDenied: it is a stranger's.
        :raises StaleVersion: its marker is another one now.
        """
        if current.marker is None:
            raise PermissionDenied("the entry does not carry our marker")
        if self.marker != current.marker:
            raise StaleVersion("the entry's marker is not the one that was read")

    def require_unmarked(self, current: RemoteAccount) -> None:
        """It is a stranger's, as it was when it was read as ``current``.

        :raises PermissionDenied: it was not.
        :raises StaleVersion: it is not any more.
        """
        if current.marker is not None:
            raise PermissionDenied("the entry carries a marker already")
        if self.marker is not None:
            raise StaleVersion("the entry carries a marker by now")

    def change(self, changes: Changes, marker: Marker) -> None:
        """All of it at once; that the verifier and a new name are taken has been asked before."""
        if changes.username is not None:
            self.username = changes.username
        if changes.profile is not None:
            self.profile = dict(changes.profile.values())
        if changes.verifier is not None:
            self.verifier = changes.verifier.text
        self.enabled = self.enabled if changes.enabled is None else changes.enabled
        self.must_change = self.must_change if changes.must_change is None else changes.must_change
        self.marker = marker

    def sign_in(self, at: datetime) -> Authentication:
        """The right password was given."""
        if not self.enabled:
            return Authentication(Outcome.LOCKED)
        if self.must_change:
            return Authentication(Outcome.MUST_CHANGE)
        self.open_sessions += 1
        self.last_sign_in = at
        return Authentication(Outcome.ACCEPTED)

    def end_sessions(self) -> int:
        """How many were open."""
        ended, self.open_sessions = self.open_sessions, 0
        return ended


def text_of(verifier: Verifier | None) -> str | None:
    """What is kept of a verifier.

    :raises InvalidAttribute: it cannot be compared with a password here.
    """
    if verifier is not None and (verifier.scheme != argon2id.SCHEME or argon2id.Cost.of(verifier.text) is None):
        raise InvalidAttribute("only argon2id verifiers with one lane are taken", "verifier")
    return verifier.text if verifier else None


def require_acceptable(old: str, new: str, min_length: int) -> None:
    """:raises PolicyViolation: the new password is too short, or the old one."""
    if len(new) < min_length:
        raise PolicyViolation("the new password is too short", rule="too-short")
    if new == old:
        raise PolicyViolation("the new password is the old one", rule="in-history")
