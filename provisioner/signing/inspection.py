"""Reading what is signed in a PDF: which fields, by whom, how much of the file, whether still intact. No network."""

import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

# The library logs, with whole traces, what it finds in a file, and so parts of a stranger's upload. What it finds is in
# its answer too.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_END_BYTES = 4096
"""Within which a PDF's end must be marked. (Acrobat looks into the last 1024.)"""
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation"})
_HARMLESS = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)


class Trust:
    """The authorities whose certificates count as the office's own, present and former ones."""

    def __init__(self, certificates: Sequence[bytes]) -> None:
        """``certificates``: in PEM."""
        self._roots = [asn1_x509.Certificate.load(pem.unarmor(one)[2]) for one in certificates]

    def context(self, moment: datetime | None) -> ValidationContext:
        """Validates as of ``moment``: no key outlives its signature, so what counts is the time of signing."""
        return ValidationContext(
            trust_roots=self._roots, allow_fetching=False, revocation_mode="soft-fail", moment=moment
        )

    def issued(self, certificate: asn1_x509.Certificate) -> bool:
        """Whether the certificate names one of these authorities as its issuer (a claim, not a proof)."""
        return any(certificate.issuer == root.subject for root in self._roots)


@dataclass(frozen=True)
class SignatureFacts:
    """One signature as it stands in a file."""

    field: str
    holder: str
    """The certificate's common name: person and capacity."""
    capacity: str
    """The certificate's title: "Pemohon", or an official's post."""
    organisation: str
    issuer: str
    certificate: str
    """SHA-256 of the DER form, 64 hexadecimal digits."""
    claimed_at: datetime | None
    intact: bool
    """The signed bytes are those that were signed, and the signature over them is right."""
    trusted: bool
    """The certificate comes from one of our authorities."""
    names_us: bool
    """The certificate claims one of our authorities as its issuer, whether or not that is true."""
    tampered_after: bool
    """A later update changed what the signature stood for."""
    end: int
    """Offset of the first byte after what it covers."""
    outside: str = ""
    """``not-yet`` or ``no-longer``: one of our authorities issued the certificate, but the time that the signature
    claims is outside its validity; otherwise empty."""


@dataclass(frozen=True)
class Inspection:
    """A readable PDF."""

    length: int
    number: str | None
    """The pact number it claims (its keywords)."""
    fields: Mapping[str, tuple[float, float]]
    """Name of each signature field -> width and height in points."""
    signatures: tuple[SignatureFacts, ...]
    """In the order in which they were made."""

    @property
    def whole(self) -> bool:
        """Every signature is right, ours and undisturbed, and the last one covers the file to its last byte."""
        good = all(one.intact and one.trusted and not one.tampered_after for one in self.signatures)
        return bool(self.signatures) and good and self.signatures[-1].end == self.length

    def signature(self, field: str) -> SignatureFacts | None:
        """The signature in ``field``, or None."""
        return next((one for one in self.signatures if one.field == field), None)


def inspect(document: bytes, trust: Trust, *, known: bool = False) -> Inspection | None:
    """Read ``document``; None when it cannot be read as a PDF. Uploaded files may be hostile: never raises.

    ``known``: the very same bytes were inspected whole before, when they were kept. What was added between their
    signatures is then not compared again, which is most of the work.
    """
    if b"%%EOF" not in document[-_END_BYTES:]:
        return None  # The library would go backwards byte by byte: seconds for some megabytes of nothing.
    try:
        reader = PdfFileReader(io.BytesIO(document), strict=True)
        fields = {name: _size(ref) for name, _, ref in enumerate_sig_fields(reader)}
        found = reader.embedded_regular_signatures
        signatures = tuple(_facts(one, trust, skip_diff=known and one is not found[-1]) for one in found)
        return Inspection(len(document), _number(reader), fields, signatures)
    except Exception:  # The parser meets hostile bytes and has no common root for what it then raises.
        return None


def claimed_number(document: bytes) -> str | None:
    """The pact number that ``document`` claims for itself; None when it has none or cannot be read. Never raises."""
    try:
        return _number(PdfFileReader(io.BytesIO(document), strict=True))
    except Exception:  # As in inspect().
        return None


def signed_lengths(document: bytes) -> Iterator[int]:
    """How long the file must be at least, for each signature that is written in it; works on broken files too."""
    for found in _BYTE_RANGE.finditer(document):
        yield int(found[3]) + int(found[4])


def _size(field: Any) -> tuple[float, float]:
    left, bottom, right, top = (float(number) for number in field.get_object().get("/Rect", (0, 0, 0, 0)))
    return abs(right - left), abs(top - bottom)


def _number(reader: PdfFileReader) -> str | None:
    try:
        return str(reader.trailer["/Info"]["/Keywords"]) or None
    except KeyError:
        return None


def _facts(signature: EmbeddedPdfSignature, trust: Trust, *, skip_diff: bool) -> SignatureFacts:
    certificate = signature.signer_cert
    claimed_at = signature.self_reported_timestamp
    status = validate_pdf_signature(
        signature, trust.context(claimed_at), key_usage_settings=_USAGE, skip_diff=skip_diff
    )
    subject = certificate.subject.native
    return SignatureFacts(
        field=str(signature.field_name),
        holder=str(subject.get("common_name", "")),
        capacity=str(subject.get("title", "")),
        organisation=str(subject.get("organization_name", "")),
        issuer=str(certificate.issuer.native.get("common_name", "")),
        certificate=sha256(certificate.dump()).hexdigest(),
        claimed_at=claimed_at,
        intact=bool(status.intact and status.valid),
        trusted=bool(status.trusted),
        names_us=trust.issued(certificate),
        tampered_after=_tampered(status.diff_result, status.modification_level),
        end=int(signature.byte_range[2]) + int(signature.byte_range[3]),
        outside="" if status.trusted else _outside_validity(signature, trust),
    )


def _outside_validity(signature: EmbeddedPdfSignature, trust: Trust) -> str:
    """See :attr:`SignatureFacts.outside`. The certificate is judged again as of its own first moment."""
    certificate, claimed_at = signature.signer_cert, signature.self_reported_timestamp
    start, end = certificate.not_valid_before, certificate.not_valid_after
    if claimed_at is None or start <= claimed_at <= end:
        return ""
    status = validate_pdf_signature(signature, trust.context(start), key_usage_settings=_USAGE)
    if not status.trusted:
        return ""
    return "not-yet" if claimed_at < start else "no-longer"


def _tampered(difference: object, level: ModificationLevel | None) -> bool:
    return isinstance(difference, SuspiciousModification) or (level is not None and level not in _HARMLESS)
