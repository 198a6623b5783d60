"""Everybody's sessions, and how often somebody tried."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class SessionRow(Model):
    """A browser that is signed in. The cookie holds a random token; only its keyed digest is here."""

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_key: Mapped[bytes] = mapped_column(LargeBinary(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    """``official``, ``operator`` or ``applicant`` (the browser that began a draft or typed the ticket)."""
    subject_id: Mapped[str] = mapped_column(String(32), index=True)
    stage: Mapped[str] = mapped_column(String(20), default="full")
    """``full``, or what is still demanded: ``totp``, ``change``, ``enrol-totp``."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(60), default="")
    agent: Mapped[str] = mapped_column(String(200), default="")


class ThrottleRow(Model):
    """Failures and attempts by key (a digest): lockouts and rate limits that every process sees."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    window_ends_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]
