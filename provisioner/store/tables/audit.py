"""The audit trail: rows that are only ever added, and beside them what may be erased."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Model


class AuditRow(Model):
    """One event. Its hash covers every column but ``hash`` and ``mac``; see :mod:`provisioner.audit.chain`."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_letter", "letter_id", "seq"),
        Index("ix_audit_request", "request_id", "seq"),
        Index("ix_audit_account", "account_id", "seq"),
        Index("ix_audit_official", "official_id", "seq"),
        Index("ix_audit_actor", "actor_kind", "actor_id", "seq"),
        Index("ix_audit_kind", "kind", "seq"),
        Index("ix_audit_actor_kind", "actor_kind", "seq"),
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 ... without a gap."""
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(60))
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(64))
    actor_label: Mapped[str] = mapped_column(String(200))
    letter_id: Mapped[str | None] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(String(64))
    official_id: Mapped[str | None] = mapped_column(String(64))
    fields: Mapped[str] = mapped_column(Text)
    """Public fields, as canonical JSON."""
    commitments: Mapped[str] = mapped_column(Text)
    """Personal fields, as canonical JSON: name to salted commitment (hex)."""
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC of the hash: whoever can write the table but has not the keys cannot make it."""


class AuditPersonalRow(Model):
    """Salt and sealed value of one personal field. Deleting the row leaves a commitment that tells nothing."""

    __tablename__ = "audit_personal"

    seq: Mapped[int] = mapped_column(ForeignKey("audit.seq"), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class AuditHeadRow(Model):
    """The last row, once more: what appending transactions lock, so that they queue up."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Always 1."""
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
