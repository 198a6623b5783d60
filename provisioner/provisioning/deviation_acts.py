"""Deviations in what officials did: for whom they acted, how many steps they took, how long it lay on their desks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from provisioner.deviation import Deviation, DeviationKind
from provisioner.procedure import Procedure
from provisioner.provisioning.visits import APPLICANT_DESK
from provisioner.request import RequestAct
from provisioner.store.tables import ActRow, DeskVisitRow, LetterRow, OfficialRow, RequestRow
from provisioner.worktime import WorkTime

_AT_ONCE = 1000
"""Rows held in memory: a year of a ministry has hundreds of thousands."""


@dataclass(frozen=True)
class Span:
    """From the first moment, to before the last one."""

    start: datetime
    end: datetime

    def has(self, at: datetime | None) -> bool:
        """Whether the moment lies in it."""
        return at is not None and self.start <= at < self.end


def acting(session: Session, span: Span) -> Iterator[Deviation]:
    """Acts of a Plt. or Plh. that stand; signing a pact is a kind of its own."""
    asked = (
        select(ActRow, LetterRow.number, RequestRow.number)
        .join(LetterRow, LetterRow.id == ActRow.letter_id)
        .outerjoin(RequestRow, RequestRow.id == ActRow.request_id)
        .where(ActRow.at >= span.start, ActRow.at < span.end, ActRow.acting_for != "", ActRow.undone_at.is_(None))
    )
    for act, letter, request in session.execute(asked):
        signed = act.kind == RequestAct.SIGN
        yield Deviation(
            DeviationKind.PACT_BY_ACTING if signed else DeviationKind.ACTING,
            act.at,
            who=act.actor_label,
            letter_id=act.letter_id,
            letter_number=letter,
            request_id=act.request_id or "",
            request_number=request or "",
            facts={"act": act.kind, "step": act.step, "order": act.acting_for},
        )


def on_paper(session: Session, span: Span) -> Iterator[Deviation]:
    """Dispositions that were initialled on paper, recorded by somebody else and not objected to."""
    asked = (
        select(ActRow, LetterRow.number)
        .join(LetterRow, LetterRow.id == ActRow.letter_id)
        .where(ActRow.at >= span.start, ActRow.at < span.end)
        .where(ActRow.recorded_by.is_not(None), ActRow.undone_at.is_(None))
    )
    for act, number in session.execute(asked):
        yield Deviation(
            DeviationKind.ON_PAPER, act.at, who=act.actor_label, letter_id=act.letter_id, letter_number=number
        )


def two_steps(session: Session, span: Span) -> Iterator[Deviation]:
    """Who took more than one step of a request, the last of them in the span."""
    letters = select(ActRow.letter_id).where(ActRow.at >= span.start, ActRow.at < span.end)
    standing = and_(ActRow.official_id.is_not(None), ActRow.undone_at.is_(None), ActRow.at < span.end)
    several = (
        select(ActRow.letter_id)
        .where(ActRow.letter_id.in_(letters), standing)
        .group_by(ActRow.letter_id, ActRow.official_id)
        .having(func.count(ActRow.step.distinct()) > 1)
    )
    # With the numbers, and no more than is told: there may be as many as there were requests.
    asked = (
        select(
            ActRow.letter_id,
            ActRow.official_id,
            ActRow.request_id,
            ActRow.step,
            ActRow.at,
            ActRow.actor_label,
            LetterRow.number.label("letter"),
            RequestRow.number.label("request"),
        )
        .join(LetterRow, LetterRow.id == ActRow.letter_id)
        .outerjoin(RequestRow, RequestRow.id == ActRow.request_id)
        .where(ActRow.letter_id.in_(several), standing)
        .order_by(ActRow.letter_id, ActRow.official_id, ActRow.at)
        .execution_options(yield_per=_AT_ONCE)
    )
    for _, acts in groupby(session.execute(asked), lambda act: (act.letter_id, act.official_id)):
        yield from _several(list(acts), span)


def _several(acts: Sequence[Row[*tuple[Any, ...]]], span: Span) -> Iterator[Deviation]:
    of_letter = [act for act in acts if act.request_id is None]
    by_request: dict[str, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for act in acts:
        if act.request_id is not None:
            by_request[act.request_id].append(act)
    for request_id, of_request in sorted(by_request.items()) or [("", [])]:
        own = [*of_letter, *of_request]
        steps = sorted({act.step for act in own})
        newest = max(own, key=lambda act: act.at)
        if len(steps) < 2 or not span.has(newest.at):
            continue
        yield Deviation(
            DeviationKind.TWO_STEPS,
            newest.at,
            who=newest.actor_label,
            letter_id=newest.letter_id,
            letter_number=newest.letter or "",
            request_id=request_id,
            request_number=of_request[0].request or "" if of_request else "",
            facts={"steps": ", ".join(str(step) for step in steps)},
        )


def late_steps(session: Session, span: Span, procedure: Procedure, worktime: WorkTime) -> Iterator[Deviation]:
    """Steps that left their desk in the span, and lay open there for longer than the SOP says (as the SOP is now).

    As in the line of a request: counted from the first opening, all stays on the desks of that step together.
    """
    ended = select(DeskVisitRow.letter_id).where(DeskVisitRow.left_at >= span.start, DeskVisitRow.left_at < span.end)
    asked = (
        select(
            DeskVisitRow.letter_id,
            DeskVisitRow.request_id,
            DeskVisitRow.step,
            DeskVisitRow.desk,
            DeskVisitRow.opened_at,
            DeskVisitRow.left_at,
            LetterRow.number.label("letter"),
            RequestRow.number.label("request"),
            OfficialRow.full_name.label("name"),
        )
        .join(LetterRow, LetterRow.id == DeskVisitRow.letter_id)
        .outerjoin(RequestRow, RequestRow.id == DeskVisitRow.request_id)
        .outerjoin(OfficialRow, OfficialRow.id == DeskVisitRow.opened_by)
        .where(DeskVisitRow.letter_id.in_(ended), DeskVisitRow.left_at < span.end)
        .where(DeskVisitRow.desk != APPLICANT_DESK, DeskVisitRow.opened_at.is_not(None))
        .order_by(DeskVisitRow.letter_id, DeskVisitRow.request_id, DeskVisitRow.step, DeskVisitRow.left_at)
        .execution_options(yield_per=_AT_ONCE)
    )
    standards = {step.number: timedelta(minutes=step.minutes) for step in procedure.steps}
    for (_, _, step), group in groupby(
        session.execute(asked), lambda visit: (visit.letter_id, visit.request_id, visit.step)
    ):
        visits, standard = list(group), standards.get(step)
        last = visits[-1]
        if standard is None or not span.has(last.left_at):
            continue
        # Hours of work are never more than hours: most need not be looked up in the calendar.
        if sum((visit.left_at - visit.opened_at for visit in visits), timedelta()) <= standard:
            continue
        lasted = sum((worktime.between(visit.opened_at, visit.left_at) for visit in visits), timedelta())
        minutes = lasted // timedelta(minutes=1)
        if minutes <= standard // timedelta(minutes=1):
            continue
        yield Deviation(
            DeviationKind.LATE_STEP,
            last.left_at,
            who=last.name or "",
            letter_id=last.letter_id,
            letter_number=last.letter,
            request_id=last.request_id or "",
            request_number=last.request or "",
            facts={"step": step, "desk": last.desk, "minutes": minutes, "standard": standard // timedelta(minutes=1)},
        )
