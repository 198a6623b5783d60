"""Random codes that people copy from paper: base32 in groups, with a checksum, forgiving about look-alikes.

The alphabet is Crockford's: digits and capitals without I, L, O, U. What is easily misread is read as what was meant
(O as 0, I and L as 1, U as V). The checksum is the beginning of a SHA-256 over the kind of code and its bits, so a
code of one kind is never taken for one of another kind.
"""

import hashlib
import re
from dataclasses import dataclass

from provisioner.errors import InvalidInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS = 5
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
# A table and not upper(), which makes two letters of some single ones outside ASCII.
_AS_MEANT = str.maketrans("abcdefghijklmnopqrstuvwxyzILOU", "ABCDEFGH1JK1MN0PQRSTVVWXYZ110V")
_LONGEST_TYPED = 200
"""Letters looked at."""
_SEPARATORS = re.compile(r"[\s.,:_\-‐-―]+")


@dataclass(frozen=True)
class CodeFormat:
    """How one kind of code looks: ``size`` random bytes, then a checksum filling up ``length`` letters."""

    kind: str
    size: int
    length: int
    group: int

    def encode(self, secret: bytes) -> str:
        """The code in groups, e.g. ``7K2Q-...``."""
        number = int.from_bytes(secret) << self._checksum_bits | self._checksum(secret)
        shifts = range((self.length - 1) * _BITS, -1, -_BITS)
        return in_groups("".join(ALPHABET[number >> shift & 31] for shift in shifts), self.group)

    def decode(self, text: str) -> bytes:
        """Read a code as people type it.

        :raises InvalidInput: ``code-empty``, ``code-character``, ``code-length``, ``code-checksum``; ``data`` holds
            the kind, and never the code.
        """
        letters = read_letters(text, self.kind)
        if len(letters) != self.length:
            raise InvalidInput("code-length", kind=self.kind, expected=self.length, found=len(letters))
        number = 0
        for letter in letters:
            number = number << _BITS | _VALUES[letter]
        data, checksum = number >> self._checksum_bits, number & (1 << self._checksum_bits) - 1
        secret = data.to_bytes(self.size)
        if checksum != self._checksum(secret):
            raise InvalidInput("code-checksum", kind=self.kind)
        return secret

    @property
    def _checksum_bits(self) -> int:
        return self.length * _BITS - self.size * 8

    def _checksum(self, secret: bytes) -> int:
        digest = hashlib.sha256(b"siak-provisioner/code/" + self.kind.encode() + b"\0" + secret).digest()
        return int.from_bytes(digest) >> (len(digest) * 8 - self._checksum_bits)


def in_groups(letters: str, group: int) -> str:
    """Letters in groups joined by hyphens."""
    return "-".join(letters[start : start + group] for start in range(0, len(letters), group))


def base32(data: bytes, length: int) -> str:
    """The first ``length`` letters of ``data`` in the alphabet."""
    number, bits = int.from_bytes(data), len(data) * 8
    return "".join(ALPHABET[number >> (bits - _BITS * (place + 1)) & 31] for place in range(length))


def read_letters(text: str, kind: str) -> str:
    """What was typed, without separators, in capitals, with look-alikes put right.

    :raises InvalidInput: ``code-empty``; ``code-character`` with the number of the first letter no code contains.
    """
    # What is cut off here is longer than any code: the length is refused afterwards.
    letters = _SEPARATORS.sub("", text).translate(_AS_MEANT)[:_LONGEST_TYPED]
    if not letters:
        raise InvalidInput("code-empty", kind=kind)
    for position, letter in enumerate(letters, start=1):
        if letter not in _VALUES:
            raise InvalidInput("code-character", kind=kind, position=position)
    return letters
