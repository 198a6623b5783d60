"""The passwords of an account, never in clear: credentials, their generations, and codes for a new ticket."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.model import Id, Model, new_id

if TYPE_CHECKING:
    from provisioner.store.tables.accounts import LinkRow

WANTED = text("credential.wanted")
"""A credential whose next password is wanted; an index has just these. In its very words: SQLAlchemy would write
``wanted = 1`` for SQLite, which does not take that for the same and reads every credential.
"""


class CredentialRow(Model):
    """One password of an account; all targets that take a verifier share one."""

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index(
            "ix_credential_wanted",
            "account_id",
            sqlite_where=text(WANTED.text.replace("credential.", "")),
            postgresql_where=text(WANTED.text.replace("credential.", "")),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    """``shared``, or what the settings call it; a target that takes clear text only, or that only people operate, has
    its own, named after it."""
    generation: Mapped[int] = mapped_column(default=0)
    """The newest generation; counts initial passwords and the operator's own changes alike."""
    wanted: Mapped[bool] = mapped_column(default=True)
    """A new initial password is to be issued as soon as a ticket is there for it."""
    drawing_token: Mapped[str | None] = mapped_column(String(32))
    """The worker that is drawing it, so that no other takes the trouble too."""
    drawing_until: Mapped[datetime | None]
    """Then anybody may."""
    reference: Mapped[str | None] = mapped_column(String(64))
    """What it was last wanted by, as the log calls it (:mod:`provisioner.observation.reference`)."""

    links: Mapped[list["LinkRow"]] = relationship(back_populates="credential")
    generations: Mapped[list["GenerationRow"]] = relationship(
        back_populates="credential", order_by="GenerationRow.number"
    )


class GenerationRow(Model):
    """One password of a credential: the slip for the applicant and the verifiers for the targets."""

    __tablename__ = "generation"
    __table_args__ = (UniqueConstraint("credential_id", "number"), Index("ix_generation_lapsing", "state", "lapses_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    credential_id: Mapped[str] = mapped_column(ForeignKey("credential.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    """``initial`` (issued here) or ``own`` (chosen by the operator)."""
    state: Mapped[str] = mapped_column(String(12))
    """initial: ``issuing`` (a target that takes clear text only may have it already), ``sealed``, ``opened``,
    ``destroyed``, ``lapsed``, ``superseded``; own: ``pending`` (the sign-in target has not said yes yet),
    ``committed``, ``dropped``."""
    slip: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The password sealed to the ticket's opening key; destroyed at the first change or ten minutes after opening."""
    shown_slip: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The same, sealed to the session of the browser that opened the envelope; destroyed with the slip."""
    ticket_fingerprint: Mapped[str] = mapped_column(String(80), default="")
    verifiers: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Scheme and text per target as JSON, sealed at rest; erased when the envelope is opened or all carried."""
    issued_at: Mapped[datetime]
    lapses_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    shown_until: Mapped[datetime | None] = mapped_column(index=True)
    first_shown_at: Mapped[datetime | None]
    """When that browser was first answered with what was inside."""
    opened_by_session: Mapped[str] = mapped_column(String(32), default="")
    opened_from: Mapped[str] = mapped_column(String(60), default="")
    handed_over: Mapped[str | None] = mapped_column(Text)
    """What the hand-over receipt says of this opening, frozen then (JSON): user name, systems, check code."""

    credential: Mapped[CredentialRow] = relationship(back_populates="generations")


class EnrolmentRow(Model):
    """A one-time code that an applicant exchanges, on an own device, for a new ticket."""

    __tablename__ = "enrolment"
    __table_args__ = (Index("ix_enrolment_open", "used_at", "void_at", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    """``counter`` (registered by the secretary), ``lost`` (ticket lost) or ``reset`` (a new password is wanted)."""
    person_check: Mapped[str] = mapped_column(Text, default="")
    """How the person was checked, in the asking official's words."""
    code_key: Mapped[bytes | None] = mapped_column(LargeBinary(64), unique=True)
    """None until a second official has agreed."""
    asked_by: Mapped[str] = mapped_column(ForeignKey("official.id"))
    agreed_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    void_at: Mapped[datetime | None]
