"""Accounts, and what each target should hold for them (links)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from provisioner.store.tables.credentials import CredentialRow
from provisioner.store.tables.model import Id, Model, new_id

_LEASED = text("lease_token IS NOT NULL")
TROUBLE = "link.state IN ('failed', 'asked') OR link.failing_since IS NOT NULL OR link.waits_for_credential"
"""A link whose system does not follow, or where a person has not confirmed; an index has just these."""


class AccountRow(Model):
    """A SIAK operator's account: what *should* be. Any change counts ``desired_version`` up."""

    __tablename__ = "account"
    __table_args__ = (
        # In the order of the list, with everything its search and filters look at: see provisioner/store/long_lists.py.
        Index(
            "ix_account_listed", "full_name", "id", "username", "org_unit", "state", "role", "region", "pact_revision"
        ),
        Index(
            "ix_account_in_state",
            *("state", "full_name", "id", "state_reason", "pact_revision", "username", "org_unit", "role", "region"),
        ),
        Index("ix_account_folded", text("lower(username)")),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), unique=True)
    pact_id: Mapped[str] = mapped_column(ForeignKey("pact.id"))
    person_key: Mapped[bytes] = mapped_column(LargeBinary(64), index=True)
    staff_key: Mapped[bytes | None] = mapped_column(LargeBinary(64), index=True)
    full_name: Mapped[str] = mapped_column(String(200), index=True)
    display_name: Mapped[str] = mapped_column(String(260))
    role: Mapped[str] = mapped_column(String(60))
    region: Mapped[str] = mapped_column(String(30))
    org_unit: Mapped[str] = mapped_column(String(200), default="")
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    """Position, phone, mail and staff number as JSON, sealed."""
    valid_until: Mapped[date | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(30), index=True)
    """See :class:`provisioner.account.AccountState`."""
    state_reason: Mapped[str] = mapped_column(String(60), default="")
    state_note: Mapped[str] = mapped_column(Text, default="")
    state_at: Mapped[datetime]
    desired_version: Mapped[int] = mapped_column(default=1)
    password_changed_at: Mapped[datetime | None]
    """When the operator last chose an own password; None: the initial one was not changed yet."""
    password_set: Mapped[str | None] = mapped_column(String(80))
    """:attr:`~provisioner.connector.Authentication.password_set` of the operator's own password that we know."""
    revoked_as: Mapped[str | None] = mapped_column(Text)
    """Who revoked it, as :attr:`ActRow.signed_as`."""
    revoked_at: Mapped[datetime | None]
    delete_after: Mapped[datetime | None]
    """When a revoked account's entry may be removed from the targets."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    last_sign_in_at: Mapped[datetime | None]
    pact_revision: Mapped[str | None] = mapped_column(String(40), index=True)
    """The revision that the operator signed last."""
    pact_lapses_on: Mapped[date | None] = mapped_column(index=True)
    """The last day of the pact that the operator signed last."""
    pact_extended_to: Mapped[date | None]
    """Time that an official gave this operator for signing anew, beyond what holds for everybody."""
    pact_reminded_on: Mapped[date | None]
    """When the operator was last shown that the pact has to be signed anew, for the trail."""
    destroyed_at: Mapped[datetime | None]
    """When it was emptied together with the case file of its request. The user name is never given again."""
    revision: Mapped[int] = mapped_column(default=1)

    links: Mapped[list["LinkRow"]] = relationship(back_populates="account", order_by="LinkRow.target")
    credentials: Mapped[list[CredentialRow]] = relationship()

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012


class LinkRow(Model):
    """One account at one target: the work list of convergence."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("account_id", "target"),
        Index("ix_link_due", "target", "state", "next_try_at"),
        Index("ix_link_entry", "target", "remote_id"),
        Index("ix_link_leased", "target", sqlite_where=_LEASED, postgresql_where=_LEASED),
        Index(
            "ix_link_trouble",
            "account_id",
            sqlite_where=text(TROUBLE.replace("link.", "")),
            postgresql_where=text(TROUBLE.replace("link.", "")),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    target: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[str | None] = mapped_column(ForeignKey("credential.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    """``due``, ``done``, ``asked`` (a person must), ``failed`` (parked), ``gone`` (deleted after quarantine) or
    ``left-out`` (the section head decided to do without this target)."""
    desired_version: Mapped[int]
    applied_version: Mapped[int] = mapped_column(default=0)
    applied_generation: Mapped[int] = mapped_column(default=0)
    remote_id: Mapped[str | None] = mapped_column(String(200))
    adopts: Mapped[str | None] = mapped_column(String(200))
    """The immutable id of a stranger's entry which, by decision, becomes this account's. No other ever does."""
    waits_for_credential: Mapped[bool] = mapped_column(default=False)
    """The entry was restored disabled: only a new generation enables it."""
    restored_version: Mapped[int | None]
    """Set when the store was restored from a backup, to the version that it remembered then; empty again once the
    target was read. A newer version there is from the time that is lost, whatever was counted here since."""
    in_doubt: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(40), default="")
    """The meaning of the last failure (a connector error's name), empty when there was none."""
    error_message: Mapped[str] = mapped_column(Text, default="")
    failing_since: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When this target first followed the revocation of the account."""
    desired_at: Mapped[datetime | None]
    """Since when it is behind: when the first change was decided that it does not hold yet."""
    reference: Mapped[str | None] = mapped_column(String(64))
    """What the last change came from, as the log calls it (:mod:`provisioner.observation.reference`)."""

    account: Mapped[AccountRow] = relationship(back_populates="links")
    credential: Mapped[CredentialRow | None] = relationship(back_populates="links")
    health: Mapped["TargetHealthRow | None"] = relationship(
        primaryjoin="foreign(LinkRow.target) == TargetHealthRow.target", viewonly=True
    )


class TargetHealthRow(Model):
    """How a target answers, whatever account it is asked for: the circuit breaker."""

    __tablename__ = "target_health"

    target: Mapped[str] = mapped_column(String(60), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    """Calls in a row that found it unavailable."""
    rests_until: Mapped[datetime | None]
    """Nothing is tried there before; then one try at a time until one succeeds."""
    failing_since: Mapped[datetime | None]
    """When the first of these calls ended."""
    paused_at: Mapped[datetime | None]
    """Since when nothing is sent there, because somebody wants it so."""
    paused_by: Mapped[str | None] = mapped_column(String(260))
    pause_reason: Mapped[str | None] = mapped_column(Text)


class UsernameRow(Model):
    """Every user name ever given, folded: never given to anybody else again."""

    __tablename__ = "username"

    folded: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"))
    reserved_at: Mapped[datetime]
