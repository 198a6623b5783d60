"""Pacts with their exact bytes, and the certificate authority that vouches for their signatures."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class PactRow(Model):
    """A Pakta Integritas. ``state``: ``prepared``, ``applicant-signed``, ``signed`` or ``void``."""

    __tablename__ = "pact"
    __table_args__ = (Index("ix_pact_waiting", "state", "way", "prepared_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), index=True)
    act_id: Mapped[str | None] = mapped_column(ForeignKey("act.id"))
    """The section head's decision it belongs to."""
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", use_alter=True), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    text_revision: Mapped[str] = mapped_column(String(40), index=True)
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    """What is frozen in it, as JSON, sealed."""
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The PDF as it stands now, sealed."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    length: Mapped[int]
    prepared_by: Mapped[str] = mapped_column(ForeignKey("official.id"))
    """Who made it. Of one that an operator signs anew: who made the pact in whose place it comes."""
    prepared_at: Mapped[datetime]
    viewed_at: Mapped[datetime | None]
    """When the section head last opened the document that the applicant signed."""
    applicant_signed_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    authentication: Mapped[str] = mapped_column(String(60), default="")
    """What the section head actually entered: ``password`` or ``password+totp``."""
    applicant_certificate: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the certificate that signed. Known of pacts that both have signed since it is kept."""
    official_certificate: Mapped[str | None] = mapped_column(String(64))
    void_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(100), default="")
    way: Mapped[str] = mapped_column(String(12), default="built-in", server_default="built-in")
    """See :class:`provisioner.signing.way.SigningWay`."""
    signed_with: Mapped[str] = mapped_column(String(20), default="ticket", server_default="ticket")
    """See :class:`provisioner.pact.SignedWith`."""
    renews_id: Mapped[str | None] = mapped_column(String(32), index=True)
    """The pact in whose place the operator signed this one."""
    lapses_on: Mapped[date | None]
    """Its last day."""
    scan: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """Of one signed on paper: the scan, sealed."""
    scan_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    scan_length: Mapped[int | None]
    scan_pages: Mapped[int | None]
    scan_by: Mapped[str | None] = mapped_column(String(32))
    """The official who brought the scan in."""
    scan_at: Mapped[datetime | None]


class PactTextRow(Model):
    """The words of one revision, kept whole from the first time somebody used them."""

    __tablename__ = "pact_text"

    revision: Mapped[str] = mapped_column(String(40), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    words: Mapped[str] = mapped_column(Text)
    """See :meth:`provisioner.pact.PactText.to_json`."""
    kept_at: Mapped[datetime]


class PactCheckRow(Model):
    """One look at the pacts of every account. The newest row that ended is shown; one without an end goes on."""

    __tablename__ = "pact_check"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    reached: Mapped[str] = mapped_column(String(32), default="")
    """The id of the last account that was looked at."""
    examined: Mapped[int] = mapped_column(default=0)


class PactFindingRow(Model):
    """An account without a pact that holds."""

    __tablename__ = "pact_finding"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    check_id: Mapped[str] = mapped_column(ForeignKey("pact_check.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    """See :class:`provisioner.reconciliation.pacts.PactFault`."""
    found_at: Mapped[datetime]


class AuthorityRow(Model):
    """The built-in certificate authority. The newest row is current."""

    __tablename__ = "authority"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed. No byte: it lies in a token, or the authority is a former one whose key was given up."""
    created_at: Mapped[datetime]
