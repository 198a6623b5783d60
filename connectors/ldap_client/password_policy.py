"""The control of password policies (draft-behera-ldap-password-policy), as OpenLDAP and 389 Directory Server answer it.

The control must be asked for with the bind: without it a bind with an initial password is a plain success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from connectors.ldap_client.ber import elements

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
