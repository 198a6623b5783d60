"""How every system stands, as the pages and the command show it. Read from the store: no system is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.connector import Finding, PasswordRules, Severity
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import ASKED, AT_REST, DONE, DUE, FAILED
from provisioner.errors import NotFound
from provisioner.preflight import Broken, broken_by_issued
from provisioner.provisioning.context import Context
from provisioner.store.tables import LinkRow, TargetHealthRow
from provisioner.target_checks import KeptCheck, TargetChecks

READERS = ("it", "adb", "section_head", "auditor")


class SystemState(StrEnum):
    """How a system answers, whatever account it is asked for."""

    ANSWERS = "answers"
    """Nothing speaks against it: the breaker is closed."""
    FAILING = "failing"
    """Some calls in a row were not answered; it is tried on."""
    RESTS = "rests"
    """Too many were not: the breaker is open, and nothing is tried for a while."""
    TRIED = "tried"
    """Its rest is over: one account at a time is tried until one is answered (half open)."""
    PAUSED = "paused"
    """Somebody has stopped sending."""


@dataclass(frozen=True)
class SystemView:
    """One system."""

    target: str
    label: str
    kind: str
    asks_people: bool
    sign_in: bool
    """Operators sign in with its password."""
    state: SystemState
    failures: int
    failing_since: datetime | None
    next_try_at: datetime | None
    """When something is tried next there; None: nothing waits, or nobody knows."""
    paused_at: datetime | None
    paused_by: str
    pause_reason: str
    accounts: int
    done: int
    waiting: int
    """Accounts that something is still to be sent for."""
    asked: int
    """Accounts that a person has to confirm something for."""
    failed: int
    """Accounts that were given up until somebody decides."""
    in_doubt: int
    oldest_waiting_since: datetime | None
    at_work: int
    """Accounts that are being worked on now."""
    workers: int
    limit: int
    """Workers there may be at once."""
    last_applied_at: datetime | None
    troubles: tuple[tuple[str, int], ...]
    """Names of the connector's errors, and how many accounts have them now; the most frequent first."""
    check: KeptCheck
    issued_broken: tuple[Broken, ...]
    """Which rules an initial password breaks. Says nothing where the rules were never read."""

    @property
    def rules(self) -> tuple[PasswordRules, ...]:
        """The system's own, as last read."""
        return self.check.rules

    @property
    def problems(self) -> list[Finding]:
        """What the last check found that is not as it should be; the gravest first."""
        found = [each for each in self.check.findings if each.severity is not Severity.OK]
        return sorted(found, key=lambda each: each.severity is not Severity.ERROR)


@dataclass(frozen=True)
class _Counts:
    """What the link table says of one target."""

    accounts: int = 0
    done: int = 0
    waiting: int = 0
    asked: int = 0
    failed: int = 0
    in_doubt: int = 0
    oldest_waiting_since: datetime | None = None
    at_work: int = 0
    workers: int = 0
    last_applied_at: datetime | None = None
    next_try_at: datetime | None = None


class SystemViews:
    """Queries. Methods raise NotAllowed for posts that may not see them."""

    def __init__(self, context: Context, targets: TargetSet, checks: TargetChecks) -> None:
        self._context = context
        self._targets = targets
        self._checks = checks

    def all(self, actor: Actor) -> list[SystemView]:
        """Every system, in the order of the settings."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return self._views(session, self._targets)

    def one(self, actor: Actor, target: str) -> SystemView:
        """:raises NotFound: ``target-unknown``."""
        actor.require(*READERS)
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
        with self._context.store.read() as session:
            (view,) = self._views(session, [target])
        return view

    def _views(self, session: Session, names: Iterable[str]) -> list[SystemView]:
        now = self._context.clock()
        counts, troubles, checks = self._counts(session, now), _troubles(session), self._checks.kept(session)
        health = {row.target: row for row in session.scalars(select(TargetHealthRow))}
        return [
            self._view(name, health.get(name), counts.get(name, _Counts()), troubles.get(name, ()), checks[name], now)
            for name in names
        ]

    def _view(
        self,
        name: str,
        health: TargetHealthRow | None,
        counts: _Counts,
        troubles: tuple[tuple[str, int], ...],
        check: KeptCheck,
        now: datetime,
    ) -> SystemView:
        target = self._targets[name]
        state = self._state(health, now)
        resting_until = health.rests_until if health is not None and state is SystemState.RESTS else None
        return SystemView(
            target=name,
            label=target.label,
            kind=target.kind,
            asks_people=self._targets.asks_people(name),
            sign_in=self._targets.sign_in is target,
            state=state,
            failures=health.failures if health is not None else 0,
            failing_since=health.failing_since if health is not None else None,
            next_try_at=resting_until or (None if state is SystemState.PAUSED else counts.next_try_at),
            paused_at=health.paused_at if health is not None else None,
            paused_by=(health.paused_by or "") if health is not None else "",
            pause_reason=(health.pause_reason or "") if health is not None else "",
            limit=self._context.settings.runner.per_target,
            troubles=troubles,
            check=check,
            issued_broken=tuple(each for rules in check.rules for each in broken_by_issued(rules)),
            **{key: value for key, value in vars(counts).items() if key != "next_try_at"},
        )

    def _state(self, health: TargetHealthRow | None, now: datetime) -> SystemState:
        if health is None:
            return SystemState.ANSWERS
        if health.paused_at is not None:
            return SystemState.PAUSED
        if health.rests_until is not None and health.rests_until > now:
            return SystemState.RESTS
        if health.failures >= self._context.settings.runner.breaker_failures:
            return SystemState.TRIED
        return SystemState.FAILING if health.failures else SystemState.ANSWERS

    def _counts(self, session: Session, now: datetime) -> dict[str, _Counts]:
        due, leased = LinkRow.state == DUE, LinkRow.lease_until > now
        tried = due & LinkRow.next_try_at.is_not(None)
        asked = (
            select(
                LinkRow.target,
                func.count(LinkRow.id),
                *(func.sum(case((LinkRow.state == state, 1), else_=0)) for state in (DONE, DUE, ASKED, FAILED)),
                func.sum(case((LinkRow.in_doubt, 1), else_=0)),
                func.min(case((tried, func.coalesce(LinkRow.failing_since, LinkRow.next_try_at)))),
                func.sum(case((leased, 1), else_=0)),
                func.count(case((leased, LinkRow.lease_token)).distinct()),
                func.max(LinkRow.applied_at),
                func.min(case((tried, LinkRow.next_try_at))),
            )
            .where(LinkRow.state.not_in(AT_REST))
            .group_by(LinkRow.target)
        )
        return {target: _Counts(*figures) for target, *figures in session.execute(asked)}


def _troubles(session: Session) -> dict[str, tuple[tuple[str, int], ...]]:
    count = func.count(LinkRow.id)
    asked = (
        select(LinkRow.target, LinkRow.error, count)
        .where(LinkRow.failing_since.is_not(None), LinkRow.state.not_in(AT_REST))
        .group_by(LinkRow.target, LinkRow.error)
        .order_by(count.desc(), LinkRow.error)
    )
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for target, error, number in session.execute(asked):
        found[target] = (*found.get(target, ()), (error, number))
    return found
