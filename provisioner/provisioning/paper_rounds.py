"""Papers of finished cases, made in the background, so that nobody who asks for one, or for a whole year, waits.

The audit trail tells what has changed: it is followed event by event, at a distance, and each finished case that an
event is about is looked at. How far it was followed is kept, so that whatever ends this process leaves out nothing.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.audit import Actor, Subjects
from provisioner.convergence.worklist import anything_due
from provisioner.errors import ConfigurationError, InvalidInput, ProvisionerError
from provisioner.provisioning import case_facts
from provisioner.provisioning.context import Context
from provisioner.provisioning.outstanding_papers import Outstanding, OutstandingPapers, Which
from provisioner.provisioning.paper_refusals import refusal
from provisioner.provisioning.papers import Papers
from provisioner.request import OPEN
from provisioner.restoration import dispatch_held
from provisioner.store.tables import AccountRow, AuditRow, CounterRow, RequestRow

_log = logging.getLogger(__name__)
BEHIND = timedelta(hours=1)
"""An event is followed so long after it happened: a rejection, say, may be undone, and its letter would have taken a
number by then.
"""
_EVENTS = 200
_CASES = 8
"""So many are looked at in one round."""
_PAPERS = 3
"""So many are made in one round, and none while an account waits to be made."""
_REST_SECONDS = 600
"""After a template that is broken."""
_PLACE = "papers-followed"
_NO_CHANGE = (
    *("paper-made", "paper-read", "paper-checked", "paper-printed", "paper-not-made"),
    *("case-file-read", "pact-downloaded", "pact-checked", "attachment-read", "nik-shown", "card-evidence-read"),
    *("operator-signed-in", "operator-sign-in-failed", "operator-signed-out"),
)
"""Events that no paper tells of."""


@dataclass(frozen=True)
class _Stretch:
    """A piece of the trail: the requests it is about, finished or not, and where it ends."""

    request_ids: tuple[str, ...]
    end: int


class PaperRounds:
    """A duty of the runner. May be run at any time and any number of times."""

    def __init__(self, context: Context, papers: Papers) -> None:
        self._context = context
        self._papers = papers
        self._outstanding = OutstandingPapers(papers)
        self._rests_until = 0.0
        self._refused: set[Which] = set()
        """Of the stretch that is being followed: tried, and not to be made now. They must not hold up the others."""

    def make_some(self) -> None:
        """Follow the trail a little further; make up to three papers. Nothing while accounts wait to be made."""
        if monotonic() < self._rests_until:
            return
        with self._context.store.read() as session:
            if dispatch_held(session) or anything_due(session, self._context.clock()):
                return
            stretch = self._next(session)
            if stretch is None:
                return
            lacking = self._lacking(session, stretch.request_ids)
        due = dict.fromkeys(which for each in lacking for which in each.due if which not in self._refused)
        for which in list(due)[:_PAPERS]:
            if not self._make(which, lacking):
                return
        if len(due) <= _PAPERS:
            self._keep(stretch.end)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _next(self, session: Session) -> _Stretch | None:
        """What follows in the trail and happened long enough ago."""
        before, after = self._context.clock() - BEHIND, _followed(session)
        asked = select(AuditRow).where(AuditRow.seq > after).order_by(AuditRow.seq).limit(_EVENTS)
        end, found = after, dict[str, None]()
        for row in session.scalars(asked):
            about = [] if row.kind in _NO_CHANGE else list(_requests(session, row))
            if row.at > before or (found and len({*found, *about}) > _CASES):
                break
            found.update(dict.fromkeys(about))
            end = row.seq
        return _Stretch(tuple(found), end) if end > after else None

    def _lacking(self, session: Session, request_ids: Sequence[str]) -> list[Outstanding]:
        ended = (
            select(RequestRow.id)
            .where(
                RequestRow.id.in_(request_ids),
                RequestRow.state.not_in(OPEN),
                RequestRow.submitted_at.is_not(None),
                RequestRow.destroyed_at.is_(None),
            )
            .order_by(RequestRow.submitted_at, RequestRow.id)
        )
        requests = case_facts.requests_of(session, session.scalars(ended).all())
        rows = case_facts.rows_of(session, requests)
        kept = case_facts.papers_about(session, case_facts.subjects(rows))
        return [self._outstanding.of(session, request, kept) for request in requests]

    def _make(self, which: Which, lacking: Sequence[Outstanding]) -> bool:
        """False: no paper can be made now."""
        try:
            self._papers.make(*which, unattended=True)
        except ConfigurationError as error:
            _log.error("papers are not made in the background for a while: %s", error)
            self._rests_until = monotonic() + _REST_SECONDS
            return False
        except InvalidInput as error:
            self._refused.add(which)
            request_id = next(each.request_id for each in lacking if which in each.due)
            self._tell(which, request_id, error)
        except ProvisionerError:
            # Its facts changed meanwhile, or its number is still to be typed: another event will tell.
            self._refused.add(which)
        return True

    def _tell(self, which: Which, request_id: str, error: InvalidInput) -> None:
        """Once for each paper: it is tried again whenever something about the case changes."""
        kind = which[0].value
        with self._context.store.begin() as session:
            request = session.get_one(RequestRow, request_id)
            if refusal(session, *which) is not None:
                return
            _log.error("%s of request %s cannot be made: %s", kind, request.number, error.code)
            self._context.trail.record(
                session,
                "paper-not-made",
                actor=Actor.system(),
                subjects=Subjects(letter=request.letter_id, request=request.id, account=request.account_id),
                document=kind,
                code=error.code,
                characters=str(error.data.get("characters", "")),
                letter_number=request.letter.number,
            )

    def _keep(self, end: int) -> None:
        self._refused.clear()
        with self._context.store.begin() as session:
            row = _place(session)
            if row is None:
                row = CounterRow(name=_PLACE, year=0)
                session.add(row)
            row.value = end


def _place(session: Session) -> CounterRow | None:
    return session.scalars(select(CounterRow).where(CounterRow.name == _PLACE, CounterRow.year == 0)).one_or_none()


def _followed(session: Session) -> int:
    """Number of the last event that was followed."""
    row = _place(session)
    return row.value if row else 0


def _requests(session: Session, row: AuditRow) -> Iterator[str]:
    if row.request_id:
        yield row.request_id
    elif row.account_id:
        yield from session.scalars(select(AccountRow.request_id).where(AccountRow.id == row.account_id))
    elif row.letter_id:
        yield from session.scalars(select(RequestRow.id).where(RequestRow.letter_id == row.letter_id))
