"""Letters, the requests they carry, the acts officials took on them and the time on each desk."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.model import Id, Model, new_id


class LetterRow(Model):
    """A Surat Permohonan: steps 1 to 3 act on it. Names one or more applicants."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_waiting", "state", "step", "received_at", "id"),
        Index("ix_letter_searched", "id", "number", "sender"),
        Index("ix_letter_of_channel", "channel", "state", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(80), default="")
    letter_date: Mapped[date | None]
    sender: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    urgency: Mapped[str] = mapped_column(String(20), default="biasa")
    channel: Mapped[str] = mapped_column(String(20))
    """``public`` (the applicant's own form) or ``counter`` (registered by the secretary)."""
    registered_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    state: Mapped[str] = mapped_column(String(30), index=True)
    step: Mapped[int] = mapped_column(default=1)
    """The SOP's step whose actor has it, or (returned) to whose desk it comes back."""
    created_at: Mapped[datetime]
    received_at: Mapped[datetime | None]
    register_id: Mapped[str | None] = mapped_column(ForeignKey("register_entry.id", use_alter=True), index=True)
    """Its entry in the register book; a copy of a letter shares that of the letter. None: not registered yet."""
    destroyed_at: Mapped[datetime | None]
    """When its papers were destroyed because their retention was over: only numbers and dates are left."""
    destruction_id: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(default=1)
    """Counted up by every change: a form made for an older revision is refused."""

    requests: Mapped[list["RequestRow"]] = relationship(back_populates="letter", order_by="RequestRow.position")
    acts: Mapped[list["ActRow"]] = relationship(back_populates="letter", order_by="ActRow.at")
    visits: Mapped[list["DeskVisitRow"]] = relationship(order_by="DeskVisitRow.arrived_at")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class RequestRow(Model):
    """One applicant on a letter: steps 4 to 6 act on it."""

    __tablename__ = "request"
    __table_args__ = (
        Index("ix_request_listed", "submitted_at", "id", "number", "state", "letter_id"),
        Index("ix_request_searched", "id", "full_name", "number", "org_unit", "username"),
        Index("ix_request_replaces_username", "replaces_username"),
        Index("ix_request_in_state", "state", "submitted_at", "id", "letter_id", "account_id"),
        Index("ix_request_username", "username"),
        Index("ix_request_finished_at", "finished_at"),
        Index("ix_request_kept", "submitted_at", "destroyed_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    position: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(30), index=True)
    revision: Mapped[int] = mapped_column(default=1)

    bio: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What was typed into the bio form, as JSON, sealed; kept as typed until it is complete."""
    bio_complete: Mapped[bool] = mapped_column(default=False)
    bio_frozen_at: Mapped[datetime | None]
    forwarded_identity: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    """Keyed digest of person, role and region as the head saw them: a change starts again at the head."""
    full_name: Mapped[str] = mapped_column(String(200), default="", index=True)
    display_name: Mapped[str] = mapped_column(String(260), default="")
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary(64), index=True)
    """Keyed look-up form of the NIK."""
    staff_key: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    role: Mapped[str] = mapped_column(String(60), default="")
    region: Mapped[str] = mapped_column(String(30), default="")
    org_unit: Mapped[str] = mapped_column(String(200), default="")
    valid_until: Mapped[date | None]
    replaces_username: Mapped[str] = mapped_column(String(100), default="")

    tracking_key: Mapped[bytes | None] = mapped_column(LargeBinary(64), unique=True)
    tracking_code: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The code itself, sealed: it stands on every print of the receipt. It shows the state and nothing else."""
    ticket_fingerprint: Mapped[str | None] = mapped_column(String(80), unique=True)
    opening_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    signing_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    check_code: Mapped[str | None] = mapped_column(String(20))
    person_confirmed_at: Mapped[datetime | None]
    """When the section head confirmed the person and typed the check code."""

    username: Mapped[str | None] = mapped_column(String(100))
    answer: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", use_alter=True))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None] = mapped_column(index=True)
    """When its case file was destroyed because its retention was over: only numbers, dates and states are left."""
    destruction_id: Mapped[str | None] = mapped_column(Id)

    letter: Mapped[LetterRow] = relationship(back_populates="requests")

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


# Newest first, and then as they stand on their letter: no other index has both in this order.
Index(
    "ix_request_newest",
    RequestRow.submitted_at.desc(),
    *(RequestRow.id, RequestRow.state, RequestRow.letter_id),
    sqlite_where=text("number IS NOT NULL"),
    postgresql_where=text("number IS NOT NULL"),
)


class ActRow(Model):
    """What somebody did to a letter or a request: dispositions, returns, rejections, approvals and signatures."""

    __tablename__ = "act"
    __table_args__ = (
        Index("ix_act_official_recent", "official_id", "at"),
        Index(
            "ix_act_on_paper",
            *("official_id", "at"),
            sqlite_where=text("recorded_by IS NOT NULL"),
            postgresql_where=text("recorded_by IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), index=True)
    step: Mapped[int]
    kind: Mapped[str] = mapped_column(String(30))
    official_id: Mapped[str | None] = mapped_column(ForeignKey("official.id"), index=True)
    """None: the applicant."""
    post: Mapped[str] = mapped_column(String(30), default="")
    acting_for: Mapped[str] = mapped_column(Text, default="")
    """The words "Plt. Kepala Dinas (SP 800/1, 2 Januari 2026)" as they were then; empty for the holder."""
    actor_label: Mapped[str] = mapped_column(String(300), default="")
    signed_as: Mapped[str | None] = mapped_column(Text)
    """Name, post, rank, NIP and mandate as papers print them, frozen when it was done (JSON). None: the applicant, or
    an act from before this was kept."""
    requested_action: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    state_before: Mapped[str] = mapped_column(String(30))
    state_after: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """When the next desk opened it: from then on it cannot be undone."""
    undone_at: Mapped[datetime | None]
    recorded_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    """Who recorded it from an initialled sheet; ``official_id`` is still the official who decided."""
    sheet_id: Mapped[str | None] = mapped_column(ForeignKey("attachment.id"))
    """The scan of that sheet."""

    letter: Mapped[LetterRow] = relationship(back_populates="acts")


class DeskVisitRow(Model):
    """The time a letter (``request_id`` None) or a request lay on one desk: arrived, first opened, left."""

    __tablename__ = "desk_visit"
    __table_args__ = (
        Index(
            "ix_desk_visit_open",
            "step",
            "arrived_at",
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letter.id"), index=True)
    request_id: Mapped[str | None] = mapped_column(ForeignKey("request.id"), index=True)
    step: Mapped[int]
    desk: Mapped[str] = mapped_column(String(30))
    arrived_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str | None] = mapped_column(ForeignKey("official.id"))
    left_at: Mapped[datetime | None]


class CounterRow(Model):
    """Running numbers by name and year, without gaps: taken in the transaction that uses them."""

    __tablename__ = "counter"
    __table_args__ = (UniqueConstraint("name", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    value: Mapped[int] = mapped_column(default=0)
