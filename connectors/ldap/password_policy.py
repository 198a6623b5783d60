"""Password policies (draft-behera-ldap-password-policy) as OpenLDAP implements them: the control and the policy entry.

The control must be asked for with the bind: without it a bind with an initial password is a plain success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from connectors.ldap.ber import elements

CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
REQUEST = (CONTROL, False, None)

EXPIRED = 0
LOCKED = 1
CHANGE_AFTER_RESET = 2
CHANGE_NOT_ALLOWED = 3
OLD_PASSWORD_NEEDED = 4

RULES: Mapping[int, str] = {5: "quality", 6: "too-short", 7: "too-young", 8: "in-history", 9: "too-long"}
"""Error of the control to ``rule`` of :class:`~provisioner.connector.PolicyViolation`."""


@dataclass(frozen=True)
class PolicyAnswer:
    """What the control of an answer says. All None: nothing, or there was no control."""

    error: int | None = None
    expires_in: timedelta | None = None
    grace_left: int | None = None

    @property
    def rule(self) -> str | None:
        """The rule that a new password breaks, if that is what the error says."""
        return RULES.get(self.error) if self.error is not None else None

    @classmethod
    def decode(cls, value: bytes | None) -> Self:
        """Read ``SEQUENCE { warning [0] CHOICE OPTIONAL, error [1] ENUMERATED OPTIONAL }``; long-form lengths too.

        :raises ValueError: the value is not that.
        """
        error = expires = grace = None
        for _, sequence in elements(value or b""):
            for tag, content in elements(sequence):
                if tag == 0x81:
                    error = int.from_bytes(content, "big")
                elif tag == 0xA0:
                    for choice, number in elements(content):
                        if choice == 0x80:
                            expires = timedelta(seconds=int.from_bytes(number, "big"))
                        elif choice == 0x81:
                            grace = int.from_bytes(number, "big")
        return cls(error, expires, grace)


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
