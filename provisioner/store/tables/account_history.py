"""What each account was, from every change on: rows that are only ever added."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Model


class AccountHistoryRow(Model):
    """An account as one unit of work left it. What it was on a day: the newest row from before the day's end."""

    __tablename__ = "account_history"
    __table_args__ = (Index("ix_account_history_account", "account_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    username: Mapped[str] = mapped_column(String(100))
    full_name: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(260))
    role: Mapped[str] = mapped_column(String(60))
    region: Mapped[str] = mapped_column(String(30))
    org_unit: Mapped[str] = mapped_column(String(200))
    valid_until: Mapped[date | None]
    pact_id: Mapped[str] = mapped_column(ForeignKey("pact.id"))
    state: Mapped[str] = mapped_column(String(30))
    state_reason: Mapped[str] = mapped_column(String(60))
    state_at: Mapped[datetime]
    """Since when the account was in this state."""
    rebuilt: Mapped[bool] = mapped_column(default=False)
    """Made afterwards, from the audit trail, for a time before this table: name, role and region are those of the day
    on which it was made."""
