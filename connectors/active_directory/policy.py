"""The password policy in force for an entry: the domain's own, or a fine-grained one (a PSO, MS-ADTS 3.1.1.4.5.37)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from connectors.active_directory.account_control import LAST_SET, instant, span, whole
from connectors.ldap_client.session import Entry, Session
from provisioner.connector import PasswordRules

RESULTANT = "msDS-ResultantPSO"
_COMPLEX = 0x1
_KINDS = 3

_DOMAIN = (
    "minPwdLength",
    "pwdHistoryLength",
    "minPwdAge",
    "maxPwdAge",
    "lockoutThreshold",
    "pwdProperties",
    "lockoutDuration",
)
_FINE = (
    "msDS-MinimumPasswordLength",
    "msDS-PasswordHistoryLength",
    "msDS-MinimumPasswordAge",
    "msDS-MaximumPasswordAge",
    "msDS-LockoutThreshold",
    "msDS-PasswordComplexityEnabled",
    "msDS-LockoutDuration",
)


@dataclass(frozen=True)
class PasswordPolicy:
    """The rules that matter here; ``source`` is the entry they stand in."""

    source: str
    min_length: int
    history: int
    min_age: timedelta
    max_age: timedelta | None
    lockout_after: int
    """Wrong passwords until the account is locked; 0: never."""
    complexity: bool
    lockout_for: timedelta | None = None
    """None: until somebody unlocks it."""

    @classmethod
    def of(cls, session: Session, domain: str, entry: Entry | None = None) -> Self | None:
        """What is in force for an entry, or for one that no PSO applies to. None when we may not read it.

        A PSO can by default be read by the domain's administrators only.
        """
        fine = session.read(entry.dn, [RESULTANT]) if entry else None
        pso = fine.first(RESULTANT) if fine else ""
        source, names = (pso, _FINE) if pso else (domain, _DOMAIN)
        found = session.read(source, names)
        if found is None or not found.first(names[0]):
            return None
        length, history, min_age, max_age, lockout, properties, lasts = (found.first(name) for name in names)
        return cls(
            source=source,
            min_length=whole(length),
            history=whole(history),
            min_age=span(min_age) or timedelta(0),
            max_age=span(max_age) if whole(max_age) else None,
            lockout_after=whole(lockout),
            complexity=properties.upper() == "TRUE" if pso else bool(whole(properties) & _COMPLEX),
            lockout_for=span(lasts) if whole(lasts) else None,
        )

    def rule_against(self, password: str, entry: Entry) -> str:
        """Which rule a refused password most likely broke: the domain controller does not say."""
        if len(password) < self.min_length:
            return "too-short"
        if self.complexity and _kinds(password) < _KINDS:
            return "quality"
        last = instant(entry.first(LAST_SET))
        if last is not None and datetime.now(UTC) - last < self.min_age:
            return "too-young"
        return "in-history" if self.history else "other"

    @property
    def rules(self) -> PasswordRules:
        """What is demanded of passwords; those that are issued here come in clear text."""
        return PasswordRules(
            source=self.source,
            judges_issued=True,
            min_length=self.min_length,
            kinds=_KINDS if self.complexity else 0,
            history=self.history,
            min_age=self.min_age or None,
            max_age=self.max_age,
            lockout_after=self.lockout_after,
            lockout_for=self.lockout_for if self.lockout_after else None,
        )

    def __str__(self) -> str:
        age = "never expire" if self.max_age is None else f"expire after {self.max_age.days} days"
        return (
            f"at least {self.min_length} characters, {'three kinds of them, ' if self.complexity else ''}"
            f"not the last {self.history}, at most one change in {self.min_age.total_seconds() / 3600:.0f} h, {age}, "
            + (f"locked after {self.lockout_after} wrong ones" if self.lockout_after else "never locked")
        )


def _kinds(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdecimal, lambda letter: not letter.isalnum())
    return sum(any(test(letter) for letter in password) for test in tests)
