"""Carrying out an approved destruction: one unit of work a case, so that it goes on after a crash where it stood."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.paper import PaperKind
from provisioner.provisioning import history, lookup
from provisioner.provisioning.context import Context
from provisioner.provisioning.destruction_record import CaseRecord, record_of
from provisioner.provisioning.emptying import empty_account, empty_letter, empty_request, sent_requests
from provisioner.provisioning.papers import Papers
from provisioner.provisioning.retention import Retention
from provisioner.retention import DestructionState, Outcome
from provisioner.store.tables import AccountRow, DestructionCaseRow, DestructionRow, LetterRow, RequestRow

_AT_ONCE = 20


class Destroying:
    """A duty of the runner. The state lies in the store alone: whoever runs it next goes on."""

    def __init__(self, context: Context, retention: Retention, papers: Papers) -> None:
        self._context = context
        self._retention = retention
        self._papers = papers

    def carry_on(self) -> None:
        """Destroy some of what was approved; write the minutes of what is done."""
        for _ in range(_AT_ONCE):
            if not self.destroy_next():
                break
        self._write_minutes()

    def destroy_next(self) -> bool:
        """Destroy the next case of an approved list, whole or not at all. False: there is none."""
        with self._context.store.begin() as session:
            row = session.scalars(
                select(DestructionRow)
                .where(DestructionRow.state == DestructionState.APPROVED)
                .order_by(DestructionRow.decided_at)
                .limit(1)
                .with_for_update(key_share=True)
            ).one_or_none()
            if row is None:
                return False
            case = next((each for each in row.cases if each.outcome == Outcome.WAITING), None)
            if case is None:
                self._finish(session, row)
            else:
                self._take(session, row, case)
            return True

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _take(self, session: Session, row: DestructionRow, case: DestructionCaseRow) -> None:
        due = self._retention.still_due(session, case.request_id)
        case.outcome = Outcome.DESTROYED if due else Outcome.LEFT_OUT
        case.live_key, case.done_at = None, self._context.clock()
        if due:
            case.record = self._destroy(session, row, lookup.request(session, case.request_id)).to_json()

    def _destroy(self, session: Session, row: DestructionRow, request: RequestRow) -> CaseRecord:
        context, at = self._context, self._context.clock()
        account = session.scalars(select(AccountRow).where(AccountRow.request_id == request.id)).one_or_none()
        letters = self._letters_to_go(session, request)
        record = record_of(context, session, request, account, letters)
        subjects = audit.Subjects(request=request.id, account=account.id if account else None)
        erased = context.trail.erase(session, subjects)
        empty_request(session, request, row.id, at)
        if account is not None:
            empty_account(session, account.id, context.keyring, at)
        for letter in letters:
            erased += context.trail.erase(session, audit.Subjects(letter=letter.id))
            empty_letter(session, letter, row.id, at)
        context.trail.record(
            session,
            "case-destroyed",
            actor=audit.Actor.system(),
            subjects=lookup.subjects(request.letter, request, account=account.id if account else None),
            letter_number=record.letter_number,
            paper_number=row.number,
            count=len(record.papers),
            erased=erased,
            box=record.box or None,
            sha256=record.fingerprint(),
        )
        return record

    def _letters_to_go(self, session: Session, request: RequestRow) -> list[LetterRow]:
        """A letter goes with the last of those on it, also of those who started again on a copy of it."""
        earlier = [session.get_one(LetterRow, each.id) for each in history.earlier_letters(session, [request])]
        gone = []
        for letter in (request.letter, *earlier):
            others = sent_requests(session, letter.id, history.moved_on(session, letter))
            if all(each.id == request.id or each.destroyed_at is not None for each in others):
                gone.append(letter)
        return gone

    def _finish(self, session: Session, row: DestructionRow) -> None:
        row.state, row.done_at = DestructionState.DONE, self._context.clock()
        self._context.trail.record(
            session,
            "destruction-finished",
            actor=audit.Actor.system(),
            paper_number=row.number,
            count=sum(case.outcome == Outcome.DESTROYED for case in row.cases),
            left_out=sum(case.outcome == Outcome.LEFT_OUT for case in row.cases),
        )

    def _write_minutes(self) -> None:
        """Also empties the database's own log, once: it holds pages from before, until they are written over."""
        with self._context.store.read() as session:
            asked = select(DestructionRow.id).where(
                DestructionRow.state == DestructionState.DONE, DestructionRow.cleared_at.is_(None)
            )
            found = session.scalars(asked).all()
        for destruction_id in found:
            self._papers.make(PaperKind.DESTRUCTION_RECORD, destruction_id)
            if self._context.store.forget_old_pages():
                with self._context.store.begin() as session:
                    session.get_one(DestructionRow, destruction_id).cleared_at = self._context.clock()
