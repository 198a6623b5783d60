"""SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) in the text form of PostgreSQL's ``rolpassword``."""

import os
import re
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import pbkdf2_hmac, sha256
from hmac import digest

from connectors.postgresql.saslprep import prepared
from provisioner.connector import InvalidAttribute, Verifier

SCHEME = "scram-sha-256"
MAX_ITERATIONS = 1_000_000
SALT_BYTES = 16
_FORM = re.compile(r"SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/]+=*)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)")


def verifier(password: str, iterations: int, salt: bytes | None = None) -> Verifier:
    """What the server compares with. Takes about a millisecond for a thousand iterations.

    :param salt: for tests with known answers; a random one without it.
    """
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    salted = pbkdf2_hmac("sha256", prepared(password).encode(), salt, iterations)
    stored = sha256(digest(salted, b"Client Key", "sha256")).digest()
    server = digest(salted, b"Server Key", "sha256")
    return Verifier(SCHEME, f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored)}:{_base64(server)}")


def checked(given: Verifier) -> str:
    """The verifier's text. The server would take a text of another form for a password in clear.

    :raises InvalidAttribute: it is not what this module makes.
    """
    form = _FORM.fullmatch(given.text) if given.scheme == SCHEME else None
    if form is None or not 1 <= int(form[1]) <= MAX_ITERATIONS or not all(_decodes(part) for part in form.groups()[1:]):
        raise InvalidAttribute("only scram-sha-256 verifiers are taken", "verifier")
    return given.text


def _decodes(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except Error:
        return False


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
