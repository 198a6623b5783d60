"""Destroying case files whose retention is over: what was proposed, who agreed, what was really destroyed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.model import Id, Model, new_id


class DestructionRow(Model):
    """One proposal, and what became of it. Kept for ever."""

    __tablename__ = "destruction"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(12), index=True)
    """See :class:`provisioner.retention.DestructionState`."""
    basis: Mapped[str] = mapped_column(Text)
    """By whose approval, in the office's own words."""
    years: Mapped[int]
    """The retention that the office had set when it was proposed."""
    proposed_by: Mapped[str] = mapped_column(ForeignKey("official.id"))
    proposed_as: Mapped[str] = mapped_column(Text)
    """As :attr:`ActRow.signed_as`."""
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    """Who approved it, or took it back."""
    decided_as: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    authentication: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(80), default="")
    """Of the minutes; given with the approval."""
    day: Mapped[date | None]
    """The date of that number."""
    archive_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the manifest of the last ZIP of exactly these cases that was taken out before."""
    archive_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    """When the database's own log, which still held old pages, was emptied."""
    revision: Mapped[int] = mapped_column(default=1)

    cases: Mapped[list["DestructionCaseRow"]] = relationship(order_by="DestructionCaseRow.position")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class DestructionCaseRow(Model):
    """One case file on the list of a proposal."""

    __tablename__ = "destruction_case"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    destruction_id: Mapped[str] = mapped_column(ForeignKey("destruction.id"), index=True)
    position: Mapped[int]
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), index=True)
    live_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    """The request, while the proposal counts: no case is on two lists."""
    number: Mapped[str] = mapped_column(String(40))
    """Of the request."""
    outcome: Mapped[str] = mapped_column(String(12), default="")
    """Empty until it was its turn; then ``destroyed``, or ``left-out``: it was not due any more."""
    record: Mapped[str] = mapped_column(Text, default="")
    """What was destroyed, as JSON: numbers, dates, box, digests. Nobody's name."""
    done_at: Mapped[datetime | None]
