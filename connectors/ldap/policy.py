"""The entry of a password policy (draft-behera-ldap-password-policy) as OpenLDAP's overlay keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from provisioner.connector import PasswordRules


@dataclass(frozen=True)
class PasswordPolicy:
    """The rules of one policy entry that matter here."""

    must_change: bool
    """``pwdMustChange``: with FALSE the server accepts ``pwdReset: TRUE`` and enforces nothing."""
    may_change: bool
    """``pwdAllowUserChange``: with FALSE nobody could ever leave the initial password behind."""
    lockout: bool
    """``pwdLockout``: with FALSE guessing is unlimited and ``pwdAccountLockedTime`` is ignored."""
    min_length: int
    quality: int
    """``pwdCheckQuality``; below 2 a user may store a hash of a password that nobody can check."""

    max_length: int = 0
    history: int = 0
    min_age: int = 0
    """In seconds, as the others of time."""
    max_age: int = 0
    max_failures: int = 0
    lockout_seconds: int = 0
    module: bool = False
    """A module of the server's looks into passwords (``pwdCheckModule``, from 2.6 ``pwdUseCheckModule``)."""

    ATTRIBUTES = (
        "pwdMustChange",
        "pwdAllowUserChange",
        "pwdLockout",
        "pwdMinLength",
        "pwdCheckQuality",
        "pwdMaxLength",
        "pwdInHistory",
        "pwdMinAge",
        "pwdMaxAge",
        "pwdMaxFailure",
        "pwdLockoutDuration",
        "pwdCheckModule",
        "pwdUseCheckModule",
    )

    @property
    def enforces_first_change(self) -> bool:
        """Whether an entry with ``pwdReset: TRUE`` can do nothing but change its password, and can do that."""
        return self.must_change and self.may_change

    @classmethod
    def read(cls, values: Mapping[str, list[Any]]) -> Self:
        """From the entry's values by lower-cased attribute name; what is absent has slapo-ppolicy's default."""

        def text(name: str, default: str) -> str:
            found = values.get(name.lower()) or [default]
            return found[0].decode(errors="replace") if isinstance(found[0], bytes) else str(found[0])

        def number(name: str) -> int:
            found = text(name, "0")
            return int(found) if found.isdecimal() else 0

        return cls(
            must_change=text("pwdMustChange", "FALSE") == "TRUE",
            may_change=text("pwdAllowUserChange", "TRUE") == "TRUE",
            lockout=text("pwdLockout", "FALSE") == "TRUE",
            min_length=number("pwdMinLength"),
            quality=number("pwdCheckQuality"),
            max_length=number("pwdMaxLength"),
            history=number("pwdInHistory"),
            min_age=number("pwdMinAge"),
            max_age=number("pwdMaxAge"),
            max_failures=number("pwdMaxFailure"),
            lockout_seconds=number("pwdLockoutDuration"),
            module=bool(text("pwdCheckModule", "")) or text("pwdUseCheckModule", "FALSE") == "TRUE",
        )

    def rules(self, source: str) -> PasswordRules:
        """What is demanded of passwords. With ``pwdCheckQuality`` 0 nothing looks at their length."""
        looked_at, locks = self.quality > 0, self.lockout and self.max_failures > 0
        return PasswordRules(
            source=source,
            min_length=self.min_length if looked_at else 0,
            max_length=self.max_length if looked_at else 0,
            history=self.history,
            min_age=_span(self.min_age),
            max_age=_span(self.max_age),
            lockout_after=self.max_failures if locks else 0,
            lockout_for=_span(self.lockout_seconds) if locks else None,
            examined=looked_at and self.module,
        )


def _span(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
