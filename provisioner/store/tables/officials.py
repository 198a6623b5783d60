"""The office's own people and who acts for whom."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class OfficialRow(Model):
    """An official with an own account here. ``posts`` are identifiers of the office's posts, space-separated."""

    __tablename__ = "official"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    full_name: Mapped[str] = mapped_column(String(200))
    title_prefix: Mapped[str] = mapped_column(String(60), default="")
    title_suffix: Mapped[str] = mapped_column(String(60), default="")
    staff_number: Mapped[str] = mapped_column(String(18), default="")
    """Printed under every paper the official signs, so it is not sealed."""
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    """Keyed look-up form of the NIK, to refuse deciding on the own request."""
    staff_key: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    rank: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[str] = mapped_column(String(200), default="")
    posts: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    first_password_at: Mapped[datetime | None]
    """When the first password that holds now was drawn; None: nobody knows one, or it is from before this was kept."""
    first_password_until: Mapped[datetime | None]
    """From then on it lets nobody in. Means nothing once ``must_change`` is off."""
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed. Counts only once ``totp_confirmed_at`` is set."""
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    suspended_at: Mapped[datetime | None]
    expires_on: Mapped[date | None]
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]


class MandateRow(Model):
    """A Plt. or Plh.: who acts for a post, by which order, from when to when."""

    __tablename__ = "mandate"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    official_id: Mapped[str] = mapped_column(ForeignKey("official.id"), index=True)
    post: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(3))
    """``PLT`` (post vacant) or ``PLH`` (holder absent); UU 30/2014 Pasal 14."""
    order_number: Mapped[str] = mapped_column(String(80))
    order_date: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
