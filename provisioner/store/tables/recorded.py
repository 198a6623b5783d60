"""Accounts that were in a system before this service, and the lists by which they were made known."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.model import Id, Model, new_id


class RecordedListRow(Model):
    """One list that was read in."""

    __tablename__ = "recorded_list"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    target: Mapped[str] = mapped_column(String(60), index=True)
    pact_by: Mapped[date]
    """The day by which everybody on it should have signed; a row may have a later one."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    """None: somebody at the machine itself."""
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"), index=True)
    """The letter by which the head is asked to decide about the list: the newest of them."""
    taken_back_at: Mapped[datetime | None]

    accounts: Mapped[list["RecordedAccountRow"]] = relationship(
        back_populates="of_list", order_by="RecordedAccountRow.line", cascade="all, delete-orphan"
    )


class RecordedAccountRow(Model):
    """An account that exists in a system and has no pact. Nothing here is ever carried to that system."""

    __tablename__ = "recorded_account"
    __table_args__ = (
        Index("ix_recorded_account_listed", "pact_by", "full_name", "id", "state", "username", "org_unit"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    list_id: Mapped[str] = mapped_column(ForeignKey("recorded_list.id"), index=True)
    line: Mapped[int]
    """Where it stood in the list."""
    live_key: Mapped[str | None] = mapped_column(String(330), unique=True)
    """System and folded user name, as long as the row counts: nothing is recorded twice."""
    target: Mapped[str] = mapped_column(String(60), index=True)
    username: Mapped[str] = mapped_column(String(256))
    """As the system writes it."""
    folded: Mapped[str] = mapped_column(String(256), index=True)
    remote_id: Mapped[str | None] = mapped_column(String(200), index=True)
    """The entry's immutable id when it was recorded; where only people can look, what their list shows instead."""
    full_name: Mapped[str] = mapped_column(String(200), index=True)
    role: Mapped[str] = mapped_column(String(60), default="")
    region: Mapped[str] = mapped_column(String(30), default="")
    org_unit: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    """NIK and phone as JSON, sealed."""
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary(64), index=True)
    """Keyed look-up form of the NIK, where the list had one."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    """See :class:`provisioner.recorded_account.RecordedState`."""
    pact_by: Mapped[date] = mapped_column(index=True)
    reminded_at: Mapped[datetime | None]
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), unique=True)
    """The request by which it comes under management."""
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    ended_at: Mapped[datetime | None]
    """When it stopped being one: it was signed for, or taken off the list. None although it is over: it was taken off
    before this was written down."""

    of_list: Mapped[RecordedListRow] = relationship(back_populates="accounts")
