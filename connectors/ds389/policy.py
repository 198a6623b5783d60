"""A password policy of 389 Directory Server: ``cn=config``, or the entry of a subtree's policy with the same names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


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

    ATTRIBUTES = ("passwordMustChange", "passwordChange", "passwordLockout", "passwordCheckSyntax", "passwordMinLength")

    @property
    def enforces_first_change(self) -> bool:
        """Whether somebody with an initial password can do nothing but change it, and can do that."""
        return self.must_change and self.may_change

    @classmethod
    def read(cls, values: Mapping[str, list[str]]) -> Self:
        """From the entry's values by lower-cased attribute name; what is absent has the server's default."""

        def on(name: str, default: str = "off") -> bool:
            return (values.get(name.lower()) or [default])[0].lower() in ("on", "true", "yes")

        length = (values.get("passwordminlength") or ["8"])[0]
        return cls(
            must_change=on("passwordMustChange"),
            may_change=on("passwordChange", "on"),
            lockout=on("passwordLockout"),
            syntax=on("passwordCheckSyntax"),
            min_length=int(length) if length.isdecimal() else 0,
        )
