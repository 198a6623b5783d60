"""An official's own sessions: leaving, and ending those that were left open elsewhere."""

from sqlalchemy.orm import Session

from provisioner.audit import Subjects
from provisioner.provisioning.context import Context
from provisioner.provisioning.official_rows import in_trail
from provisioner.provisioning.sessions import SessionInfo, Sessions
from provisioner.store.tables import OfficialRow


class OfficialSessions:
    """What an official does with their own sessions."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions

    def sign_out(self, info: SessionInfo) -> None:
        """End this session."""
        with self._context.store.begin() as session:
            self._sessions.end(session, info.id)
            row = session.get(OfficialRow, info.subject_id)
            if row is not None:
                self._context.trail.record(
                    session,
                    "official-signed-out",
                    actor=in_trail(self._context, row),
                    subjects=Subjects(official=row.id),
                    official=row.username,
                )

    def live(self, info: SessionInfo) -> list[SessionInfo]:
        """The person's own live sessions, newest first."""
        with self._context.store.read() as session:
            return self._sessions.live(session, "official", info.subject_id)

    def end(self, info: SessionInfo, session_id: str) -> None:
        """End one of the person's own sessions."""
        with self._context.store.begin() as session:
            if any(each.id == session_id for each in self._sessions.live(session, "official", info.subject_id)):
                self._sessions.end(session, session_id)
                self._ended(session, session.get_one(OfficialRow, info.subject_id), 1)

    def end_others(self, info: SessionInfo) -> int:
        """End every own session but this one; gives how many there were."""
        with self._context.store.begin() as session:
            row = session.get_one(OfficialRow, info.subject_id)
            count = self._sessions.end_all(session, "official", row.id, but=info.id)
            self._ended(session, row, count)
            return count

    def _ended(self, session: Session, row: OfficialRow, count: int) -> None:
        self._context.trail.record(
            session,
            "session-ended",
            actor=in_trail(self._context, row),
            subjects=Subjects(official=row.id),
            whose="official",
            count=count,
            username=row.username,
        )
