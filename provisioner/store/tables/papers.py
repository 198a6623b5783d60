"""The papers that were made, with their exact bytes."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class PaperRow(Model):
    """One paper as it was made once. Never changed: the next revision is a row of its own."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("kind", "subject", "revision"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(30))
    """One of :class:`provisioner.paper.PaperKind`."""
    subject: Mapped[str] = mapped_column(String(32), index=True)
    """Id of the letter, the request or the account it is about."""
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"), index=True)
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    revision: Mapped[int]
    """From 1."""
    number: Mapped[str] = mapped_column(String(80), default="")
    """The number that stands on it; empty for papers without one."""
    code: Mapped[str] = mapped_column(String(20), unique=True)
    """What its QR code says. Nobody can guess it: it shows who looks that they have the paper."""
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    """What it was filled from, as JSON, sealed."""
    facts_digest: Mapped[bytes] = mapped_column(LargeBinary(64))
    """Keyed digest of the facts: the same facts are the same paper."""
    template_revision: Mapped[str] = mapped_column(String(20))
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The PDF, sealed."""
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    length: Mapped[int]
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When a newer revision was made."""
