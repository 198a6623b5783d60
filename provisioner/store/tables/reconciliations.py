"""Looks at everything a target holds, and what they found."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from provisioner.store.tables.model import Id, Model, new_id


class ReconciliationRow(Model):
    """One look at one target. ``state``: see :class:`provisioner.reconciliation.run.RunState`."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_target", "target", "asked_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    target: Mapped[str] = mapped_column(String(60))
    running_target: Mapped[str | None] = mapped_column(String(60), unique=True)
    """The target while the run is asked for or under way: there is never more than one."""
    state: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(20))
    """``schedule``, ``official`` or ``command``."""
    repairs: Mapped[bool] = mapped_column(default=False)
    """Whether what differs and what is missing is ordered to be repaired as it is found."""
    unattended: Mapped[bool | None]
    """A runner reads, which gives signs of life otherwise too; None: nobody reads yet, or an old release."""
    only_changes: Mapped[bool] = mapped_column(default=False)
    """Whether only what changed is read. Its findings stand in the list of the last full run, which it brings up to
    date; its own counts are that list's."""
    why_full: Mapped[str] = mapped_column(String(12), default="")
    """Why everything was read although only what changed was asked for."""
    cursor: Mapped[str | None] = mapped_column(Text)
    """Of a full run: where the next run of changes begins, in the target's own words."""
    current_at: Mapped[datetime | None]
    """Of a full run: when its list was last brought up to date."""
    unlisted: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of a full run: fingerprints of the findings that are counted and not listed, eight bytes each."""
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    """When it last showed that it is alive."""
    ended_at: Mapped[datetime | None]
    expected: Mapped[int] = mapped_column(default=0)
    """Accounts that the target should hold, as counted at the start."""
    read: Mapped[int] = mapped_column(default=0)
    """Entries read so far."""
    in_order: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)
    """Accounts whose change is under way: nothing is said about them."""
    drift: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    orphan: Mapped[int] = mapped_column(default=0)
    unmanaged: Mapped[int] = mapped_column(default=0)
    recorded: Mapped[int] = mapped_column(default=0, server_default="0")
    """Not ours, but made known by a list: see :class:`RecordedAccountRow`."""
    new: Mapped[int] = mapped_column(default=0)
    """Listed findings that the last finished run had not."""
    error: Mapped[str] = mapped_column(String(40), default="")
    """Why it failed: a connector error's name."""
    error_message: Mapped[str] = mapped_column(Text, default="")


class FindingRow(Model):
    """Something that is not as decided. Listed up to a limit; the run's counts are complete."""

    __tablename__ = "reconciliation_finding"
    __table_args__ = (Index("ix_reconciliation_finding_run", "run_id", "kind", "folded"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("reconciliation.id"))
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(20), default="")
    key: Mapped[str] = mapped_column(String(260))
    """The same for the same finding of another run."""
    remote_id: Mapped[str] = mapped_column(String(200), default="")
    username: Mapped[str] = mapped_column(String(256))
    folded: Mapped[str] = mapped_column(String(256))
    """The user name for searching."""
    enabled: Mapped[bool | None]
    """Whether the entry can be used; None where there is none."""
    account_id: Mapped[str | None] = mapped_column(String(64), index=True)
    link_id: Mapped[str | None] = mapped_column(String(32))
    details: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Differences as JSON, sealed: they may be personal."""
    is_new: Mapped[bool] = mapped_column(default=True)
    """Whether the last finished run did not list it."""
    ordered: Mapped[str] = mapped_column(String(10), default="")
    """``repair`` or ``close``, once somebody has ordered it."""
    ordered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    """When an orphan was closed."""
    error: Mapped[str] = mapped_column(String(40), default="")
    """Why an orphan could not be closed: a connector error's name."""
