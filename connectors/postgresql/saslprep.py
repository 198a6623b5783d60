"""Passwords as SCRAM compares them (SASLprep, RFC 4013), in the way PostgreSQL and libpq do it."""

import stringprep
import unicodedata
from collections.abc import Callable

_PROHIBITED: tuple[Callable[[str], bool], ...] = (
    stringprep.in_table_a1,
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)
"""RFC 4013, 2.3 and 2.5: a stored password must hold none of these."""


def prepared(password: str) -> str:
    """The form that is hashed. A password that RFC 4013 prohibits stays as it is, as in PostgreSQL
    (https://www.postgresql.org/docs/15/sasl-authentication.html).
    """
    if password.isascii():
        return password
    mapped = "".join(
        " " if stringprep.in_table_c12(letter) else letter
        for letter in password
        if not stringprep.in_table_b1(letter) or stringprep.in_table_c12(letter)
    )
    normal = unicodedata.normalize("NFKC", mapped)
    if not normal or any(prohibits(letter) for letter in normal for prohibits in _PROHIBITED):
        return password
    return normal if _one_direction(normal) else password


def _one_direction(text: str) -> bool:
    """RFC 3454, section 6: right-to-left letters stand alone, and at both ends."""
    if not any(map(stringprep.in_table_d1, text)):
        return True
    ends = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends and not any(map(stringprep.in_table_d2, text))
