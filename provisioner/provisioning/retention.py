"""Masa simpan: which case files have been kept for as long as the office wants, and what holds the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.convergence.worklist import AT_REST
from provisioner.provisioning import access
from provisioner.provisioning.context import Context
from provisioner.reconciliation.run import last_finished
from provisioner.request import OPEN
from provisioner.retention import Hold, over_before
from provisioner.store.tables import (
    AccountRow,
    BoxRow,
    DestructionCaseRow,
    EnvelopeAlarmRow,
    FilingRow,
    FindingRow,
    HelpCardRow,
    LetterRow,
    LinkRow,
    RequestRow,
    TaskCardRow,
)

PAGE = 50
MOST = 500
"""Cases on one list: as many as a person can still read."""


@dataclass(frozen=True)
class KeptCase:
    """A case file whose years are over. Nobody's name: whoever decides by numbers needs none."""

    request_id: str
    number: str
    letter_number: str
    ended: date
    """When the request, or the account that came of it, was over."""
    box: str
    holds: tuple[Hold, ...]
    """Why it may not be destroyed yet; empty: it may."""


@dataclass(frozen=True)
class RetentionPage:
    """A page of the list. ``years``: None where the office has set none, and then nothing is ever due."""

    years: int | None
    rows: tuple[KeptCase, ...]
    total: int
    due: int
    """How many of ``total`` nothing holds."""


class Retention:
    """Queries. Methods that take an actor raise NotAllowed."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def years(self) -> int | None:
        """How long case files are kept after their end."""
        retention = self._context.office.retention
        return retention.case_file if retention else None

    def page(self, actor: Actor, text: str = "", page: int = 1) -> RetentionPage:
        """Case files whose years are over, the oldest number first. ``text``: part of a number or of a box."""
        actor.require(*access.RETENTION)
        with self._context.store.read() as session:
            found = self._over(session, text)
            if found is None:
                return RetentionPage(None, (), 0, 0)
            total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
            free = found.where(*(~held for held in self._holds(session).values())).order_by(None).subquery()
            due = session.scalar(select(func.count()).select_from(free)) or 0
            rows = session.execute(found.limit(PAGE).offset((max(1, page) - 1) * PAGE)).all()
            return RetentionPage(self.years, tuple(map(self._case, rows)), total, due)

    def due(self, session: Session, text: str = "", only: Sequence[str] | None = None) -> list[KeptCase]:
        """Those that may be destroyed now, at most :data:`MOST`. ``only``: of these requests."""
        found = self._over(session, text)
        if found is None:
            return []
        found = found.where(*(~held for held in self._holds(session).values()))
        if only is not None:
            found = found.where(RequestRow.id.in_(only))
        return [self._case(row) for row in session.execute(found.limit(MOST))]

    def still_due(self, session: Session, request_id: str) -> bool:
        """Whether this case, which is on an approved list, may be destroyed at this moment."""
        found = self._over(session, "")
        if found is None:
            return False
        holds = self._holds(session)
        del holds[Hold.PROPOSED]
        return (
            session.execute(found.where(RequestRow.id == request_id, *(~held for held in holds.values()))).first()
            is not None
        )

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _over(self, session: Session, text: str) -> Select[Any] | None:
        if self.years is None:
            return None
        limit = over_before(self._context.today(), self.years, self._context.office.zone)
        account_ended = func.coalesce(AccountRow.revoked_at, AccountRow.state_at)
        asked = (
            select(
                RequestRow.id, RequestRow.number, LetterRow.number, RequestRow.finished_at, account_ended, BoxRow.number
            )
            .add_columns(*(held.label(f"hold_{hold.name.lower()}") for hold, held in self._holds(session).items()))
            .join(LetterRow, LetterRow.id == RequestRow.letter_id)
            .outerjoin(AccountRow, AccountRow.request_id == RequestRow.id)
            .outerjoin(FilingRow, FilingRow.request_id == RequestRow.id)
            .outerjoin(BoxRow, BoxRow.id == FilingRow.box_id)
            .where(
                RequestRow.number.is_not(None),
                RequestRow.submitted_at.is_not(None),
                RequestRow.destroyed_at.is_(None),
                RequestRow.state.not_in([state.value for state in OPEN]),
                RequestRow.finished_at < limit,
                or_(AccountRow.id.is_(None), and_(AccountRow.state == AccountState.REVOKED, account_ended < limit)),
            )
            # Written so that no database reads all requests in this order: few are old enough, and they are found by
            # when they were finished.
            .order_by(func.coalesce(RequestRow.submitted_at, RequestRow.created_at), RequestRow.number)
        )
        if text := " ".join(text.split())[:100]:
            columns = (RequestRow.number, LetterRow.number, BoxRow.number)
            asked = asked.where(or_(*(column.icontains(text, autoescape=True) for column in columns)))
        return asked

    def _holds(self, session: Session) -> dict[Hold, ColumnElement[bool]]:
        """What holds a case, as conditions on its rows."""
        mine = AccountRow.id
        runs = [run.id for target in self._context.settings.targets if (run := last_finished(session, target))]
        return {
            Hold.STILL_THERE: exists().where(LinkRow.account_id == mine, LinkRow.state.not_in(AT_REST)),
            Hold.FINDING: exists().where(
                FindingRow.account_id == mine, FindingRow.run_id.in_(runs), FindingRow.closed_at.is_(None)
            ),
            Hold.ALARM: exists().where(EnvelopeAlarmRow.account_id == mine, EnvelopeAlarmRow.examined_at.is_(None)),
            Hold.WORK: or_(
                exists().where(TaskCardRow.account_id == mine, TaskCardRow.state == "open"),
                exists().where(HelpCardRow.account_id == mine, HelpCardRow.state == "open"),
            ),
            Hold.PROPOSED: exists().where(DestructionCaseRow.live_key == RequestRow.id),
        }

    def _case(self, row: Row[Any]) -> KeptCase:
        values: tuple[Any, ...] = tuple(row)
        request_id, number, letter, finished_at, account_ended, box, *held = values
        return KeptCase(
            request_id,
            number,
            letter,
            self._context.today(_later(finished_at, account_ended)),
            box or "",
            tuple(hold for hold, holds in zip(Hold, held, strict=True) if holds),
        )


def _later(finished_at: datetime, account_ended: datetime | None) -> datetime:
    return max(finished_at, account_ended) if account_ended else finished_at
