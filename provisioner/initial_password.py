"""The initial password: what the core draws, shows once in the envelope, and never keeps."""

import secrets

_CAPITALS = "ACDEFHJKMNPRTUVWXY"
_SMALL = "abcdefhkmnrtuvwxy"
_DIGITS = "34679"
_LETTERS = _CAPITALS + _SMALL + _DIGITS
"""No 0 O o Q, 1 l I i j, 2 Z z, 5 S s, 8 B, G g q p: they are confused in print, by hand or when read aloud."""

_GROUPS = 5
_GROUP = 4
ENTROPY_BITS = 104
"""At least; twenty letters of forty are 106 bits, and drawing again costs less than one."""


def initial_password() -> str:
    """Draw a password of at least :data:`ENTROPY_BITS` bits, in groups: ``Hk7m-Tw4x-...``.

    It has capitals, small letters and digits, so that policies asking for three kinds of letters (Active Directory's
    for one) accept it. It is drawn again until it has: every acceptable password is equally likely.
    """
    while True:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
        if all(any(letter in kind for letter in letters) for kind in (_CAPITALS, _SMALL, _DIGITS)):
            return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
