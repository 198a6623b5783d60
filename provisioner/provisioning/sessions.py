"""Browsers that are signed in: officials, operators and applicants. The cookie holds a token, the store its digest."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from provisioner.errors import AuthenticationFailed
from provisioner.provisioning.context import Context
from provisioner.store.tables import SessionRow

_SEEN_EVERY = timedelta(minutes=1)
"""How exactly ``seen_at`` is kept: writing it at every click would make every page a writer."""


@dataclass(frozen=True)
class SessionInfo:
    """A live session."""

    id: str
    kind: str
    subject_id: str
    stage: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


class Sessions:
    """Starts, finds and ends sessions. One that nobody used for a while is over, whatever its end was to be."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def start(
        self, session: Session, kind: str, subject_id: str, *, stage: str = "full", address: str = "", agent: str = ""
    ) -> tuple[str, str]:
        """Begin a session in the caller's unit of work; gives (token for the cookie, id). The token is shown once."""
        token, now = secrets.token_urlsafe(32), self._context.clock()
        row = SessionRow(
            token_key=self._key(token),
            kind=kind,
            subject_id=subject_id,
            stage=stage,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=self._context.settings.web.session_hours),
            address=address[:60],
            agent=agent[:200],
        )
        session.add(row)
        session.flush()
        return token, row.id

    def find(self, token: str, kind: str, *, used: bool = True) -> SessionInfo | None:
        """The live session behind a cookie's token, or None. ``used`` False: a page asks by itself, which keeps no
        session alive.
        """
        with self._context.store.read() as session:
            info = self.living(session, token, kind)
        if used and info is not None:
            self.seen(info)
        return info

    def living(self, session: Session, token: str, kind: str) -> SessionInfo | None:
        """What :meth:`find` gives, in the caller's unit of work. Who finds a person at work tells it: :meth:`seen`."""
        row = session.scalars(
            select(SessionRow).where(SessionRow.token_key == self._key(token), SessionRow.kind == kind)
        ).one_or_none()
        return _info(row) if row is not None and self._alive(row, self._context.clock()) else None

    def seen(self, info: SessionInfo) -> None:
        """A person was at work in it just now."""
        now = self._context.clock()
        if now - info.seen_at > _SEEN_EVERY:
            with self._context.store.begin() as session:
                session.execute(update(SessionRow).where(SessionRow.id == info.id).values(seen_at=now))

    def live(self, session: Session, kind: str, subject_id: str) -> list[SessionInfo]:
        """Every live session of somebody, newest first."""
        now = self._context.clock()
        rows = session.scalars(
            select(SessionRow)
            .where(SessionRow.kind == kind, SessionRow.subject_id == subject_id, SessionRow.ended_at.is_(None))
            .order_by(SessionRow.created_at.desc())
        )
        return [_info(row) for row in rows if self._alive(row, now)]

    def count(self, kind: str) -> int:
        """How many people of a kind have a live session now."""
        now = self._context.clock()
        with self._context.store.read() as session:
            rows = session.scalars(
                select(SessionRow).where(
                    SessionRow.kind == kind, SessionRow.ended_at.is_(None), SessionRow.expires_at > now
                )
            )
            return len({row.subject_id for row in rows if self._alive(row, now)})

    def advance(self, session: Session, session_id: str, stage: str) -> str:
        """Go on to ``stage``; gives a new token for the cookie (the old one is worth nothing afterwards).

        :raises AuthenticationFailed: ``session-over``: it was ended meanwhile.
        """
        token = secrets.token_urlsafe(32)
        living = update(SessionRow).where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        advanced = session.scalars(living.values(stage=stage, token_key=self._key(token)).returning(SessionRow.id))
        if advanced.one_or_none() is None:
            raise AuthenticationFailed("session-over")
        return token

    def end(self, session: Session, session_id: str) -> None:
        """End one session."""
        session.execute(
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
            .values(ended_at=self._context.clock())
        )

    def leave(self, session_id: str) -> None:
        """End one session in a unit of work of its own: somebody is done at this browser."""
        with self._context.store.begin() as session:
            self.end(session, session_id)

    def end_all(self, session: Session, kind: str, subject_id: str, *, but: str = "") -> int:
        """End every live session of somebody, except the one with the id ``but``; gives how many."""
        living = [each for each in self.live(session, kind, subject_id) if each.id != but]
        for each in living:
            self.end(session, each.id)
        return len(living)

    def _alive(self, row: SessionRow, now: datetime) -> bool:
        idle = timedelta(minutes=self._context.settings.web.session_idle_minutes)
        return row.ended_at is None and row.expires_at > now and row.seen_at + idle > now

    def _key(self, token: str) -> bytes:
        return self._context.keyring.lookup("web-session", token)


def _info(row: SessionRow) -> SessionInfo:
    return SessionInfo(
        row.id, row.kind, row.subject_id, row.stage, row.created_at, row.seen_at, row.expires_at, row.address, row.agent
    )
