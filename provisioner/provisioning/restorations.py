"""After a restoration: what is lost, how the systems compare, numbers given since, and the confirmation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import ASKED, AT_REST, DUE
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import InvalidInput, WrongState
from provisioner.provisioning.context import Context
from provisioner.provisioning.reconciliation_views import RunSummary, TargetSummary
from provisioner.provisioning.reconciliations import Reconciliations
from provisioner.restoration import dispatch_held
from provisioner.store.tables import CounterRow, LinkRow, RestorationRow

READERS = ("it", "adb", "section_head", "auditor")
CONFIRMERS = ("it", "adb")
SERIES = ("request", "register-incoming", "register-outgoing", "pact")
"""Numbers that the service gives, by the names of their counters."""
_LARGEST_GAP = 100_000
_LONGEST = 500


@dataclass(frozen=True)
class ComparedSystem:
    """One system, and how far its comparison is."""

    target: str
    label: str
    readable: bool
    """False: only people can look there."""
    takes_list: bool
    compared: RunSummary | None
    """The full comparison that came to its end since the restoration."""
    running: bool
    failed: bool
    """The last try since then did not come to its end."""


@dataclass(frozen=True)
class NumberSeries:
    """One series of numbers of this year, as the backup knew it."""

    name: str
    year: int
    last: int
    """0: none was given."""


@dataclass(frozen=True)
class RestorationView:
    """The last restoration."""

    restored_at: datetime
    restored_by: str
    backup_made_at: datetime
    backup_release: str
    backup_seq: int
    lost_events: int | None
    envelopes_void: int
    tickets_void: int
    codes_void: int
    sessions_ended: int
    confirmed_at: datetime | None
    confirmed_by: str | None
    systems: tuple[ComparedSystem, ...]
    series: tuple[NumberSeries, ...]

    @property
    def held(self) -> bool:
        """Whether nothing is dispatched."""
        return self.confirmed_at is None

    @property
    def uncompared(self) -> tuple[ComparedSystem, ...]:
        """Systems that can be read and were not, since."""
        return tuple(each for each in self.systems if each.readable and each.compared is None)

    @property
    def unseen(self) -> tuple[ComparedSystem, ...]:
        """Systems that only people operate, whose list was not brought since."""
        return tuple(each for each in self.systems if not each.readable and each.compared is None)


class Restorations:
    """Use cases. Methods raise NotAllowed; those that change something, WrongState ``restore-not-held``."""

    def __init__(self, context: Context, targets: TargetSet, reconciliations: Reconciliations, wakeup: WakeUp) -> None:
        self._context = context
        self._targets = targets
        self._reconciliations = reconciliations
        self._wakeup = wakeup

    def held(self) -> bool:
        """Whether nothing is dispatched: asked by every page of the office's."""
        with self._context.store.read() as session:
            return dispatch_held(session)

    def last(self, actor: Actor) -> RestorationView | None:
        """The last restoration; None: there was none."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            row = session.scalars(_newest_first().limit(1)).first()
            series = self._series(session) if row is not None else ()
        if row is None:
            return None
        names = RestorationView.__dataclass_fields__.keys() - {"systems", "series"}
        systems = tuple(_compared(each, row.restored_at) for each in self._systems())
        return RestorationView(systems=systems, series=series, **{name: getattr(row, name) for name in names})

    def compare_all(self, actor: Actor) -> int:
        """Read every system that can be read and was not, since; gives how many are asked for. The runner does it."""
        actor.require(*CONFIRMERS)
        view = self._held_view(actor)
        asked = [each for each in view.uncompared if not each.running]
        for each in asked:
            self._reconciliations.ask(actor, each.target)
        return len(asked)

    def set_next_number(self, actor: Actor, series: str, number: int, reason: str) -> None:
        """The next paper of this series gets ``number``: those before it were given in the time that is lost, or are
        left out, which the trail says with the reason.

        :raises InvalidInput: fields ``number`` or ``reason``; ``series-unknown``.
        """
        capacity = actor.require(*CONFIRMERS)
        if series not in SERIES:
            raise InvalidInput("series-unknown")
        if not reason.strip():
            raise InvalidInput(fields={"reason": ["required"]})
        year = self._context.today().year
        with self._context.store.begin() as session:
            self._held_row(session)
            query = (
                select(CounterRow)
                .where(CounterRow.name == series, CounterRow.year == year)
                .with_for_update(key_share=True)
            )
            row = session.scalars(query).one_or_none()
            if row is None:
                row = CounterRow(name=series, year=year, value=0)
                session.add(row)
            if not row.value + 1 < number <= row.value + _LARGEST_GAP:
                raise InvalidInput(fields={"number": ["number-not-later"]})
            former, row.value = row.value + 1, number - 1
            self._context.trail.record(
                session,
                "next-number-set",
                actor=actor.in_trail(capacity),
                series=series,
                year=year,
                number=number,
                former_number=former,
                reason=reason.strip()[:_LONGEST],
            )

    def confirm(self, actor: Actor, *, numbers_seen: bool, people_looked: bool = False, note: str = "") -> None:
        """The comparison was looked at: dispatch goes on, and every account is brought to what is decided here. What is
        newer in a system than the backup waits for a person, account by account.

        :param numbers_seen: the numbers that may have been given since the backup were looked at.
        :param people_looked: somebody looked into the systems that only people operate.
        :raises WrongState: ``restore-not-compared``: a system was not read to its end since the restoration.
        :raises InvalidInput: fields ``numbers_seen`` or ``people_looked``.
        """
        capacity = actor.require(*CONFIRMERS)
        view = self._held_view(actor)
        if view.uncompared:
            raise WrongState("restore-not-compared", systems=", ".join(each.label for each in view.uncompared))
        missing = [] if numbers_seen else ["numbers_seen"]
        missing += ["people_looked"] if view.unseen and not people_looked else []
        if missing:
            raise InvalidInput(fields={name: ["must-be-confirmed"] for name in missing})
        now = self._context.clock()
        with self._context.store.begin() as session:
            row = self._held_row(session)
            for each in session.scalars(_newest_first().where(RestorationRow.confirmed_at.is_(None))):
                each.confirmed_at, each.confirmed_by = now, actor.name[:200]
            session.execute(
                update(LinkRow)
                .where(LinkRow.state.not_in({*AT_REST, ASKED}))
                .values(state=DUE, next_try_at=now, attempts=0)
                .execution_options(synchronize_session=False)
            )
            self._context.trail.record(
                session,
                "restore-confirmed",
                actor=actor.in_trail(capacity),
                backup_seq=row.backup_seq,
                targets=[each.target for each in view.systems if each.compared is not None],
                not_compared=[each.target for each in view.unseen],
                note=note.strip()[:_LONGEST] or None,
            )
            self._wakeup.after_commit(session)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _held_view(self, actor: Actor) -> RestorationView:
        view = self.last(actor)
        if view is None or not view.held:
            raise WrongState("restore-not-held")
        return view

    def _held_row(self, session: Session) -> RestorationRow:
        row = session.scalars(
            _newest_first().where(RestorationRow.confirmed_at.is_(None)).limit(1).with_for_update(key_share=True)
        ).first()
        if row is None:
            raise WrongState("restore-not-held")
        return row

    def _systems(self) -> Collection[TargetSummary]:
        return self._reconciliations.summaries()

    def _series(self, session: Session) -> tuple[NumberSeries, ...]:
        year = self._context.today().year
        rows = session.execute(select(CounterRow.name, CounterRow.value).where(CounterRow.year == year))
        last = {name: value for name, value in rows}  # noqa: C416  Rows are no pairs for the checker.
        return tuple(NumberSeries(name, year, last.get(name, 0)) for name in SERIES)


def _compared(system: TargetSummary, since: datetime) -> ComparedSystem:
    finished, newest = system.finished, system.newest
    compared = finished if finished is not None and finished.asked_at >= since else None
    tried = newest if newest is not None and newest.asked_at >= since else None
    return ComparedSystem(
        system.target,
        system.label,
        system.readable,
        system.takes_list,
        compared,
        running=tried is not None and tried.live,
        failed=compared is None and tried is not None and not tried.live,
    )


def _newest_first() -> Select[RestorationRow]:
    return select(RestorationRow).order_by(RestorationRow.restored_at.desc())
