"""Runs as they are kept: never two at once at a target, and one that died is known by its silence."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioner.audit import Actor, AuditTrail
from provisioner.clock import Clock
from provisioner.convergence.worklist import DUE
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.reconciliation.closing import CLOSE
from provisioner.reconciliation.finding import Difference, Finding, Kind
from provisioner.reconciliation.look import Page
from provisioner.reconciliation.orders import Orders
from provisioner.reconciliation.tally import Tally
from provisioner.settings import ReconciliationSettings
from provisioner.store import Store
from provisioner.store.tables import FindingRow, LinkRow, ReconciliationRow, new_id

BY_SCHEDULE = "schedule"
PURPOSE = "reconciliation.details"
SILENCE = timedelta(minutes=2)
"""Whoever shows no sign of life for so long is dead. Longer than any call to a target may take."""
_ALIVE = timedelta(seconds=2)
_LEFT = timedelta(seconds=10)
"""Whoever was about to write when the turn was lost has written by now, or will find the run lost."""


class RunState(StrEnum):
    """How a run stands."""

    ASKED = "asked"
    """Somebody wants it; the runner begins when it comes by."""
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    """The target could not be read to its end. What was found until then is listed."""
    INTERRUPTED = "interrupted"
    """The service stopped or died. It is simply begun again."""


class RunLost(WrongState):
    """The run was taken for dead and another one may have begun."""


@dataclass
class Run:
    """A run in somebody's hands."""

    id: str
    target: str
    repairs: bool
    actor: Actor
    known: frozenset[str]
    """Keys of the findings that the list in hand, or else that of the last full run, holds."""
    noted_at: datetime
    tally: Tally
    since: "Since | None" = None
    """Only what changed is read: since when, and which list is brought up to date. None: everything is read."""
    differs: bool = False
    """Whether a finding came or went."""
    closing: dict[str, datetime | None] = field(default_factory=dict)
    """Findings by key that are ordered to be closed: an order outlives that the finding is found again."""


@dataclass(frozen=True)
class Since:
    """A full run that came to its end, with what its target says where it ended."""

    run_id: str
    cursor: str
    began: datetime


class Runs:
    """Begins runs, notes what they bring, and ends them."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        keyring: Keyring,
        trail: AuditTrail,
        orders: Orders,
        settings: ReconciliationSettings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keyring = keyring
        self._trail = trail
        self._orders = orders
        self._settings = settings

    def ask(self, session: Session, target: str, by: str, *, repairs: bool = False, only_changes: bool = False) -> str:
        """A run is wanted; gives its id. ``only_changes``: as far as the target can tell, and else a full one.

        :raises WrongState: ``reconciliation-running``: one is asked for or under way.
        """
        now = self._clock()
        self._bury_silent(session, target, now)
        row = ReconciliationRow(
            target=target,
            running_target=target,
            state=RunState.ASKED,
            asked_at=now,
            asked_by=by,
            seen_at=now,
            repairs=repairs,
            only_changes=only_changes,
        )
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise WrongState("reconciliation-running", target=target) from error
        return row.id

    def take(self, run_id: str, expected: int, actor: Actor) -> Run | None:
        """Begin a run that was asked for; None if somebody else has."""
        now = self._clock()
        with self._store.begin() as session:
            taken = (
                update(ReconciliationRow)
                .where(ReconciliationRow.id == run_id, ReconciliationRow.state == RunState.ASKED)
                .values(
                    state=RunState.RUNNING,
                    started_at=now,
                    seen_at=now,
                    expected=expected,
                    unattended=actor == Actor.system(),
                )
                .returning(ReconciliationRow.target, ReconciliationRow.repairs, ReconciliationRow.only_changes)
                .execution_options(synchronize_session=False)
            )
            taken_row = session.execute(taken).one_or_none()
            if taken_row is None:
                return None
            target, repairs, only_changes = taken_row
            before = last_finished(session, target)
            listed = select(FindingRow.key).where(FindingRow.run_id == (before.id if before is not None else ""))
            known = frozenset(session.scalars(listed))
            if only_changes and before is not None and before.cursor is not None:
                tally = Tally.of(session, before, self._settings.listed)
                since = Since(before.id, before.cursor, before.current_at or before.started_at or before.asked_at)
                return Run(run_id, target, repairs, actor, known, now, tally, since)
            run = Run(run_id, target, repairs, actor, known, now, Tally(self._settings.listed))
            if only_changes:
                self._make_full(session, run, "no-cursor")
            return run

    def is_left(self, row: ReconciliationRow) -> bool:
        """Whether the runner that reads gives no sign of life. A person's command has more time: it gives no other."""
        silent = row.seen_at < self._clock() - _LEFT
        return row.state == RunState.RUNNING and bool(row.unattended) and silent

    def take_over(self, target: str) -> str | None:
        """A run that another runner left in the middle is asked for anew, as it was; gives its id, None if there is
        none. Only for a runner that has the turn to read this target: then the other is dead or stands still.
        """
        now = self._clock()
        with self._store.begin() as session:
            left = session.scalars(
                select(ReconciliationRow)
                .where(ReconciliationRow.running_target == target)
                .with_for_update(key_share=True)
            ).one_or_none()
            if left is None or not self.is_left(left):
                return None
            left.state, left.ended_at, left.running_target = RunState.INTERRUPTED, now, None
            session.flush()
            return self.ask(session, target, left.asked_by, repairs=left.repairs, only_changes=left.only_changes)

    def widen(self, run: Run, reason: str) -> None:
        """Everything has to be read after all. :raises RunLost: the run is not ours any more."""
        with self._store.begin() as session:
            self._make_full(session, run, reason)
        run.since, run.tally, run.noted_at = None, Tally(self._settings.listed), self._clock()

    def doubted(self, session: Session, run: Run) -> set[str]:
        """Accounts that the list in hand has findings about and that were written to since it was made, or will be."""
        if run.since is None:
            return set()
        touched = or_(LinkRow.state == DUE, LinkRow.lease_until > self._clock(), LinkRow.applied_at >= run.since.began)
        asked = select(LinkRow.account_id).join(FindingRow, FindingRow.link_id == LinkRow.id)
        return set(session.scalars(asked.where(FindingRow.run_id == run.since.run_id, touched)))

    def note(self, run: Run, page: Page, *, at_once: bool = False) -> bool:
        """Keep what a page brought, if it is time to write; False: the caller collects further.

        :raises RunLost: the run is not ours any more.
        """
        now = self._clock()
        if not at_once and now - run.noted_at < _ALIVE and len(page.findings) < self._settings.listed:
            return False
        with self._store.begin() as session:
            self._write(session, run, page, now)
        run.noted_at = now
        return True

    def finish(self, run: Run, page: Page, cursor: str | None = None, pending: int = 0) -> None:
        """It came to the end. ``cursor``: where the next look at what changed begins; ``pending``: of a run of changes,
        how many accounts' change is under way. :raises RunLost: the run is not ours any more.
        """
        now = self._clock()
        with self._store.begin() as session:
            row = self._write(session, run, page, now)
            row.state, row.ended_at, row.running_target = RunState.FINISHED, now, None
            holder = row if run.since is None else session.get_one(ReconciliationRow, run.since.run_id)
            holder.cursor, holder.current_at, holder.unlisted = cursor, now, run.tally.kept()
            if run.since is not None:
                self._bring_up_to_date(holder, row, pending)
            self._forget_old(session, run.target)
            if run.since is None or run.differs or row.asked_by != BY_SCHEDULE:
                self._record_end(session, run, row)

    def _bring_up_to_date(self, holder: ReconciliationRow, row: ReconciliationRow, pending: int) -> None:
        """The counts of the list, which the run of changes tells as its own."""
        holder.expected, holder.pending = row.expected, pending
        # Every account that takes part is in order, under way, or found: only what changed was counted one by one.
        holder.in_order = max(0, row.expected - pending - holder.drift - holder.missing)
        for name in ("in_order", "pending", *(kind.value for kind in Kind)):
            setattr(row, name, getattr(holder, name))

    def _record_end(self, session: Session, run: Run, row: ReconciliationRow) -> None:
        self._trail.record(
            session,
            "reconciliation-finished",
            actor=run.actor,
            target=run.target,
            in_order=row.in_order,
            drift=row.drift,
            missing=row.missing,
            orphan=row.orphan,
            unmanaged=row.unmanaged,
            recorded=row.recorded,
            pending=row.pending,
        )

    def fail(self, run: Run, page: Page, meaning: str, message: str) -> None:
        """The target could not be read to its end. :raises RunLost: the run is not ours any more."""
        now = self._clock()
        with self._store.begin() as session:
            row = self._write(session, run, page, now)
            row.state, row.ended_at, row.running_target = RunState.FAILED, now, None
            row.error, row.error_message = meaning, message[:1000]
            self._trail.record(
                session, "reconciliation-failed", actor=run.actor, target=run.target, code=meaning, count=row.read
            )

    def interrupt(self, run: Run) -> None:
        """The service stops; nothing is lost but the time."""
        with self._store.begin() as session:
            ours = ReconciliationRow.id == run.id, ReconciliationRow.running_target == run.target
            values = {"state": RunState.INTERRUPTED, "ended_at": self._clock(), "running_target": None}
            session.execute(update(ReconciliationRow).where(*ours).values(values))

    def _write(self, session: Session, run: Run, page: Page, now: datetime) -> ReconciliationRow:
        row = self._ours(session, run)
        holder = row
        if run.since is not None:
            holder = session.get_one(ReconciliationRow, run.since.run_id, with_for_update=True)
            self._forget(session, run, holder, page)
        row.seen_at = now
        row.read += page.read
        row.in_order += page.in_order
        row.pending += page.pending
        listed = list(self._listed(holder, run, page.findings))
        if listed:
            session.execute(insert(FindingRow), listed)
            row.new += sum(1 for each in listed if each["is_new"])
        if run.repairs:
            self._orders.repair(session, run.target, page.findings, run.actor)
            ordered = [each["id"] for each in listed if each["link_id"] is not None]
            self._orders.mark(session, ordered)
        return row

    def _ours(self, session: Session, run: Run) -> ReconciliationRow:
        ours = ReconciliationRow.id == run.id, ReconciliationRow.running_target == run.target
        row = session.scalars(select(ReconciliationRow).where(*ours).with_for_update(key_share=True)).one_or_none()
        if row is None:
            raise RunLost("reconciliation-lost", target=run.target)
        return row

    def _make_full(self, session: Session, run: Run, reason: str) -> None:
        row = self._ours(session, run)
        row.only_changes, row.why_full, row.seen_at = False, reason, self._clock()
        row.read = row.in_order = row.pending = row.new = 0

    def _forget(self, session: Session, run: Run, holder: ReconciliationRow, page: Page) -> None:
        """What was judged anew is not in the list any more; what it finds is added to it like new."""
        kept = {each.key for each in page.findings}
        run.closing.update(_ordered_closing(session, holder, page.judged))
        gone = run.tally.forget(session, holder, page.judged)
        if page.named:
            gone += run.tally.forget_unnamed(session, holder, page.named)
        run.differs = run.differs or gone != len(kept) or not kept <= run.known

    def _listed(self, row: ReconciliationRow, run: Run, findings: Iterable[Finding]) -> Iterable[dict[str, Any]]:
        for each in findings:
            setattr(row, each.kind.value, getattr(row, each.kind.value) + 1)
            if run.tally.takes(each.kind, each.key):
                yield {
                    "id": new_id(),
                    "run_id": row.id,
                    "kind": each.kind.value,
                    "reason": each.reason.value,
                    "key": each.key,
                    "remote_id": each.remote_id,
                    "username": each.username,
                    "folded": each.username.casefold()[:256],
                    "enabled": each.enabled,
                    "account_id": each.account_id[:64] if each.account_id else None,
                    "link_id": each.link_id,
                    "details": self._sealed(each.differences),
                    "is_new": each.key not in run.known,
                    "ordered": CLOSE if each.key in run.closing else "",
                    "ordered_at": run.closing.get(each.key),
                }

    def _sealed(self, differences: tuple[Difference, ...]) -> bytes | None:
        if not differences:
            return None
        plain = [[each.name, each.should, each.found] for each in differences]
        return self._keyring.seal(PURPOSE, json.dumps(plain).encode())

    def _bury_silent(self, session: Session, target: str, now: datetime) -> None:
        silent = ReconciliationRow.running_target == target, ReconciliationRow.seen_at < now - SILENCE
        values = {"state": RunState.INTERRUPTED, "ended_at": now, "running_target": None}
        session.execute(update(ReconciliationRow).where(*silent).values(values))

    def _forget_old(self, session: Session, target: str) -> None:
        session.flush()
        held = last_finished(session, target)
        for only_changes in (False, True):
            newest_first = select(ReconciliationRow.id).where(
                ReconciliationRow.target == target,
                ReconciliationRow.running_target.is_(None),
                ReconciliationRow.only_changes.is_(only_changes),
                ReconciliationRow.id != (held.id if held is not None else ""),
            )
            newest_first = newest_first.order_by(ReconciliationRow.asked_at.desc())
            old = session.scalars(newest_first.offset(self._settings.kept - (not only_changes))).all()
            if old:
                session.execute(delete(FindingRow).where(FindingRow.run_id.in_(old)))
                session.execute(delete(ReconciliationRow).where(ReconciliationRow.id.in_(old)))


def _ordered_closing(session: Session, row: ReconciliationRow, keys: Collection[str]) -> dict[str, datetime | None]:
    asked = select(FindingRow.key, FindingRow.ordered_at).where(
        FindingRow.run_id == row.id, FindingRow.ordered == CLOSE, FindingRow.closed_at.is_(None)
    )
    return {key: at for key, at in session.execute(asked) if key in keys}


def differences_in(keyring: Keyring, details: bytes | None) -> tuple[Difference, ...]:
    """Back from what is stored. :raises SealBroken: it was changed."""
    if details is None:
        return ()
    return tuple(Difference(*each) for each in json.loads(keyring.open(PURPOSE, details)))


def last_finished(session: Session, target: str, before: ReconciliationRow | None = None) -> ReconciliationRow | None:
    """The last full run that came to its end (``before``: the last one before that one)."""
    asked = select(ReconciliationRow).where(
        ReconciliationRow.target == target,
        ReconciliationRow.state == RunState.FINISHED,
        ReconciliationRow.only_changes.is_(False),
    )
    if before is not None:
        asked = asked.where(ReconciliationRow.asked_at < before.asked_at, ReconciliationRow.id != before.id)
    return session.scalars(asked.order_by(ReconciliationRow.asked_at.desc()).limit(1)).one_or_none()


def found_anything(row: ReconciliationRow) -> bool:
    """Whether there is anything an office has to do something about. Strangers are not."""
    return any(getattr(row, kind.value) for kind in (Kind.DRIFT, Kind.MISSING, Kind.ORPHAN))
