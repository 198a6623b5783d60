"""The integrity pact ("Pakta Integritas"): its text, what is frozen in one, what is kept about a signed one. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, TypeAdapter, model_validator
from pydantic import dataclasses as checked

from provisioner.configuration import CLOSED, Document, Line
from provisioner.signing.timestamp import TimeProof
from provisioner.signing.way import SigningWay


def months_later(day: date, months: int) -> date:
    """The same day of the month, so many months later; the last of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _day(day: date) -> date:
    if isinstance(day, datetime):
        raise ValueError("must be a date without a time")
    return day


@checked.dataclass(frozen=True, config=CLOSED)
class PactApproval:
    """Who put the text into force."""

    by: Line
    order: Line
    on: Annotated[date, AfterValidator(_day)]


@checked.dataclass(frozen=True, config=CLOSED)
class PactRenewal:
    """Until when operators whose pact has an older revision have to sign this one: a day, or so many days from the day
    of the approval.
    """

    sign_by: Annotated[date, AfterValidator(_day)] | None = None
    days: Annotated[int, Field(ge=1, le=3650)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.sign_by is None) == (self.days is None):
            raise ValueError("needs either sign_by or days")
        return self


@checked.dataclass(frozen=True, config=CLOSED)
class PactText:
    """The words every pact of one revision has in common. A draft for as long as ``approval`` is missing."""

    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$")]
    opening: Line
    declaration: Line
    clauses: Annotated[tuple[Line, ...], Field(min_length=1)]
    closing: Line
    approval: PactApproval | None = None
    renewal: PactRenewal | None = None
    """No part of the words: it may be changed without a new revision."""

    @model_validator(mode="after")
    def _only_what_is_approved_is_signed_again(self) -> Self:
        if self.renewal is not None and self.approval is None:
            raise ValueError("[renewal] needs [approval]: nobody is asked to sign a draft again")
        return self

    @property
    def sign_by(self) -> date | None:
        """The last day for signing this revision in the place of an older one; None: nobody is asked to."""
        if self.renewal is None or self.approval is None:
            return None
        return self.renewal.sign_by or self.approval.on + timedelta(days=self.renewal.days or 0)

    @classmethod
    def load(cls, file: Path) -> "PactText":
        """Read ``config/pact.toml``.

        :raises ConfigurationError: unreadable, not TOML, or a value is missing or wrong; carries the line.
        """
        return Document.read(file).build(cls)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the words, 64 hexadecimal digits: tells whether two texts of one revision are really the same."""
        return sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The words, for the store."""
        return TypeAdapter(PactText).dump_json(self, exclude={"renewal"}).decode()

    @classmethod
    def from_json(cls, text: str) -> "PactText":
        """Back from :meth:`to_json`.

        :raises pydantic.ValidationError: the text is not one of ours.
        """
        return TypeAdapter(PactText).validate_json(text)


class ActingKind(StrEnum):
    """In whose stead an official signs (UU 30/2014 article 14). The value stands before the post."""

    PLT = "Plt."
    """Pelaksana Tugas: the post is vacant."""
    PLH = "Plh."
    """Pelaksana Harian: its holder is away for a time."""


@dataclass(frozen=True)
class Acting:
    """The order by which somebody acts for a post that is not their own."""

    kind: ActingKind
    own_position: str
    order_number: str
    order_date: date


class Authentication(StrEnum):
    """How the official proved who they are at the moment of signing."""

    PASSWORD = "password"  # noqa: S105
    PASSWORD_TOTP = "password+totp"  # noqa: S105


class SignedWith(StrEnum):
    """What the applicant or operator signs with."""

    TICKET = "ticket"
    """The ticket's signing key."""
    ACCOUNT_PASSWORD = "account-password"  # noqa: S105
    """An operator without a ticket: a key made for this one signature, after the account's password was typed."""
    INK = "ink"
    """A pen."""


@dataclass(frozen=True)
class PactApplicant:
    """The one who promises, in words as printed."""

    name: str
    """With titles."""
    nik: str
    """Masked already: the pact never holds the whole number."""
    employment: str
    """"PNS", "PPPK", "Non-ASN" ..."""
    position: str
    unit: str
    staff_number: str = ""
    """Grouped for reading; empty for those who have none."""
    staff_number_label: str = "NIP"
    rank: str = ""


@dataclass(frozen=True)
class PactOfficial:
    """The one who witnesses (the section head, or who acts for them), frozen as text at the time of signing."""

    name: str
    """With titles."""
    position: str
    """The post signed for."""
    staff_number: str = ""
    rank: str = ""
    acting: Acting | None = None
    on_behalf_of: tuple[str, ...] = ()
    """"a.n.": the delegating post; with a second one the order is "a.n. X, Y, u.b." (by sub-delegation)."""

    def heading(self) -> tuple[str, ...]:
        """The lines above the name, in the office's forms of Plt., Plh., a.n. and u.b."""
        if self.acting is not None:
            return (f"{self.acting.kind} {self.position}", self.acting.own_position)
        if not self.on_behalf_of:
            return (self.position,)
        delegator, *between = self.on_behalf_of
        sub_delegation = (*between, "u.b.") if between else ()
        return (f"a.n. {delegator}", *sub_delegation, self.position)

    def position_in_full(self) -> str:
        """One line for a stamp or a certificate."""
        return f"{self.acting.kind} {self.position}" if self.acting else self.position


@dataclass(frozen=True)
class AuditHead:
    """Where the audit trail stood when the pact was made: an anchor that leaves the machine on paper."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class PactFacts:
    """Everything frozen in one pact beside its text."""

    number: str
    request_number: str
    applicant: PactApplicant
    official: PactOfficial
    role: str
    region: str
    place: str
    day: date
    check_code: str
    verification_url: str
    """Put into the QR code: leads to the page that verifies this number."""
    text_revision: str
    template_revision: str
    audit_head: AuditHead
    username: str = ""
    valid_until: date | None = None
    authentication: Authentication | None = None
    """Known when the official signs; printed in their stamp only."""
    way: SigningWay = SigningWay.BUILT_IN
    """How it is signed: printed in it, so a later change of the setting does not touch it."""
    time_proof: TimeProof = TimeProof.NONE
    signed_with: SignedWith = SignedWith.TICKET
    lapses_on: date | None = None
    """The pact's own last day."""
    renews: str = ""
    """Number of the pact in whose place an operator signs this one. Then ``official`` has no name before the official
    signs: whoever holds the post by then.
    """

    def to_json(self) -> str:
        """For the store."""
        return _facts_adapter().dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "PactFacts":
        """Back from :meth:`to_json`.

        :raises pydantic.ValidationError: the text is not one of ours.
        """
        return _facts_adapter().validate_json(text)


@cache
def _facts_adapter() -> TypeAdapter[PactFacts]:
    """Built once: building takes longer than all that is done with it."""
    return TypeAdapter(PactFacts)


@dataclass(frozen=True)
class PactRecord:
    """What the office keeps about a signed pact, apart from the signed file itself."""

    number: str
    sha256: str
    """Of the whole signed file, 64 hexadecimal digits."""
    length: int
    """Of the whole signed file, in bytes."""
    applicant_certificate: str
    """SHA-256 of the DER form, 64 hexadecimal digits."""
    official_certificate: str

    @classmethod
    def of(cls, number: str, document: bytes, applicant_certificate: str, official_certificate: str) -> Self:
        """The record of a pact that has just been signed by both."""
        digest = sha256(document).hexdigest()
        return cls(number, digest, len(document), applicant_certificate, official_certificate)

    def matches(self, document: bytes) -> bool:
        """Whether ``document`` is the signed file, bit for bit."""
        return len(document) == self.length and sha256(document).hexdigest() == self.sha256
