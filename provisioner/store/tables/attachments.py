"""The papers that come with a letter."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class AttachmentRow(Model):
    """The scan of the letter (``request_id`` None) or an applicant's attachment. The content is sealed."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    """``letter``, ``id-card``, ``decree``, ``assignment-order``, ``other``, or ``disposition-sheet``."""
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    pages: Mapped[int] = mapped_column(default=1)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
    original_seen_at: Mapped[datetime | None]
    """When the original of the scan was shown at the counter; None: it was not."""
    original_seen_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    original_seen_label: Mapped[str | None] = mapped_column(String(300))
    """Post and name of who saw it, as they were then."""
