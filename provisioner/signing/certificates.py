"""Taking the certificates out of a signed PDF, without judging the signatures: that is the inspection's part."""

import io
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import pem
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature


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
    claimed_at: datetime | None
    chain: bytes
    """The signer's certificate, then every other one in the signature, as PEM."""


def certificates_of(document: bytes) -> tuple[SignatureCertificates, ...]:
    """Every signature's certificates, in the order of signing.

    :raises pyhanko.pdf_utils.misc.PdfReadError: it is no PDF that can be read.
    """
    reader = PdfFileReader(io.BytesIO(document), strict=True)
    return tuple(_certificates(each) for each in reader.embedded_regular_signatures)


def _certificates(signature: EmbeddedPdfSignature) -> SignatureCertificates:
    own, others = signature.signer_cert, signature.other_embedded_certs
    subject = own.subject.native
    rest = sorted(each.dump() for each in others if each.dump() != own.dump())
    return SignatureCertificates(
        field=str(signature.field_name),
        holder=str(subject.get("common_name", "")),
        capacity=str(subject.get("title", "")),
        issuer=str(own.issuer.native.get("common_name", "")),
        certificate=sha256(own.dump()).hexdigest(),
        valid_from=own.not_valid_before,
        valid_until=own.not_valid_after,
        claimed_at=signature.self_reported_timestamp,
        chain=b"".join(pem.armor("CERTIFICATE", each) for each in (own.dump(), *rest)),
    )
