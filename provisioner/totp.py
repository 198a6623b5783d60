"""One-time codes from an authenticator app as the officials' second factor: TOTP (RFC 6238), six digits, 30 seconds."""

import base64
import hmac
import os
import re
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
_DIGITS = 6
_SECRET_BYTES = 20
_TYPED = re.compile(r"[0-9]{6}")


def new_secret() -> bytes:
    """A fresh secret of 160 bits, to be kept sealed."""
    return os.urandom(_SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """The secret in base32 groups of four, for typing where no camera can read the QR code."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def provisioning_uri(secret: bytes, account: str, issuer: str) -> str:
    """The ``otpauth:`` address for the QR code."""
    return _totp(secret).get_provisioning_uri(account, issuer)


def current_code(secret: bytes, at: datetime) -> str:
    """The code an authenticator app shows at that moment."""
    return _totp(secret).generate(int(at.timestamp())).decode()


def verify(secret: bytes, code: str, at: datetime, last_step: int | None = None) -> int | None:
    """The step whose code was typed, or None. Clocks may differ by one step either way.

    Remember the step and hand it back as ``last_step``: that code and all earlier ones are then refused (RFC 6238,
    section 5.2).
    """
    typed = "".join(code[:20].split())
    if not _TYPED.fullmatch(typed):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in (now + 1, now - 1, now):
        fresh = last_step is None or step > last_step
        # Compared even when stale, so that the time taken does not tell which steps were used.
        if hmac.compare_digest(_totp(secret).generate(step * STEP_SECONDS), typed.encode()) and fresh:
            found = step
    return found


def _totp(secret: bytes) -> TOTP:
    # SHA-1 because many authenticator apps know nothing else; HMAC does not need its collision resistance.
    return TOTP(secret, _DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303
