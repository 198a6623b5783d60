"""Signing in at a target, and what becomes of those who are signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, runtime_checkable

from provisioner.connector.entry import RemoteAccount


class Outcome(Enum):
    """Answers of :meth:`Authenticates.authenticate`."""

    ACCEPTED = "accepted"
    MUST_CHANGE = "must-change"
    """Right password, but nothing except changing it is allowed."""
    REJECTED = "rejected"
    """Wrong password or unknown user: the target does not say which."""
    LOCKED = "locked"
    """Locked out or disabled. Some targets say so only for the right password."""
    EXPIRED = "expired"


@dataclass(frozen=True)
class Authentication:
    """How a sign-in attempt ended, told by the target itself."""

    outcome: "Outcome"
    message: str = ""
    grace: timedelta | None = None
    password_set: str = ""
    """When the password was last set, in the target's own words: another text for every password. Read before the
    password was tried. Empty: the target does not tell."""


@runtime_checkable
class Authenticates(Protocol):
    """A person can sign in at this target, and change the password there on their own connection."""

    def authenticate(self, username: str, password: str) -> Authentication: ...

    def change_password(self, username: str, old: str, new: str) -> None:
        """Change on the user's *own* connection, so that the target's rules for users apply.

        :raises PermissionDenied: the old password is wrong or the account may not change it.
        :raises PolicyViolation: the target's policy refuses the new one; ``rule`` says why.
        """


@runtime_checkable
class EndsSessions(Protocol):
    """The target can end a user's open sessions."""

    def end_sessions(self, current: RemoteAccount) -> int: ...


@runtime_checkable
class ReportsSignIns(Protocol):
    """The target knows when the user last signed in."""

    def last_sign_in(self, current: RemoteAccount) -> datetime | None: ...
