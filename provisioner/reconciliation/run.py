"""Runs as they are kept: never two at once at a target, and one that died is known by its silence."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from provisioner.audit import Actor, AuditTrail
from provisioner.clock import Clock
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.reconciliation.finding import Difference, Finding, Kind
from provisioner.reconciliation.look import Page
from provisioner.reconciliation.orders import Orders
from provisioner.settings import ReconciliationSettings
from provisioner.store import Store
from provisioner.store.tables import FindingRow, ReconciliationRow, new_id

PURPOSE = "reconciliation.details"
SILENCE = timedelta(minutes=2)
"""Whoever shows no sign of life for so long is dead. Longer than any call to a target may take."""
_ALIVE = timedelta(seconds=2)


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
    """Keys of the findings that the last finished run listed."""
    noted_at: datetime


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

    def ask(self, session: Session, target: str, by: str, *, repairs: bool = False) -> str:
        """A run is wanted; gives its id.

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
                .values(state=RunState.RUNNING, started_at=now, seen_at=now, expected=expected)
                .returning(ReconciliationRow.target, ReconciliationRow.repairs)
                .execution_options(synchronize_session=False)
            )
            row = session.execute(taken).one_or_none()
            if row is None:
                return None
            before = last_finished(session, row.target)
            listed = select(FindingRow.key).where(FindingRow.run_id == (before.id if before is not None else ""))
            return Run(run_id, row.target, row.repairs, actor, frozenset(session.scalars(listed)), now)

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

    def finish(self, run: Run, page: Page) -> None:
        """It came to the end. :raises RunLost: the run is not ours any more."""
        now = self._clock()
        with self._store.begin() as session:
            row = self._write(session, run, page, now)
            row.state, row.ended_at, row.running_target = RunState.FINISHED, now, None
            self._forget_old(session, run.target)
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
        ours = ReconciliationRow.id == run.id, ReconciliationRow.running_target == run.target
        row = session.scalars(select(ReconciliationRow).where(*ours).with_for_update()).one_or_none()
        if row is None:
            raise RunLost("reconciliation-lost", target=run.target)
        row.seen_at = now
        row.read += page.read
        row.in_order += page.in_order
        row.pending += page.pending
        listed = list(self._listed(row, run, page.findings))
        if listed:
            session.execute(insert(FindingRow), listed)
            row.new += sum(1 for each in listed if each["is_new"])
        if run.repairs:
            self._orders.repair(session, run.target, page.findings, run.actor)
            ordered = [each["id"] for each in listed if each["link_id"] is not None]
            self._orders.mark(session, ordered)
        return row

    def _listed(self, row: ReconciliationRow, run: Run, findings: Iterable[Finding]) -> Iterable[dict[str, Any]]:
        for each in findings:
            before = getattr(row, each.kind.value)
            setattr(row, each.kind.value, before + 1)
            if before < self._settings.listed:
                yield {
                    "id": new_id(),
                    "run_id": row.id,
                    "kind": each.kind.value,
                    "reason": each.reason.value,
                    "key": each.key[:260],
                    "remote_id": each.remote_id,
                    "username": each.username,
                    "folded": each.username.casefold()[:256],
                    "enabled": each.enabled,
                    "account_id": each.account_id[:64] if each.account_id else None,
                    "link_id": each.link_id,
                    "details": self._sealed(each.differences),
                    "is_new": each.key[:260] not in run.known,
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
        newest_first = select(ReconciliationRow.id).where(
            ReconciliationRow.target == target, ReconciliationRow.running_target.is_(None)
        )
        newest_first = newest_first.order_by(ReconciliationRow.asked_at.desc())
        old = session.scalars(newest_first.offset(self._settings.kept)).all()
        if old:
            session.execute(delete(FindingRow).where(FindingRow.run_id.in_(old)))
            session.execute(delete(ReconciliationRow).where(ReconciliationRow.id.in_(old)))


def differences_in(keyring: Keyring, details: bytes | None) -> tuple[Difference, ...]:
    """Back from what is stored. :raises SealBroken: it was changed."""
    if details is None:
        return ()
    return tuple(Difference(*each) for each in json.loads(keyring.open(PURPOSE, details)))


def last_finished(session: Session, target: str, before: ReconciliationRow | None = None) -> ReconciliationRow | None:
    """The last run that came to its end (``before``: the last one before that one)."""
    asked = select(ReconciliationRow).where(
        ReconciliationRow.target == target, ReconciliationRow.state == RunState.FINISHED
    )
    if before is not None:
        asked = asked.where(ReconciliationRow.asked_at < before.asked_at, ReconciliationRow.id != before.id)
    return session.scalars(asked.order_by(ReconciliationRow.asked_at.desc()).limit(1)).one_or_none()


def found_anything(row: ReconciliationRow) -> bool:
    """Whether there is anything an office has to do something about. Strangers are not."""
    return any(getattr(row, kind.value) for kind in (Kind.DRIFT, Kind.MISSING, Kind.ORPHAN))
