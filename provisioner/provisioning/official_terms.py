"""How long an official's own account holds. An auditor's always has an end: who inspects comes, looks and goes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from provisioner import audit
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.errors import InvalidInput
from provisioner.office import PostId
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import display_name, official_by_username
from provisioner.provisioning.sessions import Sessions
from provisioner.store.tables import OfficialRow, SessionRow

LONGEST_REASON = 500


@dataclass(frozen=True)
class Ending:
    """An account with an end that is near, or an auditor's without one (``on`` None)."""

    username: str
    on: date | None


def latest_end(context: Context) -> date:
    """The last day that an auditor's account may be given today."""
    return context.today() + timedelta(days=context.settings.inspection.auditor_days)


def term_errors(context: Context, posts: Iterable[str], last_day: date | None) -> list[str]:
    """What is wrong with the last day of an account of these posts: ``auditor-without-end``, ``auditor-end-far``."""
    if PostId.AUDITOR not in posts:
        return []
    if last_day is None:
        return ["auditor-without-end"]
    return ["auditor-end-far"] if last_day > latest_end(context) else []


class OfficialTerms:
    """Extends accounts, ends what is over, and tells what is near its end."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions

    def extend(self, username: str, last_day: date | None, reason: str = "", by: Actor | None = None) -> None:
        """Another last day (None: no end). Sessions from before an end that has passed stay ended. ``by`` None:
        somebody at the machine itself.

        :raises InvalidInput: field ``expires_on``: past, or not possible for an auditor.
        :raises NotFound: no such official. :raises NotAllowed: only IT, and not for themselves.
        """
        if by is not None:
            by.require("it")
        with self._context.store.begin() as session:
            row = official_by_username(session, username)
            errors = term_errors(self._context, row.posts.split(), last_day)
            if last_day is not None and last_day < self._context.today():
                errors = ["past"]
            if errors:
                raise InvalidInput(fields={"expires_on": errors})
            if row.expires_on is not None and row.expires_on < self._context.today():
                self._sessions.end_all(session, "official", row.id)
            row.expires_on = last_day
            self._context.trail.record(
                session,
                "official-extended",
                actor=by.in_trail() if by else audit.Actor.command(),
                subjects=Subjects(official=row.id),
                official=row.username,
                until=last_day,
                name=display_name(row),
                reason=reason[:LONGEST_REASON] or None,
            )

    def end_over(self) -> None:
        """A duty: sessions of accounts whose last day is over end. (Nobody is let in with them in any case.)"""
        over = select(OfficialRow.id).where(OfficialRow.expires_on < self._context.today())
        live = select(SessionRow.subject_id).where(
            SessionRow.kind == "official",
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > self._context.clock(),
            SessionRow.subject_id.in_(over),
        )
        with self._context.store.read() as session:
            found = set(session.scalars(live))
        for official_id in found:
            with self._context.store.begin() as session:
                row = session.get_one(OfficialRow, official_id)
                count = self._sessions.end_all(session, "official", row.id)
                if count:
                    self._context.trail.record(
                        session,
                        "session-ended",
                        actor=audit.Actor.system(),
                        subjects=Subjects(official=row.id),
                        whose="official",
                        count=count,
                        reason_code="expired",
                        username=row.username,
                    )

    def endings(self) -> list[Ending]:
        """Auditors without an end first, then whose end is near or passed a short while ago."""
        today, near = self._context.today(), timedelta(days=self._context.settings.inspection.reminder_days)
        with self._context.store.read() as session:
            rows = session.scalars(select(OfficialRow).where(OfficialRow.suspended_at.is_(None))).all()
        found = [
            Ending(row.username, row.expires_on)
            for row in rows
            if (row.expires_on is None and PostId.AUDITOR in row.posts.split())
            or (row.expires_on is not None and today <= row.expires_on <= today + near)
        ]
        return sorted(found, key=lambda each: (each.on is not None, each.on or today))

    def own_end(self, actor: Actor) -> date | None:
        """The last day of this person's own account, once it is near; else None."""
        return next((each.on for each in self.endings() if each.username == actor.username), None)
