"""Taking the certificates out of a pact of ours, without judging its signatures: that is the inspection's part.

Each signature's bytes stand in the gap of its byte range (ISO 32000-2, 12.8.1), so the PDF need not be parsed for
them, which would take ten times as long.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms, pem

from provisioner.signing.inspection import signature_gaps
from provisioner.signing.signer import SignatureField


@dataclass(frozen=True)
class SignatureCertificates:
    """What one signature brings along. Texts are those of the certificate."""

    field: str
    holder: str
    capacity: str
    issuer: str
    certificate: str
    """SHA-256 of the signer's certificate in DER form, 64 hexadecimal digits."""
    valid_from: datetime
    valid_until: datetime
    chain: bytes
    """The signer's certificate, then every other one in the signature, as PEM."""


def certificates_of(document: bytes) -> tuple[SignatureCertificates, ...]:
    """Every signature's certificates. ``document``: a pact as we keep it, whose fields are signed in their order.

    :raises ValueError: there is something else where a signature should be.
    """
    gaps = signature_gaps(document)
    return tuple(_certificates(field.value, gap) for field, gap in zip(SignatureField, gaps, strict=False))


def _certificates(field: str, gap: bytes) -> SignatureCertificates:
    signed = cms.ContentInfo.load(bytes.fromhex(gap.strip(b"<> \r\n").decode("ascii")))["content"]
    every = [each.chosen for each in signed["certificates"]]
    number = signed["signer_infos"][0]["sid"].chosen["serial_number"].native
    own = next(each for each in every if each.serial_number == number)
    subject = own.subject.native
    rest = sorted(each.dump() for each in every if each is not own)
    return SignatureCertificates(
        field=field,
        holder=str(subject.get("common_name", "")),
        capacity=str(subject.get("title", "")),
        issuer=str(own.issuer.native.get("common_name", "")),
        certificate=sha256(own.dump()).hexdigest(),
        valid_from=own.not_valid_before,
        valid_until=own.not_valid_after,
        chain=b"".join(pem.armor("CERTIFICATE", each) for each in (own.dump(), *rest)),
    )
