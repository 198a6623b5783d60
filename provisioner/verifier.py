"""Verifiers: one-way forms of passwords, made for targets and for the officials' own accounts.

Argon2id as PHC text (RFC 9106). Always one lane: with more, two threads that derive at once can hang. Forms that only
one kind of target takes (SCRAM for PostgreSQL, say) are made by its connector.
"""

import os
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from provisioner.connector import Verifier
from provisioner.observation.observer import UNOBSERVED, Observer, hashing

ARGON2ID = "argon2id"

_PHC = re.compile(
    r"\$argon2id\$v=19\$m=([1-9][0-9]{0,8}),t=([1-9][0-9]{0,4}),p=1\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}"
)


@dataclass(frozen=True)
class Argon2Cost:
    """What one derivation costs. The defaults are OWASP's: about 30 ms on one core."""

    memory_kib: int = 19456
    iterations: int = 2


CEILING = Argon2Cost(memory_kib=262_144, iterations=10)
"""A stored text asking for more is never computed: whoever can write to a target could otherwise stall us."""


class Verifiers:
    """Makes verifiers and compares passwords with Argon2id ones. Safe for several threads."""

    def __init__(
        self,
        cost: Argon2Cost | None = None,
        ceiling: Argon2Cost = CEILING,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._cost = cost or Argon2Cost()
        self._ceiling = ceiling
        self._observer = observer

    def make(self, password: str) -> Verifier:
        """A fresh Argon2id verifier."""
        return Verifier(ARGON2ID, self._argon2id(password))

    def matches(self, phc: str | None, password: str) -> bool:
        """Whether ``password`` is the one behind an Argon2id text.

        Without a text (an unknown user), or with one that is malformed or too costly, the usual work is done all the
        same and the answer is no, so that the time taken tells nothing.
        """
        if phc is None or not self._bounded(phc):
            self._argon2id(password)
            return False
        with hashing(self._observer):
            try:
                Argon2id.verify_phc_encoded(_octets(password), phc)
            except (InvalidKey, ValueError):
                return False
        return True

    def outdated(self, phc: str) -> bool:
        """Whether a text was made at another cost than is set now: worth making anew at the next sign-in."""
        return _cost_of(phc) != self._cost

    def _bounded(self, phc: str) -> bool:
        cost = _cost_of(phc)
        if cost is None:
            return False
        return cost.memory_kib <= self._ceiling.memory_kib and cost.iterations <= self._ceiling.iterations

    def _argon2id(self, password: str) -> str:
        function = Argon2id(
            salt=os.urandom(16),
            length=32,
            iterations=self._cost.iterations,
            lanes=1,
            memory_cost=self._cost.memory_kib,
        )
        with hashing(self._observer):
            return function.derive_phc_encoded(_octets(password))


def _cost_of(phc: str) -> Argon2Cost | None:
    found = _PHC.fullmatch(phc)
    return Argon2Cost(int(found[1]), int(found[2])) if found else None


def _octets(password: str) -> bytes:
    # A lone surrogate must end as "wrong password" and not as an encoding error that quotes the text.
    return password.encode("utf-8", "surrogatepass")
