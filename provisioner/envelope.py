"""Slips sealed for one ticket: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305.

What a slip belongs to is bound into HPKE's ``info``. A slip moved to another request, account, credential or
generation, or sealed for another ticket, does not open.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from provisioner.errors import InvalidInput, SealBroken

_FORMAT = b"\x01"


@dataclass(frozen=True)
class SlipContext:
    """What one slip belongs to. Every field changes the seal."""

    office: str
    request_id: str
    account_id: str
    credential: str
    generation: int

    def info(self, public_key: bytes) -> bytes:
        """An unambiguous encoding: every field is preceded by its length."""
        fields = (
            b"siak-provisioner/slip/1",
            self.office.encode(),
            self.request_id.encode(),
            self.account_id.encode(),
            self.credential.encode(),
            str(self.generation).encode(),
            public_key,
        )
        return b"".join(len(field).to_bytes(4) + field for field in fields)


def seal(public_key: bytes, context: SlipContext, plaintext: bytes) -> bytes:
    """Seal a slip to a ticket's opening key (:attr:`TicketKeys.opening`, 32 bytes raw).

    :raises InvalidInput: ``public-key``: these bytes are no X25519 key anything can be sealed to.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public_key)
        return _FORMAT + _suite().encrypt(plaintext, key, info=context.info(public_key))
    except ValueError:
        # Also raised for a point of small order, whose seal everybody could open.
        raise InvalidInput("public-key") from None


def open_slip(private_key: X25519PrivateKey, context: SlipContext, blob: bytes) -> bytes:
    """Open a slip with a ticket's opening key (:meth:`Ticket.opening_key`).

    :raises SealBroken: ``slip-broken``: another ticket, another context, or changed bytes; HPKE cannot say which.
    """
    if blob[:1] != _FORMAT:
        raise SealBroken("slip-broken")
    info = context.info(private_key.public_key().public_bytes_raw())
    try:
        return _suite().decrypt(blob[1:], private_key, info=info)
    except (InvalidTag, ValueError):
        raise SealBroken("slip-broken") from None


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
