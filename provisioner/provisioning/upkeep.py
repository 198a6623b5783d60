"""Small duties of the office's house, done when due: the daily anchor, forgotten drafts, old counters."""

from datetime import timedelta

from sqlalchemy import delete, select

from provisioner import audit
from provisioner.audit import AnchorBook
from provisioner.letter import LetterAct, LetterState, after
from provisioner.provisioning import lookup
from provisioner.provisioning.context import Context
from provisioner.provisioning.throttle import Throttle
from provisioner.request import RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import AttachmentRow, LetterRow, SessionRow

_DRAFTS_AT_ONCE = 50
_SESSIONS_KEPT = timedelta(days=30)


class Upkeep:
    """Each duty may be run at any time and any number of times: it does only what is due and not done."""

    def __init__(self, context: Context, throttle: Throttle) -> None:
        self._context = context
        self._throttle = throttle
        self._book = AnchorBook(context.settings.path(context.settings.audit.anchor_dir))

    def write_anchor(self) -> None:
        """Note the head of the audit trail where the office says, once a day."""
        now = self._context.clock().astimezone(self._context.office.zone)
        if not self._book.due(now, self._context.settings.audit.anchor_at):
            return
        self._book.path.parent.mkdir(parents=True, exist_ok=True)
        with self._context.store.read() as session:
            head = self._context.trail.head(session)
        self._book.write(head, now)

    def forget_drafts(self) -> None:
        """A letter that was begun and not sent is emptied after some days: nobody will come back for it."""
        limit = self._context.clock() - timedelta(days=self._context.settings.procedure.draft_days)
        due = select(LetterRow.id).where(
            LetterRow.state == LetterState.DRAFT.value, LetterRow.channel == "public", LetterRow.created_at < limit
        )
        with self._context.store.read() as session:
            ids = session.scalars(due.limit(_DRAFTS_AT_ONCE)).all()
        for letter_id in ids:
            self._forget(letter_id)

    def forget_counters(self) -> None:
        """Rate limits that ran out, and sessions that ended long ago."""
        limit = self._context.clock() - _SESSIONS_KEPT
        with self._context.store.read() as session:
            old = session.scalars(select(SessionRow.id).where(SessionRow.expires_at < limit).limit(1)).first()
            counters = self._throttle.has_old(session)
        if old is None and not counters:
            return
        with self._context.store.begin() as session:
            self._throttle.forget_old(session)
            session.execute(delete(SessionRow).where(SessionRow.expires_at < limit))

    def _forget(self, letter_id: str) -> None:
        with self._context.store.begin() as session:
            letter = lookup.letter(session, letter_id)
            if letter.state != LetterState.DRAFT:
                return
            letter.state = after(LetterState.DRAFT, LetterAct.WITHDRAW)
            letter.number = letter.sender = ""
            session.execute(delete(AttachmentRow).where(AttachmentRow.letter_id == letter.id))
            for request in letter.requests:
                if request.state == RequestState.WITH_LETTER:
                    request.state = request_after(RequestState.WITH_LETTER, RequestAct.WITHDRAW)
                request.bio = request.person_key = request.staff_key = None
                request.full_name = request.display_name = request.org_unit = ""
                request.finished_at = self._context.clock()
            self._context.trail.record(
                session,
                "draft-discarded",
                actor=audit.Actor.system(),
                subjects=lookup.subjects(letter),
                reason_code="not-sent",
            )
