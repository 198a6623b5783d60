"""Physical boxes in which papers lie, and which request's papers lie where."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.model import Id, Model, new_id


class BoxRow(Model):
    """A box (boks arsip) as the office numbers it."""

    __tablename__ = "box"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    folded: Mapped[str] = mapped_column(String(60), unique=True)
    """The number as it is compared: case folded, without double spaces."""
    number: Mapped[str] = mapped_column(String(60))
    place: Mapped[str] = mapped_column(String(200), default="")
    """Room, rack, shelf, in the office's words."""
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class FilingRow(Model):
    """In which box the papers of a request lie. The audit trail tells where they lay before."""

    __tablename__ = "filing"

    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), primary_key=True)
    box_id: Mapped[str] = mapped_column(ForeignKey("box.id"), index=True)
    filed_at: Mapped[datetime]
    filed_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))

    box: Mapped[BoxRow] = relationship(lazy="joined")
