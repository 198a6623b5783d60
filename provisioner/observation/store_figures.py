"""Figures of the store. Every question stays with what is open, due or failing, and has an index for it: what is done
costs nothing, however many accounts there are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from provisioner.connector import Finding
from provisioner.convergence.worklist import ASKED, DUE, FAILED
from provisioner.observation.figure import Figure, Labels
from provisioner.observation.machine_figures import machines
from provisioner.procedure import Procedure
from provisioner.provisioning.visits import APPLICANT_DESK
from provisioner.request import RequestState
from provisioner.settings import Settings
from provisioner.store.tables import (
    CredentialRow,
    DeskVisitRow,
    EnvelopeAlarmRow,
    LinkRow,
    RequestRow,
    TargetCheckRow,
    TargetHealthRow,
    ThrottleRow,
)
from provisioner.store.tables.audit import AuditHeadRow
from provisioner.store.tables.credentials import WANTED
from provisioner.worktime import WorkTime

Source = Callable[[Session, datetime], Iterable[Figure]]
"""Reads figures from the store as they are at a moment."""

_BEHIND = (DUE, ASKED, FAILED)
_FINDINGS = TypeAdapter(list[Finding])


def steps(procedure: Procedure, worktime: WorkTime) -> Source:
    """What lies at each step of the SOP, and for how long."""
    numbers = [str(step.number) for step in procedure.steps]
    standard = {str(step.number): step.minutes * 60.0 for step in procedure.steps}

    def read(session: Session, now: datetime) -> Iterator[Figure]:
        # A letter counts for everybody on it who still takes part.
        on_letter = and_(
            DeskVisitRow.request_id.is_(None),
            RequestRow.letter_id == DeskVisitRow.letter_id,
            RequestRow.state != RequestState.WITHDRAWN.value,
        )
        asked = (
            select(DeskVisitRow.step, DeskVisitRow.desk, func.count(), func.min(DeskVisitRow.arrived_at))
            .outerjoin(RequestRow, on_letter)
            .where(DeskVisitRow.left_at.is_(None))
            .group_by(DeskVisitRow.step, DeskVisitRow.desk)
        )
        counts: dict[Labels, float] = {
            (("step", number), ("waits_for", whom)): 0.0 for number in numbers for whom in ("office", "applicant")
        }
        since: dict[str, datetime] = {}
        for step, desk, count, arrived in session.execute(asked):
            whom = "applicant" if desk == APPLICANT_DESK else "office"
            counts[("step", str(step)), ("waits_for", whom)] += count
            if whom == "office":
                since[str(step)] = min(arrived, since.get(str(step), arrived))
        oldest = {number: _seconds(since.get(number), now) for number in numbers}
        worked = {number: worktime.between(since.get(number, now), now).total_seconds() for number in numbers}
        yield Figure("provisioner_requests", "People whose request is at a step of the SOP.", counts)
        text = "Since when the oldest one lies on a desk of the office at this step"
        yield Figure.by("step", "provisioner_request_oldest_seconds", f"{text}, by the clock.", oldest)
        yield Figure.by("step", "provisioner_request_oldest_working_seconds", f"{text}, in working time.", worked)
        text = "Working time that the SOP allows for a step."
        yield Figure.by("step", "provisioner_step_standard_seconds", text, standard)

    return read


def links(targets: Iterable[str]) -> Source:
    """What each target has to catch up with, and how it answers."""
    names = sorted(targets)

    def read(session: Session, now: datetime) -> Iterator[Figure]:
        wanted = and_(LinkRow.target.in_(names), LinkRow.state.in_(_BEHIND))
        asked = (
            select(LinkRow.target, LinkRow.state, func.count(), func.min(LinkRow.desired_at))
            .where(wanted)
            .group_by(LinkRow.target, LinkRow.state)
        )
        counts: dict[Labels, float] = {(("target", name), ("state", state)): 0.0 for name in names for state in _BEHIND}
        oldest = dict.fromkeys(counts, 0.0)
        for target, state, count, since in session.execute(asked):
            counts[("target", target), ("state", state)] = count
            oldest[("target", target), ("state", state)] = _seconds(since, now)
        text = "Accounts that a system does not hold as decided: due, asked of a person, or failed and put aside."
        yield Figure("provisioner_links_behind", text, counts)
        text = "Since when the longest waiting account of a system is behind."
        yield Figure("provisioner_link_oldest_behind_seconds", text, oldest)
        ready = (
            select(LinkRow.target, func.count())
            .where(LinkRow.target.in_(names), LinkRow.state == DUE, LinkRow.next_try_at <= now)
            .group_by(LinkRow.target)
        )
        text = "Accounts that could be worked on now: the queue of a system."
        yield Figure.by("target", "provisioner_links_ready", text, _filled(names, session.execute(ready)))
        yield from _health(session, names, now)

    return read


def _health(session: Session, names: list[str], now: datetime) -> Iterator[Figure]:
    down, resting, paused = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for row in session.scalars(select(TargetHealthRow).where(TargetHealthRow.target.in_(names))):
        down[row.target] = _seconds(row.failing_since, now)
        resting[row.target] = float(row.rests_until is not None and row.rests_until > now)
        paused[row.target] = float(row.paused_at is not None)
    text = "Since when a system has not answered; 0 when it answers."
    yield Figure.by("target", "provisioner_target_unavailable_seconds", text, down)
    yield Figure.by("target", "provisioner_target_breaker_open", "1 while a system rests after failures.", resting)
    yield Figure.by("target", "provisioner_target_paused", "1 while somebody has paused a system.", paused)


def certificates(targets: Iterable[str]) -> Source:
    """How long the certificates of the targets hold, as the last check of each found."""
    names = sorted(targets)

    def read(session: Session, now: datetime) -> Iterator[Figure]:
        days, ages = dict[str, float](), dict[str, float]()
        for row in session.scalars(select(TargetCheckRow).where(TargetCheckRow.target.in_(names))):
            if row.checked_at is None:
                continue
            ages[row.target] = _seconds(row.checked_at, now)
            for finding in _FINDINGS.validate_json(row.findings):
                if finding.subject == "certificate" and finding.figure is not None:
                    days[row.target] = finding.figure * 86400.0 - ages[row.target]
        text = "Time that the certificate of a system is still valid, by its last check."
        yield Figure.by("target", "provisioner_target_certificate_seconds", text, days)
        text = "Time since the last check of a system."
        yield Figure.by("target", "provisioner_target_check_age_seconds", text, ages)

    return read


def credentials(session: Session, _now: datetime) -> Iterator[Figure]:
    """Passwords to be issued, and what is to be looked into about envelopes."""
    wanted = session.scalar(select(func.count(CredentialRow.id)).where(WANTED)) or 0
    text = "Initial passwords to be issued, those included that wait for a collection code."
    yield Figure.one("provisioner_credentials_wanted", text, wanted)
    still_open = select(func.count(EnvelopeAlarmRow.id)).where(EnvelopeAlarmRow.examined_at.is_(None))
    text = "Alarms about envelopes that nobody has examined."
    yield Figure.one("provisioner_envelope_alarms", text, session.scalar(still_open) or 0)


def lockouts(session: Session, now: datetime) -> Iterator[Figure]:
    """Names that are locked now."""
    locked = session.scalar(select(func.count(ThrottleRow.key)).where(ThrottleRow.locked_until > now)) or 0
    yield Figure.one("provisioner_lockouts_active", "User names that are locked after wrong passwords.", locked)


def audit_head(session: Session, _now: datetime) -> Iterator[Figure]:
    """The end of the audit trail."""
    sequence = session.scalar(select(AuditHeadRow.seq)) or 0
    yield Figure.one("provisioner_audit_head_sequence", "Number of the last event of the audit trail.", sequence)


def of_the_store(settings: Settings, procedure: Procedure, worktime: WorkTime) -> tuple[Source, ...]:
    """Every source there is."""
    names = tuple(settings.targets)
    ours = (steps(procedure, worktime), links(names), certificates(names), credentials, lockouts, audit_head)
    return (*ours, machines(settings))


def _filled(names: Iterable[str], rows: Iterable[tuple[str, int]]) -> Mapping[str, float]:
    found = dict.fromkeys(names, 0.0)
    found.update((name, float(count)) for name, count in rows)
    return found


def _seconds(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0
