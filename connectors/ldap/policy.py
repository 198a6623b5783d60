"""The entry of a password policy (draft-behera-ldap-password-policy) as OpenLDAP's overlay keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


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

    ATTRIBUTES = ("pwdMustChange", "pwdAllowUserChange", "pwdLockout", "pwdMinLength", "pwdCheckQuality")

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
        )
