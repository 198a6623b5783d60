"""Looking at officials: who there is, and what one of them decided since a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import display_name, official_by_username
from provisioner.provisioning.sessions import Sessions
from provisioner.store.tables import ActRow, MandateRow, OfficialRow


@dataclass(frozen=True)
class OfficialSummary:
    """One line of the list of officials."""

    id: str
    username: str
    name: str
    posts: tuple[str, ...]
    mandates: tuple["MandateSummary", ...]
    second_factor: bool
    must_change: bool
    first_password_at: datetime | None
    """When their first password was drawn; None: nobody was given one."""
    first_password_until: datetime | None
    suspended_at: datetime | None
    expires_on: date | None
    last_sign_in_at: datetime | None
    live_sessions: int


@dataclass(frozen=True)
class MandateSummary:
    """A Plt. or Plh., present or to come."""

    id: str
    post: str
    kind: str
    order_number: str
    order_date: date
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class DecisionLine:
    """An act of an official, for "what did they decide since"."""

    at: datetime
    kind: str
    step: int
    post: str
    letter_id: str
    letter_number: str
    request_id: str | None
    request_number: str | None
    applicant: str
    undone: bool


class OfficialViews:
    """Queries about officials."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions

    def everybody(self) -> list[OfficialSummary]:
        """Every official, by name, with mandates that hold or will."""
        today = self._context.today()
        with self._context.store.read() as session:
            rows = session.scalars(select(OfficialRow).order_by(OfficialRow.full_name)).all()
            mandates: dict[str, list[MandateRow]] = {}
            for mandate in session.scalars(
                select(MandateRow).where(MandateRow.ended_at.is_(None), MandateRow.ends_on >= today)
            ):
                mandates.setdefault(mandate.official_id, []).append(mandate)
            return [self._summary(session, row, mandates.get(row.id, ())) for row in rows]

    def decisions(self, by: Actor, username: str, since: datetime) -> list[DecisionLine]:
        """What an official decided since a moment, newest first: what to look at when their account was misused.

        :raises NotAllowed: neither IT nor auditor.
        """
        capacity = by.require("it", "auditor")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            found = session.scalars(
                select(ActRow).where(ActRow.official_id == row.id, ActRow.at >= since).order_by(ActRow.at.desc())
            ).all()
            lines = [_decision(act) for act in found]
            self._context.trail.record(
                session,
                "decisions-listed",
                actor=by.in_trail(capacity),
                subjects=Subjects(official=row.id),
                official=row.username,
                since=since,
                count=len(lines),
            )
        return lines

    def _summary(self, session: Session, row: OfficialRow, mandates: Sequence[MandateRow]) -> OfficialSummary:
        return OfficialSummary(
            row.id,
            row.username,
            display_name(row),
            tuple(row.posts.split()),
            tuple(
                MandateSummary(m.id, m.post, m.kind, m.order_number, m.order_date, m.starts_on, m.ends_on)
                for m in mandates
            ),
            row.totp_confirmed_at is not None,
            row.must_change,
            row.first_password_at,
            row.first_password_until,
            row.suspended_at,
            row.expires_on,
            row.last_sign_in_at,
            len(self._sessions.live(session, "official", row.id)),
        )


def _decision(act: ActRow) -> DecisionLine:
    request = next((each for each in act.letter.requests if each.id == act.request_id), None)
    applicant = request.display_name if request else ", ".join(each.display_name for each in act.letter.requests)
    return DecisionLine(
        act.at,
        act.kind,
        act.step,
        act.post,
        act.letter_id,
        act.letter.number,
        act.request_id,
        request.number if request else None,
        applicant,
        act.undone_at is not None,
    )
