"""The initial password: what the core draws, shows once in the envelope, and never keeps."""

import re
import secrets

_CAPITALS = "ACDEFHJKMNPRTUVWXY"
_SMALL = "abcdefhkmnrtuvwxy"
_DIGITS = "34679"
_LETTERS = _CAPITALS + _SMALL + _DIGITS
"""No 0 O o Q, 1 l I i j, 2 Z z, 5 S s, 8 B, G g q p: they are confused in print, by hand or when read aloud."""

_GROUPS = 5
_GROUP = 4
_IN_A_ROW = 2
_THRICE = re.compile(rf"(.)\1{{{_IN_A_ROW}}}")
ENTROPY_BITS = 104
"""At least; twenty letters of forty are 106 bits, and drawing again costs less than one."""

EXTREMES = ("A3aa-bbaa-bbaa-bbaa-bbaa", "a3AA-CCAA-CCAA-CCAA-CCAA", "Aa33-4433-4433-4433-4433")
"""Three that might be drawn, each with as few of two kinds of signs as can be: rules that let all of them pass, by
numbers of signs, let every drawn one pass.
"""


def initial_password() -> str:
    """Draw a password of at least :data:`ENTROPY_BITS` bits, in groups: ``Hk7m-Tw4x-...``.

    It has capitals, small letters and digits, so that policies asking for three kinds of letters (Active Directory's
    for one) accept it, and no sign more than twice in a row. It is drawn again until that is so: every acceptable
    password is equally likely.
    """
    while True:
        letters = _drawn(_GROUPS * _GROUP)
        mixed = all(any(letter in kind for letter in letters) for kind in (_CAPITALS, _SMALL, _DIGITS))
        if mixed and not _THRICE.search(letters):
            return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def _drawn(length: int) -> str:
    """Letters that are each equally likely, out of one number: to draw them one by one takes ten times as long."""
    number, letters = secrets.randbelow(len(_LETTERS) ** length), ""
    for _ in range(length):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters
