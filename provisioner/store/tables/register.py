"""The register book (Buku Agenda): what came in and what went out, a number each. No entry is ever deleted."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class RegisterEntryRow(Model):
    """One line of the book of one year. What it says of a letter is kept with it, as the book said it."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("direction", "year", "sequence", name="uq_register_entry_sequence"),
        UniqueConstraint("direction", "year", "live_number", name="uq_register_entry_live_number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    direction: Mapped[str] = mapped_column(String(10))
    """``incoming`` or ``outgoing``."""
    year: Mapped[int]
    sequence: Mapped[int]
    """The line in the book of that year and direction, from 1 without gaps."""
    number: Mapped[str] = mapped_column(String(80))
    """As printed: made by the office's pattern, or typed from its own book."""
    live_number: Mapped[str | None] = mapped_column(String(80))
    """The same in one spelling while the entry stands, so that no two do with one number; None once it is void."""
    kind: Mapped[str] = mapped_column(String(40), default="")
    """Of an outgoing letter: which paper, e.g. ``answer``."""
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"), index=True)
    """The letter that came in, or the one that an outgoing letter answers."""
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), index=True)
    received_on: Mapped[date]
    """The day it came in, or the date of the outgoing letter."""
    sender: Mapped[str] = mapped_column(String(200), default="")
    letter_number: Mapped[str] = mapped_column(String(80), default="")
    letter_date: Mapped[date | None]
    subject: Mapped[str] = mapped_column(String(200), default="")
    enclosures: Mapped[str] = mapped_column(String(100), default="")
    forwarded_to: Mapped[str] = mapped_column(String(200), default="")
    """To which post it was forwarded last; of an outgoing letter: to whom it goes."""
    remark: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    """None: the service itself, when the letter was sent by the public form."""
    void_at: Mapped[datetime | None]
    void_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    void_reason: Mapped[str] = mapped_column(Text, default="")
