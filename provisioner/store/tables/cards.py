"""Work for people: cards of systems only a person can operate, and operators who ask for help."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class TaskCardRow(Model):
    """What a person is asked to do at one target for one account. ``state``: ``open``, ``done`` or ``superseded``."""

    __tablename__ = "task_card"
    __table_args__ = (UniqueConstraint("target", "account_id", "version", "action"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    target: Mapped[str] = mapped_column(String(60), index=True)
    account_id: Mapped[str] = mapped_column(String(32), index=True)
    version: Mapped[int]
    action: Mapped[str] = mapped_column(String(20))
    fields: Mapped[bytes] = mapped_column(LargeBinary)
    """Labels and values in the order of that system's screen, as JSON, sealed."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    urgent: Mapped[bool] = mapped_column(default=False)
    """Somebody may still get in there who must not: by the clock, not in working time."""
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    evidence: Mapped[str] = mapped_column(Text, default="")


class CardEvidenceRow(Model):
    """The picture that shows a card's work as done: one PDF, sealed."""

    __tablename__ = "card_evidence"

    card_id: Mapped[str] = mapped_column(ForeignKey("task_card.id"), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class ManualAccountRow(Model):
    """What a person confirmed to exist, or to be gone, at a target only people operate."""

    __tablename__ = "manual_account"
    __table_args__ = (UniqueConstraint("target", "account_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    target: Mapped[str] = mapped_column(String(60), index=True)
    account_id: Mapped[str] = mapped_column(String(32))
    username: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    generation: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    profile: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """When a person confirmed that it is gone. The name is kept, so that it is known again if that system shows it."""


class HelpCardRow(Model):
    """An operator who forgot the password or is locked out. ``state``: ``open``, ``done``, ``refused`` or
    ``superseded``."""

    __tablename__ = "help_card"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    """``forgotten`` or ``locked``."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    asked_at: Mapped[datetime]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the person wrote, sealed."""
    person_check: Mapped[str] = mapped_column(Text, default="")
    overtaken_by: Mapped[str] = mapped_column(String(20), default="")
    """What left nothing to help with, where it is ``superseded``."""
    done_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    done_at: Mapped[datetime | None]
