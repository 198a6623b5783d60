"""What a target demands of passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class PasswordRules:
    """What a target demands of passwords, as far as it shows it. Zero and None: no such rule."""

    source: str = ""
    """Where the rules stand there, in the target's own words."""
    judges_issued: bool = False
    """Whether it judges the initial passwords that are issued here: it gets them in clear text. What it gets a one-way
    form of, it cannot look into; its users' own passwords it judges all the same."""
    min_length: int = 0
    max_length: int = 0
    capitals: int = 0
    """So many capital letters at least; and so on."""
    small: int = 0
    digits: int = 0
    others: int = 0
    """Signs that are neither letters nor digits."""
    beyond_ascii: int = 0
    kinds: int = 0
    """So many of these kinds must be there: capitals, small letters, digits, others."""
    repeats: int = 0
    """The same sign may stand no more than so many times in a row."""
    history: int = 0
    """So many former passwords are refused."""
    min_age: timedelta | None = None
    """How long a password must stand before its user may change it again."""
    max_age: timedelta | None = None
    """After so long a password is no longer valid."""
    lockout_after: int = 0
    """Wrong passwords until an account is locked."""
    lockout_for: timedelta | None = None
    """For how long; None: until somebody unlocks it."""
    examined: bool = False
    """It looks into passwords with a word list or a module whose rules it does not show."""


@runtime_checkable
class ShowsPasswordRules(Protocol):
    """The target has a password policy of its own and shows it."""

    def password_rules(self) -> Sequence[PasswordRules]:
        """The rules in force for accounts that are made here; further ones where some of ours are under others. Empty:
        it has none, or does not show them to the service account.

        :raises ConnectorError: it cannot be asked.
        """
