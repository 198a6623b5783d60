"""What a file that claims to be a signed pact is worth, and if it is worth nothing: what was done to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from provisioner import signing
from provisioner.pact import PactRecord
from provisioner.signing.signer import APPLICANT_CAPACITY, SignatureField

if TYPE_CHECKING:
    from provisioner.signing.inspection import Inspection, SignatureFacts, Trust

_OURS = frozenset(one.value for one in SignatureField)


class VerdictCode(StrEnum):
    """Stable; the front ends turn each into sentences. In brackets: what ``data`` holds beside it."""

    GENUINE = "genuine"
    """Bit for bit the file that was signed, and both signatures are good."""
    GENUINE_UNPROVEN = "genuine-unproven"
    """Bit for bit the file on record, but its signatures do not validate with the authorities we know now."""
    NO_RECORD = "no-record"
    """Both signatures are good and ours, but there is no record to compare with (number)."""
    APPENDED = "appended"
    """Foreign bytes were added around the signed file, which is whole (bytes, where: before, after)."""
    UPDATED = "updated"
    """The signed file is whole, but changes were saved on top of it afterwards (bytes)."""
    CHANGED = "changed"
    """Bytes were changed within what is signed (fields: whose signatures broke; readable)."""
    TRUNCATED = "truncated"
    """The end is missing (bytes: how many at least)."""
    INCOMPLETE = "incomplete"
    """A good signature, but not both (fields: whose is missing)."""
    UNSIGNED = "unsigned"
    """Has the form of a pact, and no signature at all."""
    FOREIGN_CERTIFICATE = "foreign-certificate"
    """Signed with a certificate that is not from this office (holder, organisation, issuer, imitates)."""
    CERTIFICATE_OUT_OF_TIME = "certificate-out-of-time"
    """The certificate was not valid yet, or no longer, when the signature says it was made (holder, at)."""
    WRONG_SIGNER = "wrong-signer"
    """A certificate of ours signed a field that was not its holder's to sign (field, holder)."""
    OTHER_PACT = "other-pact"
    """A good pact of this office, but another one (number)."""
    OTHER_VERSION = "other-version"
    """Good signatures under this number, but not the file on record: replaced or made anew (number)."""
    NOT_OURS = "not-ours"
    """A PDF, but not a pact of this office."""
    NOT_PDF = "not-pdf"
    """Not a PDF at all."""


@dataclass(frozen=True)
class Verdict:
    """The outcome. ``signatures`` are those found, in the order of signing, whatever the verdict."""

    code: VerdictCode
    data: Mapping[str, object] = field(default_factory=dict)
    signatures: tuple["SignatureFacts", ...] = ()

    @property
    def genuine(self) -> bool:
        """Whether the file may be relied on as it is."""
        return self.code is VerdictCode.GENUINE


def verify(document: bytes, record: PactRecord | None, trust: "Trust") -> Verdict:
    """Judge ``document``; with ``record`` compare SHA-256 and length first. Never raises for a bad document."""
    if b"%PDF-" not in document[:1024]:
        return Verdict(VerdictCode.NOT_PDF)
    known = record is not None and record.matches(document)
    state = signing.inspection.inspect(document, trust, known=known) or _signed_part(document, trust)
    found = state.signatures if state else ()
    code, data = _against_record(document, record, state) if record else (None, {})
    if code is None:
        code, data = _by_itself(document, record, state)
    return Verdict(code, data, found)


_Finding = tuple[VerdictCode, dict[str, object]]
_Maybe = tuple[VerdictCode | None, dict[str, object]]


def _against_record(document: bytes, record: PactRecord, state: "Inspection | None") -> _Maybe:
    """What the record alone tells: the very file, or the very file with something around it."""
    if record.matches(document):
        proven = state is not None and state.whole and _same_certificates(record, state)
        return (VerdictCode.GENUINE if proven else VerdictCode.GENUINE_UNPROVEN), {}
    extra = len(document) - record.length
    if extra > 0:
        if _digest(document[: record.length]) == record.sha256:
            return _tail(document[record.length :])
        if _digest(document[extra:]) == record.sha256:
            return VerdictCode.APPENDED, {"bytes": extra, "where": "before"}
    return None, {}


def _by_itself(document: bytes, record: PactRecord | None, state: "Inspection | None") -> _Finding:
    """What the file tells about itself."""
    missing = max(signing.inspection.signed_lengths(document), default=0) - len(document)
    if missing > 0:
        return VerdictCode.TRUNCATED, {"bytes": missing}
    if state is None:
        return _unreadable(document, record)
    if not state.signatures:
        return (VerdictCode.UNSIGNED if _OURS & state.fields.keys() else VerdictCode.NOT_OURS), {}
    return _broken(state, record) or _good(document, record, state)


def _unreadable(document: bytes, record: PactRecord | None) -> _Finding:
    if record and len(document) < record.length:
        return VerdictCode.TRUNCATED, {"bytes": record.length - len(document)}
    if record is None and not any(signing.inspection.signed_lengths(document)):
        return VerdictCode.NOT_OURS, {}
    if not document.rstrip().endswith(b"%%EOF"):
        return VerdictCode.TRUNCATED, {"bytes": 1}
    return VerdictCode.CHANGED, {"fields": [], "readable": False}


def _broken(state: "Inspection", record: PactRecord | None) -> _Finding | None:
    """Signatures that are wrong, right and a stranger's, or ours in a field that is another's.

    BSrE certifies every civil servant: only the one of whom we know that they signed this pact is not a stranger.
    The last matters because an applicant keeps the ticket, and with it a key that our authority has certified.
    """
    for one in state.signatures:
        if one.intact and one.out_of_time:
            return VerdictCode.CERTIFICATE_OUT_OF_TIME, {"holder": one.holder, "at": one.claimed_at}
        known = record is not None and one.certificate == record.official_certificate
        if one.intact and not (one.trusted and (known or not one.certified)):
            who = {"holder": one.holder, "organisation": one.organisation, "issuer": one.issuer}
            return VerdictCode.FOREIGN_CERTIFICATE, {**who, "imitates": one.names_us}
    broken = [one.field for one in state.signatures if not one.intact]
    if broken and not any(one.names_us for one in state.signatures):
        return VerdictCode.NOT_OURS, {}
    if broken:
        return VerdictCode.CHANGED, {"fields": broken, "readable": True}
    for one in state.signatures:
        by_applicant = one.capacity == APPLICANT_CAPACITY and not one.certified
        if (one.field == SignatureField.APPLICANT) != by_applicant:
            return VerdictCode.WRONG_SIGNER, {"field": one.field, "holder": one.holder}
    return None


def _good(document: bytes, record: PactRecord | None, state: "Inspection") -> _Finding:
    """Every signature is right and ours; what may still be wrong is the rest of the file, or which pact it is."""
    absent = [name.value for name in SignatureField if state.signature(name) is None]
    tail = document[state.signatures[-1].end :]
    if absent and tail and b"startxref" not in tail and record and len(document) < record.length:
        return VerdictCode.TRUNCATED, {"bytes": record.length - len(document)}  # Cut within the second signature.
    if record and len(document) < record.length and _same_certificates(record, state):
        return VerdictCode.TRUNCATED, {"bytes": record.length - len(document)}  # Cut after the signatures.
    if tail and not state.validation_data:
        return _tail(tail)
    disturbed = [one.field for one in state.signatures if one.tampered_after]
    if disturbed:
        return VerdictCode.CHANGED, {"fields": disturbed, "readable": True}
    if absent:
        return VerdictCode.INCOMPLETE, {"fields": absent}
    if record is None:
        return VerdictCode.NO_RECORD, {"number": state.number}
    other = VerdictCode.OTHER_VERSION if state.number == record.number else VerdictCode.OTHER_PACT
    return other, {"number": state.number}


def _tail(tail: bytes) -> _Finding:
    """Bytes after the last signature: an update that readers act upon, or mere junk."""
    if b"startxref" in tail:
        return VerdictCode.UPDATED, {"bytes": len(tail)}
    return VerdictCode.APPENDED, {"bytes": len(tail), "where": "after"}


def _signed_part(document: bytes, trust: "Trust") -> "Inspection | None":
    """The part up to where the last signature ends: readable even where what follows it confuses every reader."""
    end = max(signing.inspection.signed_lengths(document), default=0)
    return signing.inspection.inspect(document[:end], trust) if 0 < end < len(document) else None


def _same_certificates(record: PactRecord, state: "Inspection") -> bool:
    found = {one.field: one.certificate for one in state.signatures}
    return found == {
        SignatureField.APPLICANT.value: record.applicant_certificate,
        SignatureField.OFFICIAL.value: record.official_certificate,
    }


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
