"""Backups that were made from this store, and the times it was restored from one."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class BackupRow(Model):
    """A backup that was finished, written down after it was pushed to the disk and read again."""

    __tablename__ = "backup"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    made_at: Mapped[datetime] = mapped_column(index=True)
    """The moment whose state it holds."""
    file_name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    milliseconds: Mapped[int]
    """How long it took, reading it again included."""
    sha256: Mapped[str] = mapped_column(String(64))
    encrypted: Mapped[bool]
    verified: Mapped[str] = mapped_column(String(10))
    """``content``: everything in it was read again and compared; ``bytes``: only that the disk holds what was written,
    since its private key is not here."""
    release: Mapped[str] = mapped_column(String(60))


class RestorationRow(Model):
    """Once the store was restored from a backup. While ``confirmed_at`` is empty nothing is dispatched."""

    __tablename__ = "restoration"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    restored_at: Mapped[datetime]
    restored_by: Mapped[str] = mapped_column(String(200))
    backup_made_at: Mapped[datetime]
    backup_release: Mapped[str] = mapped_column(String(60))
    backup_seq: Mapped[int]
    """The last event of the audit trail in the backup."""
    backup_hash: Mapped[str] = mapped_column(String(64))
    lost_events: Mapped[int | None]
    """How many events came after it, as far as the anchors tell; None: no anchor tells."""
    envelopes_void: Mapped[int]
    tickets_void: Mapped[int]
    codes_void: Mapped[int]
    sessions_ended: Mapped[int]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(200))
