"""What one browser may be shown again for a while, sealed so that only that browser's own session opens it.

The key is derived (HKDF-SHA256) from the session's token, which the browser keeps in its cookie and of which the store
has only a keyed digest: neither the store nor the keys of the office open what lies here.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from provisioner.envelope import SlipContext
from provisioner.errors import SealBroken

_FORMAT = b"\x01"
_NONCE_BYTES = 12
_LABEL = b"siak-provisioner/shown-slip/1"


def seal_to_browser(token: str, context: SlipContext, plaintext: bytes) -> bytes:
    """Seal a slip to the session whose token this is."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORMAT + nonce + _cipher(token).encrypt(nonce, plaintext, context.info(_LABEL))


def open_in_browser(token: str, context: SlipContext, blob: bytes) -> bytes:
    """Open what was sealed to this session.

    :raises SealBroken: ``slip-broken``: another session, another context, or changed bytes.
    """
    nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    if blob[:1] != _FORMAT or len(nonce) != _NONCE_BYTES:
        raise SealBroken("slip-broken")
    try:
        return _cipher(token).decrypt(nonce, sealed, context.info(_LABEL))
    except InvalidTag:
        raise SealBroken("slip-broken") from None


def _cipher(token: str) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=_LABEL).derive(token.encode()))
