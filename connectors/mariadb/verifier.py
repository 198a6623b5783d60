"""What MariaDB stores of a password, computed here so that the server never sees an initial password.

https://mariadb.com/kb/en/authentication-plugin-ed25519/ and https://mariadb.com/kb/en/authentication-plugin-mysql_native_password/
"""

import hashlib
import re
from base64 import b64encode

from nacl.bindings import crypto_scalarmult_ed25519_base_noclamp

from provisioner.connector import InvalidAttribute, Verifier

ED25519 = "ed25519"
NATIVE = "mysql_native_password"
FORMS = {ED25519: re.compile(r"[A-Za-z0-9+/]{43}"), NATIVE: re.compile(r"\*[0-9A-F]{40}")}


def make(scheme: str, password: str) -> Verifier:
    """The one-way form of a password. Neither scheme salts, so the same password gives the same text."""
    return Verifier(scheme, _ed25519(password) if scheme == ED25519 else _native(password))


def checked(verifier: Verifier, scheme: str) -> str:
    """The verifier's text.

    :raises InvalidAttribute: of another scheme, or not of its form.
    """
    if verifier.scheme != scheme or not FORMS[scheme].fullmatch(verifier.text):
        raise InvalidAttribute(f"only {scheme} verifiers are taken", "verifier")
    return verifier.text


def _ed25519(password: str) -> str:
    """The public key to a secret that is the password's hash: RFC 8032 section 5.1.5, the password being the seed."""
    scalar = bytearray(hashlib.sha512(password.encode()).digest()[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 63 | 64
    return b64encode(crypto_scalarmult_ed25519_base_noclamp(bytes(scalar))).decode().rstrip("=")


def _native(password: str) -> str:
    # SHA-1 is the server's choice, not ours; the setting that leads here says what it is for.
    once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()
