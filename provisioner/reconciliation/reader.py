"""The runner's part: reading targets page by page when it is due or asked for, and closing orphans."""

import logging
import time
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.audit import Actor
from provisioner.clock import Clock
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import DUE, left_alone
from provisioner.errors import WrongState
from provisioner.office import Office
from provisioner.reconciliation.closing import Closing
from provisioner.reconciliation.reading import Reading, Readings
from provisioner.reconciliation.run import BY_SCHEDULE, RunLost, Runs, RunState, last_finished
from provisioner.reconciliation.schedule import turn_began
from provisioner.settings import ReconciliationSettings
from provisioner.store import Store
from provisioner.store.tables import LinkRow, ReconciliationRow

_log = logging.getLogger(__name__)

_TRY_AGAIN = timedelta(minutes=15)
"""A turn whose run did not come to its end is tried again after so long."""
_LOOK_EVERY_SECONDS = 1.0
_LONGEST_REST_SECONDS = 1.0


class Reader:
    """One step at a time for each target, from one thread a target."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        office: Office,
        targets: TargetSet,
        runs: Runs,
        readings: Readings,
        closing: Closing,
        settings: ReconciliationSettings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._office = office
        self._targets = targets
        self._runs = runs
        self._readings = readings
        self._closing = closing
        self._settings = settings
        self._open: dict[str, Reading] = {}
        self._looked: dict[str, float] = {}

    def hint(self) -> None:
        """Somebody has just asked for something: look at once."""
        self._looked.clear()

    def work(self, target: str) -> bool:
        """Read a page, close an orphan or begin a run; False: nothing is to be done now."""
        if target in self._open:
            self._step(target)
            return True
        now = time.monotonic()
        if now - self._looked.get(target, -_LOOK_EVERY_SECONDS) < _LOOK_EVERY_SECONDS:
            return False
        if self._targets.asks_people(target) or self._rests(target):
            self._looked[target] = now
            return False
        worked = self._closing.one(target) or self._begin(target)
        if not worked:
            self._looked[target] = now
        return worked

    def work_politely(self, target: str) -> bool:
        """The same, and then a rest as long as the page took while accounts wait to be carried to any system."""
        began = time.monotonic()
        worked = self.work(target)
        if worked and self._others_wait():
            time.sleep(min(_LONGEST_REST_SECONDS, 2 * (time.monotonic() - began)))
        return worked

    def leave(self, target: str) -> None:
        """Somebody else reads this target from now on."""
        if target in self._open:
            self._open.pop(target).interrupt()

    def end(self) -> None:
        """The runner stops: what is open will be begun again."""
        for target in list(self._open):
            self.leave(target)

    def _step(self, target: str) -> None:
        reading = self._open[target]
        try:
            if reading.step() is None:
                del self._open[target]
        except RunLost:
            del self._open[target]
            _log.warning("the reading of %s was taken for dead", target)
        except Exception:
            del self._open[target]
            reading.interrupt()
            raise

    def _begin(self, target: str) -> bool:
        with self._store.read() as session:
            asked = session.scalars(
                select(ReconciliationRow.id).where(
                    ReconciliationRow.running_target == target, ReconciliationRow.state == RunState.ASKED
                )
            ).one_or_none()
            only_changes = False
            if asked is None and not self._due(session, target):
                only_changes = self._changes_due(session, target)
                if not only_changes:
                    return False
        if asked is None:
            try:
                with self._store.begin() as session:
                    asked = self._runs.ask(session, target, BY_SCHEDULE, only_changes=only_changes)
            except WrongState:
                return False  # Somebody else was quicker.
        reading = self._readings.begin(asked, target, Actor.system())
        if reading is not None:
            self._open[target] = reading
        return True

    def _due(self, session: Session, target: str) -> bool:
        hours = self._settings.every_hours_at.get(target, self._settings.every_hours)
        if not hours:
            return False
        now = self._clock()
        began = turn_began(now, self._office.zone, self._settings.at, hours)
        last = session.execute(
            select(ReconciliationRow.asked_at, ReconciliationRow.state, ReconciliationRow.running_target)
            .where(ReconciliationRow.target == target, ReconciliationRow.only_changes.is_(False))
            .order_by(ReconciliationRow.asked_at.desc())
            .limit(1)
        ).one_or_none()
        if last is None:
            return self._something_was_there(session, target, began)
        if last.state == RunState.FINISHED or last.asked_at < began:
            return bool(last.asked_at < began)
        return bool(last.asked_at + _TRY_AGAIN <= now)

    def _changes_due(self, session: Session, target: str) -> bool:
        minutes = self._settings.changes_every_minutes
        if not minutes or not self._settings.every_hours_at.get(target, self._settings.every_hours):
            return False
        full = last_finished(session, target)
        if full is None or full.cursor is None:
            return False
        last = session.scalar(select(func.max(ReconciliationRow.asked_at)).where(ReconciliationRow.target == target))
        return last is not None and last + timedelta(minutes=minutes) <= self._clock()

    def _something_was_there(self, session: Session, target: str, began: datetime) -> bool:
        first = session.scalar(select(func.min(LinkRow.applied_at)).where(LinkRow.target == target))
        return first is not None and first < began

    def _rests(self, target: str) -> bool:
        with self._store.read() as session:
            return target in left_alone(session, self._clock())

    def _others_wait(self) -> bool:
        with self._store.read() as session:
            waiting = select(LinkRow.id).where(
                LinkRow.target.in_(list(self._targets)), LinkRow.state == DUE, LinkRow.next_try_at <= self._clock()
            )
            return session.scalars(waiting.limit(1)).first() is not None
