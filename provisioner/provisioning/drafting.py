"""Step 1: a draft with its ticket, the letter, the bio form, and sending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.letter import LetterAct, LetterState
from provisioner.letter import after as letter_after
from provisioner.procedure import Act
from provisioner.provisioning import acts, lookup, numbers, register_book, visits
from provisioner.provisioning.bio import BioForms, Checked
from provisioner.provisioning.context import Context
from provisioner.provisioning.duplicates import refuse_duplicate
from provisioner.provisioning.letter_fields import fill_letter, letter_fields
from provisioner.provisioning.register_book import Particulars
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.provisioning.visits import Place
from provisioner.provisioning.with_applicant import (
    refuse_over,
    refuse_unless_letter_with_applicant,
    refuse_unless_with_applicant,
)
from provisioner.request import OPEN, RequestState
from provisioner.store.tables import LetterRow, RequestRow
from provisioner.ticket import Ticket, TrackingCode

_HOUR = timedelta(hours=1)
MAX_APPLICANTS = 50


@dataclass(frozen=True, repr=False)
class Begun:
    """A new draft. Ticket and tracking code are shown once and are nowhere else."""

    request_id: str
    ticket: str
    tracking_code: str
    session_token: str


class Drafting:
    """What an applicant does with the own letter and request; a secretary does it at the counter on their behalf."""

    def __init__(self, context: Context, sessions: Sessions, throttle: Throttle, forms: BioForms) -> None:
        self._context = context
        self._sessions = sessions
        self._throttle = throttle
        self._forms = forms

    def begin(self, *, address: str = "", agent: str = "") -> Begun:
        """Begin a draft on the public form. The ticket exists from now on, so that a lost signal loses nothing.

        :raises TooMany: too many drafts from this address.
        """
        self._throttle.take("draft", address, self._context.settings.limits.drafts_per_hour, _HOUR)
        with self._context.store.begin() as session:
            letter = new_letter(session, self._context, "public", None)
            request, ticket, code = self._new_request(session, letter)
            token, _ = self._sessions.start(session, "applicant", request.id, address=address, agent=agent)
            self._context.trail.record(
                session, "draft-begun", actor=audit.Actor.visitor(), subjects=lookup.subjects(letter, request)
            )
            return Begun(request.id, ticket.text(), code.text(), token)

    def add_applicant(self, request_id: str, *, address: str = "", agent: str = "") -> Begun:
        """Name one more applicant on the same letter: a further request with a ticket of its own.

        :raises WrongState: the letter was sent already. :raises InvalidInput: it names enough people.
        :raises TooMany: too many drafts from this address.
        """
        self._throttle.take("draft", address, self._context.settings.limits.drafts_per_hour, _HOUR)
        with self._context.store.begin() as session:
            first = lookup.request(session, request_id)
            refuse_unless_with_applicant(first)
            if len(first.letter.requests) >= MAX_APPLICANTS:
                raise InvalidInput("applicants-too-many", limit=MAX_APPLICANTS)
            if first.letter.state != LetterState.DRAFT:
                raise WrongState("letter-wrong-state", state=first.letter.state)
            request, ticket, code = self._new_request(session, first.letter)
            token, _ = self._sessions.start(session, "applicant", request.id, address=address, agent=agent)
            return Begun(request.id, ticket.text(), code.text(), token)

    def with_ticket(self, typed: str, *, address: str = "", agent: str = "") -> tuple[str, str]:
        """Come back with a ticket: gives (request id, token of a new applicant's session).

        :raises InvalidInput: the code is mistyped. :raises NotFound: no request has it. :raises TooMany: too often.
        """
        limit = self._context.settings.limits.codes_per_minute
        self._throttle.take("code", address, limit, timedelta(minutes=1))
        fingerprint = Ticket.parse(typed).keys().fingerprint()
        with self._context.store.begin() as session:
            request = session.scalars(
                select(RequestRow).where(RequestRow.ticket_fingerprint == fingerprint)
            ).one_or_none()
            if request is not None:
                token, _ = self._sessions.start(session, "applicant", request.id, address=address, agent=agent)
                return request.id, token
            self._context.trail.record(session, "ticket-refused", actor=audit.Actor.visitor(), code="ticket-unknown")
        raise NotFound("ticket-unknown")

    def save_letter(self, request_id: str, revision: int, fields: Mapping[str, str], actor: Actor | None = None) -> int:
        """Keep what was typed about the letter; gives its new revision. Incomplete is fine until it is sent.

        :raises WrongState: it is not with the applicant, or was changed in another tab.
        :raises InvalidInput: a value cannot be right; nothing of it is kept.
        """
        cleaned = letter_fields(fields, complete=False, today=self._context.today())
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            letter = request.letter
            acts.refuse_stale_form(letter, revision)
            refuse_unless_letter_with_applicant(request)
            acts.seen_by_next_desk(session, letter.id, None, self._context.clock())
            fill_letter(letter, cleaned)
            self._correct_entry(session, request, actor)
            session.flush()
            return letter.revision

    def save_bio(
        self, request_id: str, revision: int, typed: Mapping[str, str], actor: Actor | None = None
    ) -> tuple[int, Checked]:
        """Keep what was typed into the bio form, whole or not; gives the new revision and what is still wrong.

        :raises WrongState: it is not with the applicant, or was changed in another tab.
        :raises InvalidInput: the text itself is not acceptable (too long, control characters).
        """
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            acts.refuse_stale_form(request, revision)
            refuse_unless_with_applicant(request)
            # What gave it back to the applicant stands from the first change on, whatever page was open.
            for whose in (None, request.id):
                acts.seen_by_next_desk(session, request.letter_id, whose, self._context.clock())
            checked = self._forms.keep(request, typed)
            session.flush()
            return request.revision, checked

    def submit(self, request_id: str, actor: Actor | None = None, *, address: str = "") -> tuple[str, ...]:
        """Send the letter with everybody on it: step 1 is done, it lies on the first disposing desk. Gives the numbers.

        The bio forms may be filled now or after the dispositions, but what was begun must be right.

        :raises InvalidInput: the letter or a bio form is incomplete; ``data["request"]`` says whose.
        :raises Conflict: at the counter only: the person has a live account or an open request.
        """
        self._throttle.take("submission", address, self._context.settings.limits.submissions_per_hour, _HOUR)
        at = self._context.clock()
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            lookup.on_behalf(request, actor)
            refuse_over(request)
            letter = request.letter
            hand_in(session, self._context, letter, actor, lookup.capacity_of_sender(actor), at)
            self._refuse_incomplete(letter)
            open_requests = [each for each in letter.requests if each.state in OPEN]
            if actor is not None:
                for each in open_requests:
                    refuse_duplicate(session, each)
            entry = register_book.entry_of(session, letter)
            for each in open_requests:
                each.number = each.number or take_request_number(session, self._context)
                each.submitted_at = at
                each.forwarded_identity = self._forms.identity(each)
                self._record_submission(session, letter, each, actor, entry.number if entry else None)
            return tuple(each.number or "" for each in open_requests)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _new_request(self, session: Session, letter: LetterRow) -> tuple[RequestRow, Ticket, TrackingCode]:
        ticket = Ticket.new()
        request = RequestRow(
            letter_id=letter.id,
            position=len(letter.requests) + 1,
            state=RequestState.WITH_LETTER,
            created_at=self._context.clock(),
        )
        code = lookup.give_tracking_code(request, self._context.keyring)
        lookup.give_ticket(request, ticket)
        session.add(request)
        session.flush()
        return request, ticket, code

    def _refuse_incomplete(self, letter: LetterRow) -> None:
        missing = [
            name
            for name in ("sender", "number", "letter_date")
            if letter.channel == "counter" and not getattr(letter, name)
        ]
        if missing:
            raise InvalidInput("letter-incomplete", fields={name: ["missing"] for name in missing})
        for request in letter.requests:
            if request.state in OPEN:
                self._forms.refuse_wrong(request, must_be_there=False)

    def _correct_entry(self, session: Session, request: RequestRow, actor: Actor | None) -> None:
        """What the book says of a registered letter follows the letter, and the trail says that it was changed."""
        changed = register_book.follow(session, request.letter)
        entry = register_book.entry_of(session, request.letter)
        if not changed or entry is None:
            return
        self._context.trail.record(
            session,
            "register-entry-corrected",
            actor=lookup.sender(request, actor),
            subjects=lookup.subjects(request.letter),
            register_number=entry.number,
            changed=list(changed),
            letter_number=request.letter.number,
        )

    def _record_submission(
        self,
        session: Session,
        letter: LetterRow,
        request: RequestRow,
        actor: Actor | None,
        register_number: str | None,
    ) -> None:
        self._context.trail.record(
            session,
            "request-submitted",
            actor=lookup.sender(request, actor),
            subjects=lookup.subjects(letter, request),
            letter_number=letter.number,
            letter_date=letter.letter_date,
            register_number=register_number,
            role=request.role,
            region=request.region,
            check_code=request.check_code,
            opening_key=request.opening_key.hex() if request.opening_key else None,
            signing_key=request.signing_key.hex() if request.signing_key else None,
            applicant_name=request.display_name,
            sender=letter.sender,
        )
        if request.replaces_username:
            self._context.trail.record(
                session,
                "replacement-proposed",
                actor=lookup.sender(request, actor),
                subjects=lookup.subjects(letter, request),
                letter_number=letter.number,
                applicant_name=request.display_name,
                replaced_username=request.replaces_username,
            )


def take_request_number(session: Session, context: Context) -> str:
    """The next number of a request."""
    day = context.today()
    return context.office.request_number.render(numbers.take(session, "request", day.year), day)


def hand_in(
    session: Session,
    context: Context,
    letter: LetterRow,
    actor: Actor | None,
    capacity: Capacity | None,
    at: datetime,
) -> None:
    """Step 1 is done: the letter lies on the first disposing desk. ``actor``: None for the applicant themself.

    :raises WrongState: it was handed in before.
    """
    desk = context.procedure.steps_of(Act.DISPOSE)[0]
    letter.state = letter_after(LetterState(letter.state), LetterAct.SUBMIT)
    letter.step, letter.received_at = desk.number, at
    if letter.register_id is None and context.settings.register_book.by_itself:
        register_book.enter_letter(session, context, letter, Particulars(), actor.official_id if actor else None)
    acts.record(
        session,
        letter,
        None,
        step=1,
        kind=LetterAct.SUBMIT,
        before=LetterState.DRAFT,
        after=letter.state,
        at=at,
        actor=actor,
        capacity=capacity,
    )
    visits.move(session, letter.id, None, Place(desk.number, desk.actor), at)


def new_letter(session: Session, context: Context, channel: str, registered_by: str | None) -> LetterRow:
    """An empty letter. ``channel``: ``public`` or ``counter``; ``registered_by``: the official, at the counter."""
    letter = LetterRow(
        channel=channel,
        registered_by=registered_by,
        state=LetterState.DRAFT,
        subject=context.procedure.step(1).requirements,
        created_at=context.clock(),
    )
    session.add(letter)
    session.flush()
    return letter
