"""What the office's IT has to look after: copies of the keys, and what is to be done this month."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class KeyCopyRow(Model):
    """Somebody has confirmed that a copy of the keys exists. Of the keys it knows nothing but their ids."""

    __tablename__ = "key_copy"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key_ids: Mapped[str] = mapped_column(Text)
    """Which sealing keys it holds, separated by spaces: a later key is in no earlier copy."""
    method: Mapped[str] = mapped_column(String(10))
    """``typed`` or ``scanned``: rehearsed from paper; ``stated``: somebody says so."""
    place: Mapped[str] = mapped_column(String(200), default="")
    """Where it lies, in words."""
    confirmed_by: Mapped[str] = mapped_column(String(100))
    confirmed_at: Mapped[datetime]


class MonthCheckRow(Model):
    """What the last look at everything that needs care found. One row, with id 1."""

    __tablename__ = "month_check"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    running_since: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    host: Mapped[str] = mapped_column(String(100), default="")
    """The machine that looked: disks and memory are its own."""
    points: Mapped[str] = mapped_column(Text, default="[]")
    """JSON list of :class:`provisioner.month.point.Point`."""
