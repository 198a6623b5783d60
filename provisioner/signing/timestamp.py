"""Time stamps: which service vouches for the time of signing (RFC 3161), and what a pact promises about its time."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioner.errors import ConfigurationError
from provisioner.signing.signer import SignatureRefused


class TimeProof(StrEnum):
    """What a pact says about the time of its signatures. Frozen when the pact is made: it is printed in it."""

    NONE = "none"
    """Only this office's own clock says it."""
    WHEN_AVAILABLE = "when-available"
    """A time stamp proves it where the signature has one."""
    ALWAYS = "always"
    """Every signature has a time stamp; none is made without."""


class TimestampUnavailable(SignatureRefused):
    """The time-stamp service gave no usable time stamp. ``data["reason"]``: ``unreachable``, ``refused`` (its answer
    was no, or no answer of such a service), ``untrusted`` (not from the trusted roots), ``revocation`` (whether its
    certificates were revoked could not be learnt).
    """

    def __init__(self, reason: str) -> None:
        super().__init__("timestamp-unavailable", reason=reason)


@dataclass(frozen=True)
class TimestampService:
    """A service and the roots in which its certificates have to end."""

    url: str
    roots: tuple[bytes, ...] = field(repr=False)
    """DER."""
    seconds: float = 10.0
    """Time allowed for each question: for the stamp, and for each list of revoked certificates."""
    needed: bool = True
    """Without a time stamp nothing is signed."""

    @property
    def promise(self) -> TimeProof:
        """What pacts made under these settings may say."""
        return TimeProof.ALWAYS if self.needed else TimeProof.WHEN_AVAILABLE


def read_roots(file: Path) -> tuple[bytes, ...]:
    """The certificates (DER) of a PEM file.

    :raises ConfigurationError: it cannot be read, or there is no certificate in it.
    """
    try:
        text = file.read_bytes()
        if b"-----BEGIN CERTIFICATE-----" not in text:
            raise ConfigurationError(str(file), "holds no certificate")
        return tuple(each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(text))
    except (OSError, ValueError):
        raise ConfigurationError(str(file), "cannot be read as certificates in PEM") from None
