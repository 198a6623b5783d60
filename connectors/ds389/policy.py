"""A password policy of 389 Directory Server: ``cn=config``, or the entry of a subtree's policy with the same names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from provisioner.connector import PasswordRules


@dataclass(frozen=True)
class PasswordPolicy:
    """The rules of one policy that matter here."""

    must_change: bool
    """``passwordMustChange``: a password that somebody else has set must be changed before anything else."""
    may_change: bool
    """``passwordChange``: with ``off`` nobody could ever leave the initial password behind."""
    lockout: bool
    """``passwordLockout``: with ``off`` guessing is unlimited."""
    syntax: bool
    """``passwordCheckSyntax``: with ``off`` any password is accepted, and ``min_length`` does not count."""
    min_length: int

    values: Mapping[str, list[str]]
    """Everything that was read, by lower-cased name."""

    ATTRIBUTES = (
        "passwordMustChange",
        "passwordChange",
        "passwordLockout",
        "passwordCheckSyntax",
        "passwordMinLength",
        "passwordMinUppers",
        "passwordMinLowers",
        "passwordMinDigits",
        "passwordMinSpecials",
        "passwordMin8bit",
        "passwordMinCategories",
        "passwordMaxRepeats",
        "passwordDictCheck",
        "passwordPalindrome",
        "passwordMaxSequence",
        "passwordMaxSeqSets",
        "passwordMaxClassChars",
        "passwordBadWords",
        "passwordHistory",
        "passwordInHistory",
        "passwordMinAge",
        "passwordExp",
        "passwordMaxAge",
        "passwordMaxFailure",
        "passwordUnlock",
        "passwordLockoutDuration",
    )

    FIRST_CHANGE = ("passwordMustChange", "passwordChange")
    """What :attr:`enforces_first_change` needs: each attribute of ``cn=config`` costs the server time."""

    @property
    def enforces_first_change(self) -> bool:
        """Whether somebody with an initial password can do nothing but change it, and can do that."""
        return self.must_change and self.may_change

    @classmethod
    def read(cls, values: Mapping[str, list[str]]) -> Self:
        """From the entry's values by lower-cased attribute name; what is absent has the server's default."""

        return cls(
            must_change=_on(values, "passwordMustChange"),
            may_change=_on(values, "passwordChange", "on"),
            lockout=_on(values, "passwordLockout"),
            syntax=_on(values, "passwordCheckSyntax"),
            min_length=_number(values, "passwordMinLength", 8),
            values=values,
        )

    def rules(self, source: str) -> PasswordRules:
        """What is demanded of passwords. Defaults as in the Configuration, Command, and File Reference."""
        values = self.values
        failures = _number(values, "passwordMaxFailure", 3) if self.lockout else 0
        unlocks = _on(values, "passwordUnlock", "on")
        demanded = PasswordRules(
            source=source,
            history=_number(values, "passwordInHistory", 6) if _on(values, "passwordHistory") else 0,
            min_age=_span(_number(values, "passwordMinAge")),
            max_age=_span(_number(values, "passwordMaxAge", 8640000)) if _on(values, "passwordExp") else None,
            lockout_after=failures,
            lockout_for=_span(_number(values, "passwordLockoutDuration", 3600)) if failures and unlocks else None,
        )
        return self._with_syntax(demanded) if self.syntax else demanded

    def _with_syntax(self, demanded: PasswordRules) -> PasswordRules:
        values = self.values
        counted = ("passwordMaxSequence", "passwordMaxSeqSets", "passwordMaxClassChars")
        searched = _on(values, "passwordDictCheck") or _on(values, "passwordPalindrome")
        return replace(
            demanded,
            min_length=self.min_length,
            capitals=_number(values, "passwordMinUppers"),
            small=_number(values, "passwordMinLowers"),
            digits=_number(values, "passwordMinDigits"),
            others=_number(values, "passwordMinSpecials"),
            beyond_ascii=_number(values, "passwordMin8bit"),
            kinds=_number(values, "passwordMinCategories", 3),
            repeats=_number(values, "passwordMaxRepeats"),
            examined=searched or bool(values.get("passwordbadwords")) or any(_number(values, each) for each in counted),
        )


def _on(values: Mapping[str, list[str]], name: str, default: str = "off") -> bool:
    return (values.get(name.lower()) or [default])[0].lower() in ("on", "true", "yes")


def _number(values: Mapping[str, list[str]], name: str, default: int = 0) -> int:
    text = (values.get(name.lower()) or [str(default)])[0]
    return int(text) if text.isdecimal() else 0


def _span(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
