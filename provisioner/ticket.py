"""The applicant's secrets: the ticket that alone opens the envelope, and the codes with fewer rights.

The server keeps only a ticket's two public keys. The private keys come from the ticket's 128 bits by HKDF-SHA256
(RFC 5869) with separate labels: X25519 for opening, ECDSA P-256 for signing the pact. A tracking code shows the state
of a request and nothing else; an enrolment code is exchanged once for a new ticket.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import ClassVar, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provisioner.errors import InvalidInput
from provisioner.grouped_code import CodeFormat, base32, in_groups, read_letters
from provisioner.keyring import Keyring

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CHECK_CODE_LETTERS = 8
_CHECK_CODE_ROUNDS = 20_000


@dataclass(frozen=True, repr=False)
class _Code:
    """A random code on paper. Its text is shown once and is never part of a representation."""

    secret: bytes
    format: ClassVar[CodeFormat]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    @classmethod
    def new(cls) -> Self:
        """A fresh random code."""
        return cls(os.urandom(cls.format.size))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a typed or scanned code; case, spaces, hyphens and look-alike letters do not matter.

        :raises InvalidInput: ``code-empty``, ``code-character``, ``code-length``, ``code-checksum``.
        """
        return cls(cls.format.decode(text))

    def text(self) -> str:
        """The code in groups, as shown, printed and put into a QR code (alphanumeric mode)."""
        return self.format.encode(self.secret)


@dataclass(frozen=True)
class TicketKeys:
    """The public half of a ticket: what the server may keep."""

    opening: bytes
    """X25519 public key, 32 bytes raw."""
    signing: bytes
    """P-256 public key, 65 bytes, uncompressed point (X9.62)."""

    def fingerprint(self) -> str:
        """SHA-256 over both keys, 64 hexadecimal digits."""
        return hashlib.sha256(self._bytes()).hexdigest()

    def check_code(self) -> str:
        """Eight letters in two groups, to be read aloud and compared in person.

        So short a fingerprint is stretched (PBKDF2, some milliseconds): finding another ticket with the same check
        code costs about 2^54 hashes and as many key derivations, not 2^40.
        """
        stretched = hashlib.pbkdf2_hmac("sha256", self._bytes(), b"siak-provisioner/check-code", _CHECK_CODE_ROUNDS)
        return in_groups(base32(stretched, _CHECK_CODE_LETTERS), 4)

    def matches(self, typed: str) -> bool:
        """Whether a typed check code is this ticket's; anything unreadable is simply not."""
        try:
            letters = read_letters(typed, "check-code")
        except InvalidInput:
            return False
        return hmac.compare_digest(in_groups(letters, 4), self.check_code())

    def signing_key(self) -> EllipticCurvePublicKey:
        """The public key that verifies the applicant's signature."""
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), self.signing)

    def _bytes(self) -> bytes:
        return b"siak-provisioner/ticket-keys/1\0" + self.opening + self.signing


class Ticket(_Code):
    """The applicant's secret ("kode pengambilan"), 128 bits. Never stored, logged or put into a URL's path."""

    format = CodeFormat("ticket", size=16, length=30, group=5)

    def opening_key(self) -> X25519PrivateKey:
        """The private key that opens slips."""
        return X25519PrivateKey.from_private_bytes(self._derive("opening", 32))

    def signing_key(self) -> EllipticCurvePrivateKey:
        """The private key that signs the pact.

        384 derived bits are reduced to [1, n-1]: with 128 bits to spare the bias is nothing (FIPS 186-5, A.2.1).
        """
        number = int.from_bytes(self._derive("signing", 48))
        return derive_private_key(number % (_P256_ORDER - 1) + 1, SECP256R1())

    def keys(self) -> TicketKeys:
        """The two public keys."""
        signing = self.signing_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return TicketKeys(self.opening_key().public_key().public_bytes_raw(), signing)

    def _derive(self, label: str, length: int) -> bytes:
        info = f"siak-provisioner/ticket/1/{label}".encode()
        return HKDF(hashes.SHA256(), length, salt=None, info=info).derive(self.secret)


class _LookedUpCode(_Code):
    """A code that the server recognises by a keyed form, without keeping the code."""

    def lookup(self, keyring: Keyring) -> bytes:
        """The form that is stored and searched for."""
        return keyring.mac(f"code/{self.format.kind}", self.secret)


class TrackingCode(_LookedUpCode):
    """Shows the state of one request and nothing else ("kode lacak"), 64 bits."""

    format = CodeFormat("tracking-code", size=8, length=16, group=4)


class EnrolmentCode(_LookedUpCode):
    """Exchanged once, on the applicant's own device, for a new ticket, 80 bits."""

    format = CodeFormat("enrolment-code", size=10, length=20, group=4)
