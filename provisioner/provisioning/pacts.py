"""Step 4, the pact: made by the section head once the person and the check code are confirmed, then viewed by both."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.documents.pact import PactDocuments
from provisioner.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.pact import PactFacts, PactText
from provisioner.procedure import Act
from provisioner.provisioning import access, acts, destroyed, lookup, numbers, visits
from provisioner.provisioning.adoption import refuse_other_person
from provisioner.provisioning.concerns import Concerns
from provisioner.provisioning.context import Context
from provisioner.provisioning.desks import clean_note
from provisioner.provisioning.duplicates import refuse_duplicate
from provisioner.provisioning.kept_pacts import (
    FACTS_PURPOSE,
    PACT_PURPOSE,
    PactView,
    keep_document,
    newest,
    view,
    views,
    waiting_for,
)
from provisioner.provisioning.pact_facts import PactFactsGathering, PactTerms
from provisioner.provisioning.pact_texts import PactTexts
from provisioner.provisioning.repair import void_open_pact
from provisioner.provisioning.review import on_review_desk
from provisioner.provisioning.username_offer import UsernameOffers, free_username, reserved_for_other
from provisioner.provisioning.visits import APPLICANT_DESK, Place
from provisioner.request import RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import EnrolmentRow, PactRow, RequestRow, UsernameRow
from provisioner.ticket import TicketKeys

NUMBERS = "pact"
MOST_TO_SIGN = 50
"""So many are shown at once, the oldest first; they can all be signed in one go."""


@dataclass(frozen=True)
class Approval:
    """What the section head decided and confirmed."""

    username: str
    check_code: str
    """As typed from the applicant's receipt."""
    person_confirmed: bool
    """They saw the person and an identity card."""
    answer: str = ""
    valid_until: date | None = None


class Pacts:
    """Makes pacts and shows them. Signing is in :mod:`provisioner.provisioning.signatures`."""

    def __init__(
        self,
        context: Context,
        documents: PactDocuments,
        offers: UsernameOffers,
        facts: PactFactsGathering,
        concerns: Concerns,
        texts: PactTexts,
    ) -> None:
        self._context = context
        self._documents = documents
        self._texts = texts
        self._offers = offers
        self._facts = facts
        self._concerns = concerns

    def approve(self, actor: Actor, request_id: str, revision: int, approval: Approval) -> str:
        """Approve the request and make its pact; gives the pact's id. The applicant signs it first.

        The user name is reserved. Targets are asked and the pact is rendered before the transaction.

        :raises InvalidInput: the person is not confirmed, the check code is wrong, or the user name breaks a rule.
        :raises Conflict: the user name is taken, or the person has a live account or another open request.
        :raises WrongState: no ticket yet, not on the desk, or changed meanwhile; ``issued-password-refused``: a
            system would refuse every initial password. :raises NotAllowed: see ``review``.
        """
        answer = clean_note(approval.answer, needed=False, field="answer")
        approval = replace(approval, answer=answer, username=approval.username.strip())
        self._refuse_past(approval.valid_until)
        with self._context.store.read() as session:
            request, _, _ = on_review_desk(self._context, session, actor, request_id, revision)
            _refuse_own_code(session, actor, request_id)
            wrong_code = not self._confirms(request, approval)
            self._concerns.refuse_blocked(session)
        if wrong_code:
            self._refuse_check_code(actor, request_id)
        self._offers.refuse_unusable(request_id, approval.username)
        for _ in range(numbers.ATTEMPTS):
            facts = self._foresee(actor, request_id, revision, approval)
            pdf = self._documents.prepare(facts)
            with suppress(numbers.NumberGone):
                return self._approve(actor, request_id, revision, approval, facts, pdf)
        raise WrongState("changed-meanwhile", state=RequestState.REVIEW.value)

    def document(self, actor: Actor, pact_id: str) -> tuple[str, bytes]:
        """The pact's PDF for officials: (number, bytes). Viewing it is what allows the section head to sign it.

        :raises NotFound: no such pact. :raises NotAllowed: no post that may read pacts.
        """
        actor.require(*access.BIO)
        with self._context.store.begin() as session:
            pact = lookup.pact(session, pact_id)
            destroyed.refuse(destroyed.of_pact(session, pact))
            if pact.state == "applicant-signed" and pact.prepared_by == actor.official_id:
                pact.viewed_at = self._context.clock()
            self._context.trail.record(
                session,
                "pact-downloaded",
                actor=actor.in_trail(),
                subjects=audit.Subjects(request=pact.request_id, account=pact.account_id),
                pact_number=pact.number,
            )
            return pact.number, self._context.keyring.open(PACT_PURPOSE, pact.document)

    def own_document(self, request_id: str) -> tuple[str, bytes]:
        """The applicant's or operator's own newest pact: (number, bytes).

        :raises NotFound: there is none.
        """
        with self._context.store.read() as session:
            pact = newest(session, request_id)
            if pact is None:
                raise NotFound("pact-unknown")
            return pact.number, self._context.keyring.open(PACT_PURPOSE, pact.document)

    def own_text(self, request_id: str) -> tuple[PactFacts, PactText] | None:
        """The words of the applicant's newest pact, for reading on a small screen; what is signed is the document.

        They are those of its own revision, whatever the office's text says by now. None where there is no pact, or its
        words were never kept (a pact from before they were, whose revision is not the office's any more).
        """
        with self._context.store.read() as session:
            pact = newest(session, request_id)
            text = self._texts.of(session, pact.text_revision) if pact is not None else None
            if pact is None or text is None:
                return None
            facts = PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())
            return facts, text

    def to_sign(self, actor: Actor) -> list[PactView]:
        """Pacts that wait for this section head's signature, the oldest first: they can be signed in one go."""
        actor.require("section_head")
        with self._context.store.read() as session:
            return list(views(session, session.scalars(waiting_for(actor).limit(MOST_TO_SIGN)).all()))

    def of_request(self, request_id: str) -> PactView | None:
        """The newest pact of a request, whatever its state."""
        with self._context.store.read() as session:
            row = newest(session, request_id)
            return view(session, row) if row else None

    def make_anew(self, actor: Actor, request_id: str) -> None:
        """Void an unfinished pact and take the request back on the desk: another official will sign, say.

        :raises WrongState: no unfinished pact.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            request, step, capacity = on_review_desk(self._context, session, actor, request_id)
            before, request.state = request.state, request_after(RequestState(request.state), RequestAct.VOID_PACT)
            void_open_pact(session, self._context, request, "made-anew", at, actor.in_trail(capacity))
            acts.record(
                session,
                request.letter,
                request,
                step=step.number,
                kind=RequestAct.VOID_PACT,
                before=before,
                after=request.state,
                at=at,
                actor=actor,
                capacity=capacity,
            )
            free_username(session, request)
            visits.move(session, request.letter_id, request.id, Place(step.number, step.actor), at)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _confirms(self, request: RequestRow, approval: Approval) -> bool:
        if request.opening_key is None or request.signing_key is None:
            raise WrongState("ticket-missing", state=request.state)
        if not approval.person_confirmed:
            raise InvalidInput("person-not-confirmed", fields={"person_confirmed": ["missing"]})
        return TicketKeys(request.opening_key, request.signing_key).matches(approval.check_code)

    def _refuse_check_code(self, actor: Actor, request_id: str) -> None:
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            self._context.trail.record(
                session,
                "check-code-refused",
                actor=actor.in_trail(actor.require("section_head")),
                subjects=lookup.subjects(request.letter, request),
                letter_number=request.letter.number,
                applicant_name=request.display_name,
            )
        raise InvalidInput("check-code-wrong", fields={"check_code": ["wrong"]})

    def _refuse_past(self, valid_until: date | None) -> None:
        if valid_until is not None and valid_until <= self._context.today():
            raise InvalidInput("valid-until-past", fields={"valid_until": ["past"]})

    def _reserve(self, session: Session, request: RequestRow, username: str, at: datetime) -> None:
        """Two approvals at the same instant: the second one finds the first one's reservation here."""
        if reserved_for_other(session, username, request.id):
            raise Conflict("username-taken", username=username)
        if session.get(UsernameRow, username.casefold()) is None:
            session.add(UsernameRow(folded=username.casefold(), request_id=request.id, reserved_at=at))
        request.username = username

    def _foresee(self, actor: Actor, request_id: str, revision: int, approval: Approval) -> PactFacts:
        """The facts with the number that comes next: rendered before the transaction that really takes it."""
        day = self._context.today()
        with self._context.store.read() as session:
            request, _, capacity = on_review_desk(self._context, session, actor, request_id, revision)
            number = self._number(numbers.following(session, NUMBERS, day.year), day)
            terms = PactTerms(number, day, approval.username, approval.valid_until or request.valid_until)
            return self._facts.of(session, actor, capacity, request, terms)

    def _approve(
        self, actor: Actor, request_id: str, revision: int, approval: Approval, facts: PactFacts, pdf: bytes
    ) -> str:
        """The one transaction: state, reservation, act, pact, audit events."""
        at = self._context.clock()
        with self._context.store.begin() as session:
            request, step, capacity = on_review_desk(self._context, session, actor, request_id, revision)
            visits.opened(session, request.letter_id, request.id, actor.official_id, at)
            if self._number(numbers.take(session, NUMBERS, facts.day.year), facts.day) != facts.number:
                raise numbers.NumberGone
            before, request.state = request.state, request_after(RequestState(request.state), RequestAct.APPROVE)
            refuse_duplicate(session, request)
            refuse_other_person(session, request)
            self._reserve(session, request, approval.username, at)
            request.answer, request.valid_until, request.person_confirmed_at = approval.answer, facts.valid_until, at
            act = acts.record(
                session,
                request.letter,
                request,
                step=step.number,
                kind=RequestAct.APPROVE,
                before=before,
                after=request.state,
                at=at,
                actor=actor,
                capacity=capacity,
                note=approval.answer,
            )
            session.flush()
            self._texts.keep(session, at)
            pact = self._keep(session, actor, request, facts, pdf, at)
            pact.act_id = act.id
            visits.move(session, request.letter_id, request.id, Place(step.number, APPLICANT_DESK), at)
            self._record_approval(session, actor, capacity, request, pact)
            return pact.id

    def _keep(
        self, session: Session, actor: Actor, request: RequestRow, facts: PactFacts, pdf: bytes, at: datetime
    ) -> PactRow:
        pact = PactRow(
            number=facts.number,
            request_id=request.id,
            state="prepared",
            text_revision=facts.text_revision,
            facts=self._context.keyring.seal(FACTS_PURPOSE, facts.to_json().encode()),
            prepared_by=actor.official_id,
            prepared_at=at,
            way=facts.way,
            signed_with=facts.signed_with,
            lapses_on=facts.lapses_on,
        )
        keep_document(self._context.keyring, pact, pdf)
        session.add(pact)
        session.flush()
        return pact

    def _number(self, number: int, day: date) -> str:
        return self._context.office.pact_number.render(number, day)

    def _record_approval(
        self, session: Session, actor: Actor, capacity: Capacity, request: RequestRow, pact: PactRow
    ) -> None:
        who, about = actor.in_trail(capacity), lookup.subjects(request.letter, request)
        letter_number, trail = request.letter.number, self._context.trail
        trail.record(
            session,
            "identity-confirmed",
            actor=who,
            subjects=about,
            letter_number=letter_number,
            check_code=request.check_code,
            method="in-person",
            applicant_name=request.display_name,
        )
        trail.record(
            session,
            "username-chosen",
            actor=who,
            subjects=about,
            letter_number=letter_number,
            applicant_name=request.display_name,
            username=request.username,
        )
        trail.record(
            session,
            "request-approved",
            actor=who,
            subjects=about,
            letter_number=letter_number,
            step=self._context.step_of(Act.REVIEW).number,
            role=request.role,
            region=request.region,
            applicant_name=request.display_name,
            note=request.answer,
        )
        trail.record(
            session,
            "pact-made",
            actor=who,
            subjects=about,
            pact_number=pact.number,
            letter_number=letter_number,
            text_revision=pact.text_revision,
            sha256=pact.sha256,
            length=pact.length,
            applicant_name=request.display_name,
        )


def _refuse_own_code(session: Session, actor: Actor, request_id: str) -> None:
    """Who gave the applicant the code for the ticket cannot confirm that same ticket: they might hold it.

    :raises NotAllowed: ``code-by-deciding-official``.
    """
    given = select(EnrolmentRow.id).where(
        EnrolmentRow.request_id == request_id,
        EnrolmentRow.used_at.is_not(None),
        or_(EnrolmentRow.asked_by == actor.official_id, EnrolmentRow.agreed_by == actor.official_id),
    )
    if session.scalars(given.limit(1)).first() is not None:
        raise NotAllowed("code-by-deciding-official")
