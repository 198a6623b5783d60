"""Argon2id verifiers as PHC text (RFC 9106), for connectors whose target stores what we computed.

A stored text comes from a place that others can write to, so its cost is bounded before anything is computed from
it. Only one lane is used and accepted: with more, two threads that derive at the same time can hang.
"""

import os
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SCHEME = "argon2id"

_PHC = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>[1-9]\d{0,9}),t=(?P<iterations>[1-9]\d{0,4}),p=1"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,171}"
)


@dataclass(frozen=True)
class Cost:
    """What one derivation costs: memory in KiB and the number of passes over it."""

    memory_kib: int
    iterations: int

    @classmethod
    def of(cls, phc: str) -> Self | None:
        """The cost written in a PHC text; None when it is not an argon2id text that we would verify."""
        found = _PHC.fullmatch(phc)
        return cls(int(found["memory"]), int(found["iterations"])) if found else None

    def within(self, ceiling: "Cost") -> bool:
        """Whether neither figure is above the ceiling's."""
        return self.memory_kib <= ceiling.memory_kib and self.iterations <= ceiling.iterations


def derive(password: str, cost: Cost) -> str:
    """A new PHC text with a fresh salt."""
    function = Argon2id(
        salt=os.urandom(16), length=32, iterations=cost.iterations, lanes=1, memory_cost=cost.memory_kib
    )
    return function.derive_phc_encoded(_octets(password))


class Verification:
    """Compares passwords with stored texts, spending about the same work where there is no text to compare with.

    :param usual: cost of the work done for an unknown user.
    :param ceiling: a stored text that asks for more than this is never computed; it matches no password.
    """

    def __init__(self, usual: Cost, ceiling: Cost) -> None:
        self._usual = usual
        self._ceiling = ceiling

    def matches(self, password: str, phc: str | None) -> bool:
        """Whether the password is the one behind ``phc``. None or unusable text takes as long and is False."""
        cost = Cost.of(phc) if phc is not None else None
        if phc is None or cost is None or not cost.within(self._ceiling):
            derive(password, self._usual)
            return False
        try:
            Argon2id.verify_phc_encoded(_octets(password), phc)
        except (InvalidKey, ValueError):
            return False
        return True


def _octets(password: str) -> bytes:
    # A lone surrogate is no character at all, but must end as "wrong password", not as an exception with the text.
    return password.encode("utf-8", "surrogatepass")
