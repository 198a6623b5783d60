"""What several machines agree on: who does the work that only one may do at a time, and the engine's own schema."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Model


class TurnRow(Model):
    """Whose turn a piece of recurring work is. Whoever shows no sign of life loses it when it is over."""

    __tablename__ = "turn"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    """``duties``, or ``reading:`` and a target's name."""
    token: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime]


class EngineMigrationRow(Model):
    """One migration of the engine's own tables that has been applied to this database."""

    __tablename__ = "engine_migration"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    """The name of its file, which the engine's makers give; they sort in the order in which they belong."""
    applied_at: Mapped[datetime]
