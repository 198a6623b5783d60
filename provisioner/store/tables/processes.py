"""The program's own processes, and which of them may work with the schema."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class ProcessRow(Model):
    """A process that works with this database now, or died without a word."""

    __tablename__ = "process"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    """``serve`` or ``work``."""
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    release: Mapped[str] = mapped_column(String(60))
    revision: Mapped[str] = mapped_column(String(32))
    """The newest revision of the schema that it knows."""
    engine: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    """By the database's clock, as ``seen_at``: machines' own clocks differ."""
    seen_at: Mapped[datetime] = mapped_column(index=True)


class SchemaFloorRow(Model):
    """One row at most: programs that do not know this revision must not work with the database."""

    __tablename__ = "schema_floor"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[str] = mapped_column(String(32))
