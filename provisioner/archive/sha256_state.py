"""The state of SHA-256 after whole blocks (FIPS 180-4, section 6.2.2), which hashlib keeps to itself.

With it the end of a text can be shown, and the hash of the whole text be recomputed, without showing its beginning.
"""

import struct
from typing import Final

BLOCK: Final = 64
"""Bytes that are taken in at once."""
_PRIMES: Final = [number for number in range(2, 312) if all(number % each for each in range(2, number))]
START: Final = tuple(int(prime ** (1 / 2) % 1 * 2**32) for prime in _PRIMES[:8])
_ROUND: Final = tuple(int(prime ** (1 / 3) % 1 * 2**32) for prime in _PRIMES)


def state_after(blocks: bytes) -> tuple[int, ...]:
    """Eight words of 32 bits: the state once ``blocks`` have been taken in.

    :raises ValueError: these are not whole blocks.
    """
    if len(blocks) % BLOCK:
        raise ValueError("not whole blocks")
    state = START
    for offset in range(0, len(blocks), BLOCK):
        state = _taken_in(state, struct.unpack_from(">16I", blocks, offset))
    return state


def _taken_in(state: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    # Rotations are written out: this is nearly all of what a proof costs.
    words = list(block)
    for index in range(16, 64):
        one, two = words[index - 15], words[index - 2]
        small = (one >> 7 | one << 25) ^ (one >> 18 | one << 14) ^ one >> 3
        great = (two >> 17 | two << 15) ^ (two >> 19 | two << 13) ^ two >> 10
        words.append(words[index - 16] + words[index - 7] + small + great & 0xFFFFFFFF)
    a, b, c, d, e, f, g, h = state
    for constant, word in zip(_ROUND, words, strict=True):
        great = (e >> 6 | e << 26) ^ (e >> 11 | e << 21) ^ (e >> 25 | e << 7)
        small = (a >> 2 | a << 30) ^ (a >> 13 | a << 19) ^ (a >> 22 | a << 10)
        first = h + great + (g ^ (e & (f ^ g))) + constant + word
        second = small + ((a & b) | (c & (a | b)))
        h, g, f, e, d, c, b, a = g, f, e, d + first & 0xFFFFFFFF, c, b, a, first + second & 0xFFFFFFFF
    return tuple(old + new & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True))
