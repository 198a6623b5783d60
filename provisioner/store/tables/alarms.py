"""What somebody at the office has to look into."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class EnvelopeAlarmRow(Model):
    """An envelope that was open already was asked for from elsewhere. Further tries count here until it is examined."""

    __tablename__ = "envelope_alarm"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    opened_at: Mapped[datetime]
    """When the envelope had been opened."""
    raised_at: Mapped[datetime]
    last_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=1)
    address: Mapped[str] = mapped_column(String(60), default="")
    """Where the last try came from."""
    examined_at: Mapped[datetime | None] = mapped_column(index=True)
    examined_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    """What was found out."""
