"""Steps 2 and 3: the desks that dispose of a letter. One disposition serves everybody named on it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.audit import Subjects
from provisioner.errors import InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.letter import LetterAct, LetterState
from provisioner.letter import after as letter_after
from provisioner.procedure import Act, Step
from provisioner.provisioning import acts, lookup, register_book, visits
from provisioner.provisioning.acts import Recorder
from provisioner.provisioning.context import Context
from provisioner.provisioning.visits import APPLICANT_DESK, Place
from provisioner.request import OPEN, TAKES_PART, RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import ActRow, DeskVisitRow, LetterRow, RequestRow

MAX_NOTE = 2000


def clean_note(text: str, *, needed: bool, field: str) -> str:
    """A reason or note somebody typed.

    :raises InvalidInput: missing where it is needed, or too long.
    """
    cleaned = text.strip()
    if needed and not cleaned:
        raise InvalidInput("reason-missing", fields={field: ["missing"]})
    if len(cleaned) > MAX_NOTE:
        raise InvalidInput("reason-too-long", fields={field: ["too-long"]}, limit=MAX_NOTE)
    return cleaned


class Desks:
    """What the head and the division head do with a letter (which posts these are, the SOP's file says)."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def open(self, actor: Actor, letter_id: str) -> None:
        """The desk opens the letter: its minutes start, and what the desk before did cannot be undone any more."""
        at = self._context.clock()
        with self._context.store.begin() as session:
            letter = lookup.letter(session, letter_id)
            visit = visits.current(session, letter.id, None)
            if visit is None or visit.desk == APPLICANT_DESK or not actor.holds(visit.desk):
                return
            if not visits.opened(session, letter.id, None, actor.official_id, at):
                return
            acts.seen_by_next_desk(session, letter.id, None, at)
            capacity = actor.require(visit.desk)
            self._context.trail.record(
                session,
                "letter-opened",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(letter),
                letter_number=letter.number,
                desk=capacity.label,
                step=visit.step,
            )

    def forward(
        self,
        actor: Actor,
        letter_id: str,
        revision: int,
        requested_action: str = "",
        note: str = "",
        *,
        recorder: Recorder | None = None,
    ) -> None:
        """Dispose of the letter to the next desk of the SOP. After the last disposition each request lies with the
        section head, its bio form frozen; one without a bio form waits for the applicant first. ``recorder``: who
        records it from the sheet that ``actor`` initialled.

        :raises NotAllowed: not this person's desk, own request, or a second step. :raises WrongState: not now.
        """
        note = clean_note(note, needed=False, field="note")
        if requested_action and requested_action not in {each.code for each in self._context.office.requested_actions}:
            raise InvalidInput("requested-action-unknown", fields={"requested_action": ["unknown"]})
        at = self._context.clock()
        with self._context.store.begin() as session:
            letter, step, capacity, visit = self._on_desk(session, actor, letter_id, revision, recorder)
            disposing = self._context.procedure.steps_of(Act.DISPOSE)
            is_last = step.number == disposing[-1].number
            kind = LetterAct.ASSIGN if is_last else LetterAct.FORWARD
            letter.state = letter_after(LetterState(letter.state), kind)
            if is_last:
                target = self._context.step_of(Act.REVIEW)
                self._arrive(session, letter, target, at)
            else:
                target = self._context.procedure.step(step.number + 1)
                letter.step = target.number
            place = None if is_last else Place(target.number, target.actor)
            visits.move(session, letter.id, None, place, at, visit)
            register_book.lies_with(session, self._context, letter, target.actor)
            acts.record(
                session,
                letter,
                None,
                step=step.number,
                kind=kind,
                before=LetterState.DISPOSING,
                after=letter.state,
                at=at,
                actor=actor,
                capacity=capacity,
                requested_action=requested_action,
                note=note,
                recorder=recorder,
            )
            self._note_paper(session, letter, step, kind, actor, recorder, note)
            self._context.trail.record(
                session,
                "letter-forwarded",
                actor=acts.in_trail(actor, capacity, recorder),
                subjects=lookup.subjects(letter),
                letter_number=letter.number,
                to=self._context.office.post(target.actor).label.id,
                step=step.number,
                requested_actions=[requested_action] if requested_action else None,
                note=note,
            )

    def return_for_repair(
        self, actor: Actor, letter_id: str, revision: int, reason: str, *, recorder: Recorder | None = None
    ) -> None:
        """Give the letter back to the applicant; repaired, it comes back to this desk.

        :raises InvalidInput: without a reason. Else as :meth:`forward`.
        """
        reason = clean_note(reason, needed=True, field="reason")
        at = self._context.clock()
        with self._context.store.begin() as session:
            letter, step, capacity, visit = self._on_desk(session, actor, letter_id, revision, recorder)
            letter.state = letter_after(LetterState(letter.state), LetterAct.RETURN)
            visits.move(session, letter.id, None, Place(step.number, APPLICANT_DESK), at, visit)
            self._write_down(session, letter, step, LetterAct.RETURN, actor, capacity, reason, at, recorder)
            self._context.trail.record(
                session,
                "letter-returned",
                actor=acts.in_trail(actor, capacity, recorder),
                subjects=lookup.subjects(letter),
                letter_number=letter.number,
                to=APPLICANT_DESK,
                step=step.number,
                reason=reason,
            )

    def reject(
        self, actor: Actor, letter_id: str, revision: int, reason: str, *, recorder: Recorder | None = None
    ) -> None:
        """Refuse the letter, and with it every request on it.

        :raises InvalidInput: without a reason. Else as :meth:`forward`.
        """
        reason = clean_note(reason, needed=True, field="reason")
        at = self._context.clock()
        with self._context.store.begin() as session:
            letter, step, capacity, visit = self._on_desk(session, actor, letter_id, revision, recorder)
            letter.state = letter_after(LetterState(letter.state), LetterAct.REJECT)
            for request in letter.requests:
                if request.state in OPEN:
                    request.state = request_after(RequestState(request.state), RequestAct.CLOSE)
                    request.finished_at = at
            visits.move(session, letter.id, None, None, at, visit)
            self._write_down(session, letter, step, LetterAct.REJECT, actor, capacity, reason, at, recorder)
            self._context.trail.record(
                session,
                "letter-rejected",
                actor=acts.in_trail(actor, capacity, recorder),
                subjects=lookup.subjects(letter),
                letter_number=letter.number,
                step=step.number,
                reason=reason,
            )

    def undo(self, actor: Actor, act_id: str) -> None:
        """Take an own act on a letter back, as long as the next desk has not opened it.

        :raises NotAllowed: somebody else's act. :raises WrongState: ``already-opened``, something followed, or
            ``nobody-left``: everybody on the letter has withdrawn meanwhile.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            act = own_undoable_act(session, actor, act_id)
            if act.request_id is not None:
                raise NotFound("act-unknown")
            letter = lookup.letter(session, act.letter_id)
            if not somebody_comes_back(letter, act.kind):
                raise WrongState("nobody-left", state=letter.state)
            letter.state = letter_after(LetterState(letter.state), LetterAct.UNDO)
            letter.step = act.step
            self._undo_requests(session, letter, LetterAct(act.kind), at)
            step = self._context.procedure.step(act.step)
            visits.move(session, letter.id, None, Place(step.number, step.actor), at)
            register_book.lies_with(session, self._context, letter, step.actor)
            session.flush()
            visits.opened(session, letter.id, None, actor.official_id, at)
            act.undone_at = at
            self._context.trail.record(
                session,
                "act-undone",
                actor=actor.in_trail(actor.require(step.actor)),
                subjects=lookup.subjects(letter),
                act=act.kind,
                letter_number=letter.number,
                step=act.step,
            )

    def _on_desk(
        self, session: Session, actor: Actor, letter_id: str, revision: int, recorder: Recorder | None
    ) -> tuple[LetterRow, Step, Capacity, DeskVisitRow | None]:
        """The letter with its visit to this desk, if it lies on this person's desk and they may act on it."""
        letter = lookup.letter(session, letter_id)
        step = self._context.procedure.step(letter.step)
        if letter.state != LetterState.DISPOSING:
            raise WrongState("letter-wrong-state", state=letter.state)
        capacity = actor.require(step.actor)
        acts.refuse_stale_form(letter, revision)
        taking_part = [each for each in letter.requests if each.state in TAKES_PART]
        acts.refuse_own_request(actor, taking_part)
        if recorder is not None:
            recorder.refuse_unless_neutral(step.actor, taking_part)
        allowed = self._context.settings.procedure.allow_two_steps
        acts.refuse_second_step(session, actor, letter.id, None, step.number, allowed=allowed)
        # Who acts without having opened the page has it before them all the same: the minutes start no later.
        visit = visits.current(session, letter.id, None)
        if visit is not None:
            visits.note_opening(visit, actor.official_id, self._context.clock())
        return letter, step, capacity, visit

    def _arrive(self, session: Session, letter: LetterRow, review: Step, at: datetime) -> None:
        for request in letter.requests:
            if request.state != RequestState.WITH_LETTER:
                continue
            if request.bio_complete:
                request.bio_frozen_at = at
                act, place = RequestAct.ARRIVE, Place(review.number, review.actor)
            else:
                act, place = RequestAct.ARRIVE_EMPTY, Place(review.number - 1, APPLICANT_DESK)
            request.state = request_after(RequestState.WITH_LETTER, act)
            visits.move(session, letter.id, request.id, place, at)

    def _undo_requests(self, session: Session, letter: LetterRow, undone: LetterAct, at: datetime) -> None:
        acts_back = {LetterAct.ASSIGN: RequestAct.CALL_BACK, LetterAct.REJECT: RequestAct.REOPEN}
        act = acts_back.get(undone)
        for request in letter.requests:
            if act is None or not _goes_back(request, undone):
                continue
            request.state = request_after(RequestState(request.state), act)
            request.bio_frozen_at = request.finished_at = None
            visits.move(session, letter.id, request.id, None, at)

    def _write_down(
        self,
        session: Session,
        letter: LetterRow,
        step: Step,
        kind: LetterAct,
        actor: Actor,
        capacity: Capacity,
        reason: str,
        at: datetime,
        recorder: Recorder | None,
    ) -> None:
        acts.record(
            session,
            letter,
            None,
            step=step.number,
            kind=kind,
            before=LetterState.DISPOSING,
            after=letter.state,
            at=at,
            actor=actor,
            capacity=capacity,
            note=reason,
            recorder=recorder,
        )
        self._note_paper(session, letter, step, kind, actor, recorder, reason)

    def _note_paper(
        self,
        session: Session,
        letter: LetterRow,
        step: Step,
        kind: LetterAct,
        actor: Actor,
        recorder: Recorder | None,
        note: str,
    ) -> None:
        """Who recorded an act from paper, and by which scan."""
        if recorder is None:
            return
        self._context.trail.record(
            session,
            "disposition-recorded",
            actor=recorder.actor.in_trail(recorder.capacity),
            subjects=Subjects(letter=letter.id, official=actor.official_id),
            letter_number=letter.number,
            act=kind,
            official=actor.username,
            step=step.number,
            sha256=recorder.sha256,
            length=recorder.length,
            note=note,
        )


def somebody_comes_back(letter: LetterRow, undone: str) -> bool:
    """Whether the letter would carry anybody when an act of this kind is undone: no desk gets an empty one."""
    kept = OPEN | {RequestState.REJECTED} if undone == LetterAct.REJECT else OPEN
    return any(request.state in kept for request in letter.requests)


def _goes_back(request: RequestRow, undone: LetterAct) -> bool:
    if undone is LetterAct.REJECT:
        return request.state == RequestState.REJECTED
    return request.state in (RequestState.REVIEW, RequestState.BIO_FORM)


def own_undoable_act(session: Session, actor: Actor, act_id: str) -> ActRow:
    """An act of this person that can still be undone.

    :raises NotFound: no such act. :raises NotAllowed: ``not-your-act``. :raises WrongState: ``already-opened``, or
        ``already-followed`` by another act.
    """
    letter_id = session.scalar(select(ActRow.letter_id).where(ActRow.id == act_id))
    if letter_id is not None:
        lookup.letter(session, letter_id)  # Whoever acts on a letter has the letter first.
    act = session.get(ActRow, act_id)
    if act is None or act.undone_at is not None:
        raise NotFound("act-unknown")
    if act.official_id != actor.official_id:
        raise NotAllowed("not-your-act")
    if act.seen_at is not None:
        raise WrongState("already-opened", state=act.state_after, at=act.seen_at)
    newest = acts.last(session, act.letter_id, act.request_id)
    if newest is None or newest.id != act.id:
        raise WrongState("already-followed", state=act.state_after)
    return act
