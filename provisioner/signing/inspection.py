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
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from provisioner.signing.signer import SignatureField

# The library logs, with whole traces, what it finds in a file, and so parts of a stranger's upload. What it finds is in
# its answer too.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_END = re.compile(rb"startxref\s+\d{1,12}\s+%%EOF\s?\Z")
_END_BYTES = 4096
"""Within which a PDF's end must be marked. (Acrobat looks into the last 1024.)"""
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
_HARMLESS = (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)


class Trust:
    """The authorities that count: the office's own, present and former ones, and those of time-stamp services."""

    def __init__(
        self,
        certificates: Sequence[bytes],
        timestamp_roots: Sequence[bytes] = (),
        certified_roots: Sequence[bytes] = (),
    ) -> None:
        """``certificates``: in PEM. ``timestamp_roots`` and ``certified_roots`` (of BSrE): in DER."""
        self._roots = [asn1_x509.Certificate.load(pem.unarmor(one)[2]) for one in certificates]
        self._timestamp_roots = [asn1_x509.Certificate.load(one) for one in timestamp_roots]
        self._certified_roots = [asn1_x509.Certificate.load(one) for one in certified_roots]

    def context(self, moment: datetime | None, store: "DocumentSecurityStore | None" = None) -> ValidationContext:
        """Validates as of ``moment``: no key outlives its signature, so what counts is the time of signing.

        ``store``: what the file itself brings along for it.
        """
        return _context([*self._roots, *self._certified_roots], moment, store)

    def timestamp_context(self, moment: datetime | None, store: "DocumentSecurityStore | None") -> ValidationContext:
        """Validates a time stamp as of the time it names: the file's digest stands in the audit trail since then."""
        return _context([*self._timestamp_roots, *self._certified_roots], moment, store)

    def certified(self, path: ValidationPath | None) -> bool:
        """Whether a chain ends in a root of the licensed provider ("tersertifikasi")."""
        return path is not None and any(path.first.dump() == root.dump() for root in self._certified_roots)

    def issued(self, certificate: asn1_x509.Certificate) -> bool:
        """Whether the certificate names one of these authorities as its issuer (a claim, not a proof)."""
        return any(certificate.issuer == root.subject for root in self._roots)


@dataclass(frozen=True)
class TimestampFacts:
    """A time stamp over a signature (RFC 3161)."""

    at: datetime
    service: str
    """The common name of the service's certificate."""
    trusted: bool
    """It belongs to this signature, is whole, and its certificate ends in a root that the office trusts."""


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
    timestamp: TimestampFacts | None = None
    certified: bool = False
    """Its certificate comes from BSrE: "tersertifikasi" in law."""


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
    validation_data: bool = False
    """What follows the last signature is nothing but validation data (PAdES B-LT)."""

    @property
    def whole(self) -> bool:
        """Every signature is right, ours and undisturbed, and the last one covers the file to its last byte, but for
        validation data."""
        good = all(one.intact and one.trusted and not one.tampered_after for one in self.signatures)
        ended = self.validation_data or (bool(self.signatures) and self.signatures[-1].end == self.length)
        return bool(self.signatures) and good and ended

    def signature(self, field: str) -> SignatureFacts | None:
        """The signature in ``field``, or None."""
        return next((one for one in self.signatures if one.field == field), None)


def inspect(document: bytes, trust: Trust, *, known: bool = False) -> Inspection | None:
    """Read ``document``; None when it cannot be read as a PDF. Uploaded files may be hostile: never raises.

    ``known``: it is bit for bit a file that was inspected before, and found whole. What its updates changed, which is
    by far the dearest question, is not asked again.
    """
    if b"%%EOF" not in document[-_END_BYTES:]:
        return None  # The library would go backwards byte by byte: seconds for some megabytes of nothing.
    try:
        reader = PdfFileReader(io.BytesIO(document), strict=True)
        fields = {name: _size(ref) for name, _, ref in enumerate_sig_fields(reader)}
        store = _store(reader)
        judged = [_judge(one, trust, store, known) for one in reader.embedded_regular_signatures]
        signatures = tuple(_facts(one, status, trust, store) for one, status in judged)
        appended = bool(judged) and _validation_data(document[signatures[-1].end :], judged[-1][1], known)
        return Inspection(len(document), _number(reader), fields, signatures, appended)
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


def signature_gaps(document: bytes) -> Iterator[bytes]:
    """What stands where each signature leaves itself out, in the order of signing: hexadecimal digits in brackets."""
    for found in sorted(_BYTE_RANGE.finditer(document), key=lambda found: int(found[3])):
        yield document[int(found[1]) + int(found[2]) : int(found[3])]


def _size(field: Any) -> tuple[float, float]:
    left, bottom, right, top = (float(number) for number in field.get_object().get("/Rect", (0, 0, 0, 0)))
    return abs(right - left), abs(top - bottom)


def _number(reader: PdfFileReader) -> str | None:
    try:
        return str(reader.trailer["/Info"]["/Keywords"]) or None
    except KeyError:
        return None


def _context(
    roots: Sequence[asn1_x509.Certificate], moment: datetime | None, store: DocumentSecurityStore | None
) -> ValidationContext:
    # A list of revoked certificates fetched just after signing is younger than the moment, and yet speaks about it.
    options: dict[str, Any] = {
        "trust_roots": list(roots),
        "allow_fetching": False,
        "revocation_mode": "soft-fail",
        "moment": moment,
        "retroactive_revinfo": True,
    }
    return store.as_validation_context(options) if store else ValidationContext(**options)


def _store(reader: PdfFileReader) -> DocumentSecurityStore | None:
    try:
        return DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return None


def _judge(
    signature: EmbeddedPdfSignature, trust: Trust, store: DocumentSecurityStore | None, known: bool
) -> tuple[EmbeddedPdfSignature, PdfSignatureStatus]:
    status = validate_pdf_signature(
        signature,
        trust.context(signature.self_reported_timestamp, store),
        trust.timestamp_context(_stamped_at(signature), store),
        key_usage_settings=_USAGE,
        skip_diff=known,
    )
    return signature, status


def _stamped_at(signature: EmbeddedPdfSignature) -> datetime | None:
    """The time that the signature's time stamp names; None without one."""
    for token in extract_tst_data_iter(signature.signer_info, signed=False):
        moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
        return moment
    return None


def _facts(
    signature: EmbeddedPdfSignature, status: PdfSignatureStatus, trust: Trust, store: DocumentSecurityStore | None
) -> SignatureFacts:
    certificate = signature.signer_cert
    certified = bool(status.trusted) and trust.certified(status.validation_path)
    name = str(signature.field_name)
    subject = certificate.subject.native
    return SignatureFacts(
        # BSrE's service signs in a field of its own, of which the office only knows whose signature it is.
        field=SignatureField.OFFICIAL.value if certified and name != SignatureField.APPLICANT else name,
        holder=str(subject.get("common_name", "")),
        capacity=str(subject.get("title", "")),
        organisation=str(subject.get("organization_name", "")),
        issuer=str(certificate.issuer.native.get("common_name", "")),
        certificate=sha256(certificate.dump()).hexdigest(),
        claimed_at=signature.self_reported_timestamp,
        intact=bool(status.intact and status.valid),
        trusted=bool(status.trusted),
        names_us=trust.issued(certificate),
        tampered_after=_tampered(status.diff_result, status.modification_level),
        end=int(signature.byte_range[2]) + int(signature.byte_range[3]),
        outside="" if status.trusted else _outside_validity(signature, trust, store),
        timestamp=_timestamp(status),
        certified=certified,
    )


def _outside_validity(signature: EmbeddedPdfSignature, trust: Trust, store: DocumentSecurityStore | None) -> str:
    """See :attr:`SignatureFacts.outside`. The certificate is judged again as of its own first moment."""
    certificate, claimed_at = signature.signer_cert, signature.self_reported_timestamp
    start, end = certificate.not_valid_before, certificate.not_valid_after
    if claimed_at is None or start <= claimed_at <= end:
        return ""
    status = validate_pdf_signature(
        signature,
        trust.context(start, store),
        trust.timestamp_context(start, store),
        key_usage_settings=_USAGE,
        skip_diff=True,
    )
    if not status.trusted:
        return ""
    return "not-yet" if claimed_at < start else "no-longer"


def _timestamp(status: PdfSignatureStatus) -> TimestampFacts | None:
    found = status.timestamp_validity
    if found is None:
        return None
    service = str(found.signing_cert.subject.native.get("common_name", ""))
    return TimestampFacts(found.timestamp, service, bool(found.intact and found.valid and found.trusted))


def _validation_data(tail: bytes, status: PdfSignatureStatus, known: bool) -> bool:
    """Whether ``tail`` is an update of validation data alone, and the file ends where that update ends."""
    added = known or status.modification_level is ModificationLevel.LTA_UPDATES
    return bool(tail) and added and _END.search(tail) is not None


def _tampered(difference: object, level: ModificationLevel | None) -> bool:
    return isinstance(difference, SuspiciousModification) or (level is not None and level not in _HARMLESS)
