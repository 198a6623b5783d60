"""PBKDF2 with HMAC-SHA-512 in the form that 389 Directory Server stores: ``{PBKDF2-SHA512}iterations$salt$hash``.

Salt and hash stand there in base64. The server computes and compares the same thing itself (its plug-in ``pwdchan``,
since 2.0); a text that is written by a password administrator is stored as it is.
"""

import os
import re
from base64 import b64encode

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

SCHEME = "pbkdf2-sha512"

_SALT_OCTETS = 24
_HASH_OCTETS = 64
_TEXT = re.compile(r"\{PBKDF2-SHA512\}[1-9]\d{3,6}\$[A-Za-z0-9+/]{22,88}={0,2}\$[A-Za-z0-9+/]{86}==")


def derive(password: str, iterations: int) -> str:
    """A new text with a fresh salt."""
    salt = os.urandom(_SALT_OCTETS)
    # A lone surrogate is no character at all, but must end as "wrong password", not as an exception with the text.
    octets = password.encode("utf-8", "surrogatepass")
    hashed = PBKDF2HMAC(SHA512(), _HASH_OCTETS, salt, iterations).derive(octets)
    return "{PBKDF2-SHA512}" + "$".join((str(iterations), b64encode(salt).decode(), b64encode(hashed).decode()))


def is_verifier(text: str) -> bool:
    """Whether the text is one of these, so that a password in clear is never sent by mistake."""
    return _TEXT.fullmatch(text) is not None
