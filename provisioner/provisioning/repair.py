"""What an applicant does after sending: repair what came back, fill the bio form late, or withdraw."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.documents.words import long_date
from provisioner.letter import LetterAct, LetterState
from provisioner.letter import after as letter_after
from provisioner.procedure import Act
from provisioner.provisioning import acts, lookup, register_book, visits
from provisioner.provisioning.attachments import SHEET_KIND
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.provisioning.enrolment_codes import void_codes
from provisioner.provisioning.username_offer import free_username
from provisioner.provisioning.visits import Place
from provisioner.provisioning.with_applicant import refuse_over
from provisioner.request import OPEN, RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import AttachmentRow, LetterRow, PactRow, RequestRow

_PAPER_COPIED = (
    "kind", "file_name", "media_type", "pages", "size", "sha256", "content", "created_at",
    "original_seen_at", "original_seen_by", "original_seen_label",
)  # fmt: skip
_LETTER_COPIED = (
    "number",
    "letter_date",
    "sender",
    "subject",
    "urgency",
    "channel",
    "registered_by",
    "received_at",
    "register_id",
)


@dataclass(frozen=True)
class Resubmitted:
    """Where a repaired letter or request went."""

    desk: str
    restarted: bool
    """Person, role or region changed, so it starts again at the head."""


class Repair:
    """The applicant's answers to a return, and withdrawal."""

    def __init__(self, context: Context, forms: BioForms) -> None:
        self._context = context
        self._forms = forms

    def resubmit(self, request_id: str, actor: Actor | None = None) -> Resubmitted:
        """Send again what was returned, or send the bio form that was still missing.

        It comes back to the desk that returned it; another person, role or region starts again at the head, and so does
        a request whose bio form turns out to name somebody who disposed of it.

        :raises WrongState: nothing waits for the applicant. :raises InvalidInput: still incomplete.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            acts.seen_by_next_desk(session, request.letter_id, None, at)
            acts.seen_by_next_desk(session, request.letter_id, request.id, at)
            refuse_over(request)
            if request.state == RequestState.BIO_FORM:
                return self._send_bio_form(session, request, at, actor)
            if request.state == RequestState.RETURNED:
                return self._resubmit_request(session, request, at, actor)
            return self._resubmit_letter(session, request.letter, at, actor)

    def withdraw(self, request_id: str, reason: str = "", actor: Actor | None = None) -> None:
        """Take a request back. The letter goes with its last request; an unfinished pact becomes void.

        :raises WrongState: it is too late: the account is being made or exists.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            letter, before = request.letter, request.state
            request.state = request_after(RequestState(before), RequestAct.WITHDRAW)
            request.finished_at = at
            void_open_pact(session, self._context, request, "withdrawn", at)
            void_codes(session, self._context, request, at)
            free_username(session, request)
            note = reason.strip()[:1000]
            acts.record(
                session,
                letter,
                request,
                step=1,
                kind=RequestAct.WITHDRAW,
                before=before,
                after=request.state,
                at=at,
                actor=actor,
                capacity=lookup.capacity_of_sender(actor),
                note=note,
            )
            visits.move(session, letter.id, request.id, None, at)
            self._context.trail.record(
                session,
                "request-withdrawn",
                actor=lookup.sender(request, actor),
                subjects=lookup.subjects(letter, request),
                letter_number=letter.number,
                applicant_name=request.display_name,
                reason=note,
            )
            if letter.state != LetterState.DISPOSED and all(each.state not in OPEN for each in letter.requests):
                letter.state = letter_after(LetterState(letter.state), LetterAct.WITHDRAW)
                whom = "Ditarik pemohon" if actor is None else "Ditarik di loket"
                register_book.add_remark(session, letter, f"{whom} {long_date(self._context.today(at))}")
                visits.move(session, letter.id, None, None, at)

    def _send_bio_form(self, session: Session, request: RequestRow, at: datetime, actor: Actor | None) -> Resubmitted:
        """The bio form comes after the dispositions: it is frozen as the last disposition's output."""
        self._forms.refuse_wrong(request, must_be_there=True)
        if acts.was_disposed_by_applicant(session, request):
            return self._restart(session, request, at, actor)
        review = self._context.step_of(Act.REVIEW)
        request.state = request_after(RequestState.BIO_FORM, RequestAct.FILL)
        request.bio_frozen_at, request.forwarded_identity = at, self._forms.identity(request)
        acts.record(
            session,
            request.letter,
            request,
            step=review.number - 1,
            kind=RequestAct.FILL,
            before=RequestState.BIO_FORM,
            after=request.state,
            at=at,
            actor=actor,
            capacity=lookup.capacity_of_sender(actor),
        )
        visits.move(session, request.letter_id, request.id, Place(review.number, review.actor), at)
        self._context.trail.record(
            session,
            "bio-form-completed",
            actor=lookup.sender(request, actor),
            subjects=lookup.subjects(request.letter, request),
            letter_number=request.letter.number,
            applicant_name=request.display_name,
        )
        return Resubmitted(review.actor, restarted=False)

    def _resubmit_request(
        self, session: Session, request: RequestRow, at: datetime, actor: Actor | None
    ) -> Resubmitted:
        self._forms.refuse_wrong(request, must_be_there=True)
        if self._forms.identity(request) != request.forwarded_identity:
            return self._restart(session, request, at, actor)
        review = self._context.step_of(Act.REVIEW)
        request.state = request_after(RequestState.RETURNED, RequestAct.RESUBMIT)
        request.bio_frozen_at = at
        self._note(session, request.letter, request, RequestState.RETURNED, request.state, review.actor, at, actor)
        visits.move(session, request.letter_id, request.id, Place(review.number, review.actor), at)
        return Resubmitted(review.actor, restarted=False)

    def _restart(self, session: Session, request: RequestRow, at: datetime, actor: Actor | None) -> Resubmitted:
        """What the head disposed of was another request: a copy of the letter, with this one alone, starts again."""
        first = self._context.procedure.steps_of(Act.DISPOSE)[0]
        old = request.letter
        letter = LetterRow(
            **{name: getattr(old, name) for name in _LETTER_COPIED},
            state=LetterState.DISPOSING,
            step=first.number,
            created_at=at,
        )
        session.add(letter)
        session.flush()
        visits.move(session, old.id, request.id, None, at)
        _take_papers(session, old.id, letter.id, request.id)
        before = request.state
        request.state = request_after(RequestState(before), RequestAct.RESTART)
        request.letter, request.position = letter, 1
        request.bio_frozen_at, request.forwarded_identity = None, self._forms.identity(request)
        session.flush()
        self._note(session, letter, request, before, request.state, first.actor, at, actor, restarted=True)
        visits.move(session, letter.id, None, Place(first.number, first.actor), at)
        return Resubmitted(first.actor, restarted=True)

    def _resubmit_letter(self, session: Session, letter: LetterRow, at: datetime, actor: Actor | None) -> Resubmitted:
        before = letter.state
        letter.state = letter_after(LetterState(before), LetterAct.RESUBMIT)
        live = [request for request in letter.requests if request.state in OPEN]
        changed = False
        for request in live:
            self._forms.refuse_wrong(request, must_be_there=False)
            identity = self._forms.identity(request)
            changed = changed or (request.forwarded_identity is not None and identity != request.forwarded_identity)
            changed = changed or acts.was_disposed_by_applicant(session, request)
            request.forwarded_identity = identity
        disposing = self._context.procedure.steps_of(Act.DISPOSE)
        if changed:
            letter.step = disposing[0].number
            register_book.lies_with(session, self._context, letter, disposing[0].actor)
        desk = self._context.procedure.step(letter.step)
        self._note(session, letter, None, before, letter.state, desk.actor, at, actor, restarted=changed)
        visits.move(session, letter.id, None, Place(desk.number, desk.actor), at)
        return Resubmitted(desk.actor, restarted=changed)

    def _note(
        self,
        session: Session,
        letter: LetterRow,
        request: RequestRow | None,
        before: str,
        after: str,
        desk: str,
        at: datetime,
        actor: Actor | None,
        *,
        restarted: bool = False,
    ) -> None:
        acts.record(
            session,
            letter,
            request,
            step=1,
            kind=RequestAct.RESTART if restarted else LetterAct.RESUBMIT,
            before=before,
            after=after,
            at=at,
            actor=actor,
            capacity=lookup.capacity_of_sender(actor),
        )
        for each in [request] if request else [each for each in letter.requests if each.state in OPEN]:
            self._context.trail.record(
                session,
                "request-resubmitted",
                actor=lookup.sender(each, actor),
                subjects=lookup.subjects(letter, each),
                letter_number=letter.number,
                to=self._context.office.post(desk).label.id,
                check_code=each.check_code,
                applicant_name=each.display_name,
            )


def _take_papers(session: Session, old_letter: str, letter: str, request: str) -> None:
    """The applicant's own papers go along; those of the letter stay with the others too, so they are copied."""
    for row in session.query(AttachmentRow).filter(AttachmentRow.letter_id == old_letter).all():
        if row.request_id == request:
            row.letter_id = letter
        elif row.request_id is None and row.kind != SHEET_KIND:
            copied = {name: getattr(row, name) for name in _PAPER_COPIED}
            session.add(AttachmentRow(letter_id=letter, request_id=None, **copied))


def void_open_pact(
    session: Session, context: Context, request: RequestRow, reason: str, at: datetime, by: audit.Actor | None = None
) -> None:
    """An unfinished pact of the request becomes void; a signed one is not touched. ``by`` None: it follows by itself
    from another event.
    """
    for pact in session.query(PactRow).filter(
        PactRow.request_id == request.id,
        PactRow.state.in_(("prepared", "applicant-signed")),
        PactRow.renews_id.is_(None),
    ):
        pact.state, pact.void_at, pact.void_reason = "void", at, reason
        context.trail.record(
            session,
            "pact-voided",
            actor=by or audit.Actor.system(),
            subjects=lookup.subjects(request.letter, request),
            pact_number=pact.number,
            reason_code=reason,
            letter_number=request.letter.number,
        )
