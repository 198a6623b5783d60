"""``data.json`` of a case file: everything recorded about one request, as plain data. Pure.

Moments are ISO 8601 in UTC, days ISO dates, empty texts say that nothing was recorded. Digests are SHA-256 in
hexadecimal digits. The form is described as a JSON Schema by :func:`schema`, which lies in every archive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

VERSION = 1


@dataclass(frozen=True)
class LetterFacts:
    """The Surat Permohonan it came with."""

    id: str
    number: str
    date: date | None
    sender: str
    subject: str
    urgency: str
    channel: str
    """``public`` or ``counter``."""
    state: str
    received_at: datetime | None


@dataclass(frozen=True)
class RequestFacts:
    """The request of one applicant."""

    id: str
    number: str
    state: str
    applicant: str
    """With titles."""
    role: str
    region: str
    org_unit: str
    username: str
    check_code: str
    person_confirmed_at: datetime | None
    """When the section head saw the person and compared the check code."""
    answer: str
    valid_until: date | None
    created_at: datetime
    submitted_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class ActFacts:
    """What somebody did to the letter or the request."""

    at: datetime
    step: int
    """Of the SOP."""
    kind: str
    by: str
    """Name and post as they were then; empty: the applicant."""
    acting_for: str
    requested_action: str
    note: str
    state_before: str
    state_after: str
    letter: str
    """Id of the letter it was done on."""
    undone_at: datetime | None


@dataclass(frozen=True)
class VisitFacts:
    """The time on one desk."""

    step: int
    desk: str
    arrived_at: datetime
    opened_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class SignatureFile:
    """A signature on a pact, with the file of its certificates."""

    field: str
    holder: str
    capacity: str
    issuer: str
    certificate: str
    valid_from: datetime
    valid_until: datetime
    certificates: str
    """Path of the PEM file, the signer's own first."""


@dataclass(frozen=True)
class PactFile:
    """A pact, byte for byte as it was signed."""

    file: str
    number: str
    state: str
    sha256: str
    length: int
    text_revision: str
    prepared_at: datetime
    applicant_signed_at: datetime | None
    signed_at: datetime | None
    authentication: str
    """What the official entered to sign."""
    void_at: datetime | None
    void_reason: str
    audit_head: str
    """Where the audit trail ended when it was made, as printed on it: number and hash."""
    validation: str
    """The verdict when this archive was made; ``as-validated-at-signing`` where the bytes are the ones that were
    validated when they were signed and were not judged again; empty for a pact that is not signed."""
    signatures: tuple[SignatureFile, ...]


@dataclass(frozen=True)
class PaperFile:
    """A paper that the office made."""

    file: str
    kind: str
    number: str
    revision: int
    replaced: bool
    code: str
    """What its QR code says."""
    sha256: str
    length: int
    made_at: datetime


@dataclass(frozen=True)
class AttachmentFile:
    """What the applicant brought, as it is kept."""

    file: str
    kind: str
    name: str
    pages: int
    sha256: str
    length: int
    added_at: datetime


@dataclass(frozen=True)
class LeftOut:
    """A paper that is not there, and the code of the reason."""

    kind: str
    reason: str


@dataclass(frozen=True)
class AccountFacts:
    """The account it became, as it is now."""

    id: str
    username: str
    role: str
    region: str
    state: str
    state_reason: str
    state_at: datetime
    valid_until: date | None
    created_at: datetime
    systems: Mapping[str, str]
    """Name of each system, and how far the account is there."""


@dataclass(frozen=True)
class CaseRecord:
    """One case. Paths are relative to its folder."""

    office: str
    request: RequestFacts
    letter: LetterFacts
    earlier_letters: tuple[str, ...]
    """Ids of letters it was on before it started again."""
    bio_form: Mapping[str, str]
    """As typed; the NIK is masked."""
    acts: tuple[ActFacts, ...]
    visits: tuple[VisitFacts, ...]
    accounts: tuple[str, ...]
    """Ids of its accounts."""
    account: AccountFacts | None
    box: str
    """Number of the physical box."""
    box_place: str
    papers: tuple[PaperFile, ...]
    pacts: tuple[PactFile, ...]
    attachments: tuple[AttachmentFile, ...]
    left_out: tuple[LeftOut, ...]
    other_files: tuple[str, ...]
    format: Literal["siak-provisioner-case"] = "siak-provisioner-case"
    version: int = VERSION

    def to_json(self) -> bytes:
        """The same bytes for the same record."""
        return _adapter().dump_json(self, indent=1) + b"\n"


@cache
def _adapter() -> "TypeAdapter[CaseRecord]":
    """Built when the first case is written: it takes longer than a page, and most processes never write one."""
    return TypeAdapter(CaseRecord)


def read(text: bytes) -> CaseRecord:
    """Back from :meth:`CaseRecord.to_json`. :raises pydantic.ValidationError: it has another form."""
    return _adapter().validate_json(text)


def schema() -> dict[str, Any]:
    """JSON Schema of ``data.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_adapter().json_schema(mode="serialization")}
