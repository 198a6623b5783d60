"""A new ticket for an applicant: a one-time code from two officials, exchanged on the applicant's own device.

No official ever sees a ticket. The first ticket of somebody whom the secretary registered needs one official only:
step 4 confirms the person and the check code face to face.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor
from provisioner.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.letter import LetterState
from provisioner.procedure import Act
from provisioner.provisioning import acts, lookup, visits
from provisioner.provisioning.context import Context
from provisioner.provisioning.desks import clean_note
from provisioner.provisioning.enrolment_codes import OVER, is_under_way
from provisioner.provisioning.lifecycle import AccountLifecycle
from provisioner.provisioning.repair import void_open_pact
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import Throttle
from provisioner.provisioning.username_offer import free_username
from provisioner.provisioning.visits import Place
from provisioner.request import PACT_OPEN, RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import EnrolmentRow, OfficialRow, RequestRow
from provisioner.ticket import EnrolmentCode, Ticket

ASKERS = ("secretary", "section_head", "adb", "it")
AGREERS = ("section_head", "adb", "it")


@dataclass(frozen=True)
class EnrolmentLine:
    """A code that waits for a second official, or was given out and not used yet."""

    id: str
    request_id: str
    request_number: str
    applicant: str
    reason: str
    person_check: str
    asked_by: str
    created_at: datetime
    agreed: bool
    expires_at: datetime | None
    can_agree: bool


@dataclass(frozen=True, repr=False)
class Exchanged:
    """The new ticket, shown once, and the tracking code where the applicant had none yet."""

    request_id: str
    ticket: str
    tracking_code: str
    check_code: str
    session_token: str


class Enrolment:
    """Asks for, agrees to and exchanges enrolment codes."""

    def __init__(self, context: Context, lifecycle: AccountLifecycle, sessions: Sessions, throttle: Throttle) -> None:
        self._context = context
        self._lifecycle = lifecycle
        self._sessions = sessions
        self._throttle = throttle

    def ask(self, actor: Actor, request_id: str, reason: str, person_check: str) -> str | None:
        """Ask for a code; gives it at once for the first ticket (``counter``), else None: a second official agrees.

        ``person_check``: how the person was checked, in words.

        :raises InvalidInput: no words about the person, or an unknown reason.
        :raises NotAllowed: no such post, or it is for themselves.
        :raises WrongState: the request is over, or has a ticket already (``counter``).
        """
        if reason not in ("counter", "lost", "reset"):
            raise InvalidInput("reason-unknown", fields={"reason": ["unknown"]})
        capacity = actor.require(*ASKERS)
        person_check = clean_note(person_check, needed=reason != "counter", field="person_check")
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            _refuse_pointless(request, reason)
            acts.refuse_own_request(actor, [request])
            self._void_earlier(session, request)
            row = EnrolmentRow(
                request_id=request.id,
                reason=reason,
                person_check=person_check,
                asked_by=actor.official_id,
                created_at=self._context.clock(),
            )
            session.add(row)
            session.flush()
            if reason != "counter":
                self._context.trail.record(
                    session,
                    "ticket-reported-lost" if reason == "lost" else "password-reset-asked",
                    actor=actor.in_trail(capacity),
                    subjects=lookup.subjects(request.letter, request, account=request.account_id),
                    reason_code=reason,
                    method="in-person",
                )
                return None
            return self._issue(session, row, request, actor)

    def agree(self, actor: Actor, enrolment_id: str) -> str:
        """The second official agrees; gives the code, shown once, for the applicant.

        :raises NotAllowed: ``same-official``: who asked cannot agree; ``own-request``.
        :raises WrongState: done or void already.
        """
        actor.require(*AGREERS)
        with self._context.store.begin() as session:
            row = session.get(EnrolmentRow, enrolment_id)
            if row is None:
                raise NotFound("enrolment-unknown")
            if row.asked_by == actor.official_id:
                raise NotAllowed("same-official")
            if row.code_key is not None or row.void_at is not None:
                raise WrongState("enrolment-done")
            request = lookup.request(session, row.request_id)
            acts.refuse_own_request(actor, [request])
            _refuse_over(request)
            self._context.trail.record(
                session,
                "enrolment-code-confirmed",
                actor=actor.in_trail(),
                subjects=lookup.subjects(request.letter, request, account=request.account_id),
                asked_by=session.get_one(OfficialRow, row.asked_by).username,
                applicant_name=request.display_name,
            )
            return self._issue(session, row, request, actor)

    def refuse(self, actor: Actor, enrolment_id: str) -> None:
        """The second official does not agree.

        :raises WrongState: done or void already.
        """
        capacity = actor.require(*AGREERS)
        with self._context.store.begin() as session:
            row = session.get(EnrolmentRow, enrolment_id)
            if row is None:
                raise NotFound("enrolment-unknown")
            if row.used_at is not None or row.void_at is not None:
                raise WrongState("enrolment-done")
            row.void_at = self._context.clock()
            request = lookup.request(session, row.request_id)
            self._context.trail.record(
                session,
                "enrolment-code-refused",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(request.letter, request, account=request.account_id),
                code="second-official",
                applicant_name=request.display_name,
            )

    def waiting(self, actor: Actor) -> list[EnrolmentLine]:
        """Codes that wait for a second official or for the applicant, oldest first."""
        actor.require(*ASKERS)
        with self._context.store.read() as session:
            rows = session.scalars(
                select(EnrolmentRow)
                .join(RequestRow, EnrolmentRow.request_id == RequestRow.id)
                .where(is_under_way())
                .order_by(EnrolmentRow.created_at)
            ).all()
            now = self._context.clock()
            return [self._line(session, row, actor) for row in rows if row.expires_at is None or row.expires_at > now]

    def exchange(self, typed: str, *, address: str = "", agent: str = "") -> Exchanged:
        """The applicant exchanges the code for a new ticket. An unfinished pact becomes void; so does the old ticket.

        :raises InvalidInput: mistyped. :raises NotFound: unknown, used or lapsed. :raises TooMany: too many tries.
        """
        limit = self._context.settings.limits.codes_per_minute
        self._throttle.take("code", address, limit, timedelta(minutes=1))
        key = EnrolmentCode.parse(typed).lookup(self._context.keyring)
        at, ticket = self._context.clock(), Ticket.new()
        with self._context.store.begin() as session:
            row = session.scalars(select(EnrolmentRow).where(EnrolmentRow.code_key == key)).one_or_none()
            spent = row is None or row.used_at is not None or row.void_at is not None
            if row is None or spent or row.expires_at is None or row.expires_at <= at:
                raise NotFound("enrolment-code-unknown")
            request = lookup.request(session, row.request_id)
            if request.state in OVER:
                raise NotFound("enrolment-code-unknown")
            row.used_at = at
            lookup.give_ticket(request, ticket)
            # Whoever came in with the old ticket, on whatever device, is out.
            self._sessions.end_all(session, "applicant", request.id)
            tracking = self._tracking_code(request)
            self._void_pact(session, request, at)
            self._context.trail.record(
                session,
                "ticket-exchanged",
                actor=audit.Actor.applicant(request.id, name=request.display_name),
                subjects=lookup.subjects(request.letter, request, account=request.account_id),
                check_code=request.check_code,
                opening_key=request.opening_key.hex() if request.opening_key else None,
                signing_key=request.signing_key.hex() if request.signing_key else None,
                applicant_name=request.display_name,
            )
            if request.account_id is not None:
                self._lifecycle.ticket_registered(session, request, at)
            token, _ = self._sessions.start(session, "applicant", request.id, address=address, agent=agent)
            return Exchanged(request.id, ticket.text(), tracking, request.check_code or "", token)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _issue(self, session: Session, row: EnrolmentRow, request: RequestRow, actor: Actor) -> str:
        code, now = EnrolmentCode.new(), self._context.clock()
        row.code_key = code.lookup(self._context.keyring)
        row.agreed_by = actor.official_id
        row.expires_at = now + timedelta(days=self._context.settings.envelope.enrolment_days)
        self._context.trail.record(
            session,
            "enrolment-code-issued",
            actor=actor.in_trail(),
            subjects=lookup.subjects(request.letter, request, account=request.account_id),
            reason_code=row.reason,
            valid_until=row.expires_at,
            applicant_name=request.display_name,
        )
        return code.text()

    def _void_earlier(self, session: Session, request: RequestRow) -> None:
        earlier = session.scalars(
            select(EnrolmentRow).where(
                EnrolmentRow.request_id == request.id,
                EnrolmentRow.used_at.is_(None),
                EnrolmentRow.void_at.is_(None),
            )
        )
        for row in earlier:
            row.void_at = self._context.clock()

    def _tracking_code(self, request: RequestRow) -> str:
        if request.tracking_key is not None:
            return ""
        return lookup.give_tracking_code(request, self._context.keyring).text()

    def _void_pact(self, session: Session, request: RequestRow, at: datetime) -> None:
        """The pact froze the old ticket's check code: the section head makes it anew."""
        if request.state not in PACT_OPEN:
            return
        request.state = request_after(RequestState(request.state), RequestAct.VOID_PACT)
        void_open_pact(session, self._context, request, "ticket-exchanged", at)
        free_username(session, request)
        step = self._context.step_of(Act.REVIEW)
        visits.move(session, request.letter_id, request.id, Place(step.number, step.actor), at)

    def _line(self, session: Session, row: EnrolmentRow, actor: Actor) -> EnrolmentLine:
        request = lookup.request(session, row.request_id)
        asked_by = session.get_one(OfficialRow, row.asked_by)
        agreed = row.code_key is not None
        return EnrolmentLine(
            row.id,
            request.id,
            request.number or "",
            request.display_name,
            row.reason,
            row.person_check,
            asked_by.full_name,
            row.created_at,
            agreed,
            row.expires_at,
            not agreed and row.asked_by != actor.official_id and actor.holds(*AGREERS),
        )


def _refuse_over(request: RequestRow) -> None:
    """:raises WrongState: it was rejected or withdrawn: no ticket is of use to it any more."""
    if request.state in OVER:
        raise WrongState("request-wrong-state", state=request.state)


def _refuse_pointless(request: RequestRow, reason: str) -> None:
    _refuse_over(request)
    if request.letter.state == LetterState.DRAFT and reason != "counter":
        raise WrongState("request-wrong-state", state=request.state)
    if reason == "counter" and request.ticket_fingerprint is not None:  # One that is void counts: a first is no second.
        raise Conflict("ticket-exists")
    if reason == "reset" and request.account_id is None:
        raise WrongState("request-wrong-state", state=request.state)
