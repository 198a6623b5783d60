"""What is decided about a recorded list: take it back, ask the head about it, and follow up who has not signed."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.audit import Actor as TrailActor
from provisioner.audit import Subjects
from provisioner.convergence.target_set import TargetSet
from provisioner.documents.words import long_date
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.letter import LetterAct, LetterState
from provisioner.letter import after as letter_after
from provisioner.provisioning import acts, lookup, visits
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.provisioning.desks import clean_note
from provisioner.provisioning.drafting import hand_in, new_letter, take_request_number
from provisioner.provisioning.enrolment_codes import void_codes
from provisioner.provisioning.letter_fields import fill_letter, letter_fields
from provisioner.provisioning.recording import IMPORTERS, contact_of
from provisioner.provisioning.repair import void_open_pact
from provisioner.provisioning.username_offer import free_username
from provisioner.recorded_account import RecordedAct, RecordedState, after
from provisioner.request import OPEN, RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.store.tables import ActRow, LetterRow, RecordedAccountRow, RecordedListRow, RequestRow

SUBMITTER = "adb"
FOLLOWERS = ("section_head", "adb")


class RecordedLists:
    """Use cases. Methods raise NotAllowed, and NotFound ``recorded-list-unknown`` or ``recorded-unknown``."""

    def __init__(self, context: Context, targets: TargetSet, forms: BioForms) -> None:
        self._context = context
        self._targets = targets
        self._forms = forms

    def take_back(self, actor: Actor, list_id: str) -> int:
        """Forget a list that was read in by mistake; gives how many rows it had. A letter about it is withdrawn.

        :raises WrongState: ``recorded-list-decided``: somebody has decided about it, or about a row of it.
        """
        capacity = actor.require(*IMPORTERS)
        with self._context.store.begin() as session:
            row = _list(session, list_id)
            if row.taken_back_at is not None or not may_be_taken_back(session, row):
                raise WrongState("recorded-list-decided")
            count, at = len(row.accounts), self._context.clock()
            if row.letter_id is not None:
                self._withdraw(session, lookup.letter(session, row.letter_id), actor, capacity, at)
            row.taken_back_at, row.letter_id = at, None
            row.accounts.clear()
            self._context.trail.record(
                session,
                "recorded-list-taken-back",
                actor=actor.in_trail(capacity),
                target=row.target,
                count=count,
                list=row.id,
            )
            return count

    def ask_decision(self, actor: Actor, list_id: str, letter_number: str) -> str:
        """One letter for everybody on the list of whom nothing is decided; it lies on the head's desk. Gives its id.

        :raises InvalidInput: field ``number``. :raises WrongState: ``recorded-list-empty``: nobody is left to decide
            about; ``target-cannot-adopt``: accounts of this kind of system can only be listed.
        """
        capacity = actor.require(SUBMITTER)
        at, today = self._context.clock(), self._context.today()
        with self._context.store.begin() as session:
            row = _list(session, list_id)
            if not self._targets.takes_over(row.target):
                raise WrongState("target-cannot-adopt", target=self._targets.label(row.target))
            waiting = [each for each in row.accounts if self._undecided(session, each)]
            if not waiting:
                raise WrongState("recorded-list-empty")
            typed = {"number": letter_number, "letter_date": today.isoformat(), "sender": capacity.label}
            label = self._targets.label(row.target)[:100]
            subject = f"{len(waiting)} akun yang sudah ada di {label}; pakta paling lambat {long_date(row.pact_by)}"
            fields = letter_fields({**typed, "subject": subject}, complete=True, today=today)
            letter = new_letter(session, self._context, "counter", actor.official_id)
            fill_letter(letter, fields)
            for position, each in enumerate(waiting, start=1):
                each.request_id = self._request(session, letter, each, position, at).id
            row.letter_id = letter.id
            hand_in(session, self._context, letter, actor, capacity, at)
            self._context.trail.record(
                session,
                "recorded-list-submitted",
                actor=actor.in_trail(capacity),
                subjects=Subjects(letter=letter.id),
                target=row.target,
                count=len(waiting),
                letter_number=letter.number,
                pact_by=row.pact_by,
                list=row.id,
            )
            return letter.id

    def remind(self, actor: Actor, recorded_id: str) -> None:
        """Note that the person was reminded just now."""
        capacity = actor.require(*FOLLOWERS)
        with self._context.store.begin() as session:
            row = self._recorded(session, recorded_id)
            row.reminded_at = self._context.clock()
            self._record(session, "recorded-account-reminded", row, actor.in_trail(capacity), pact_by=row.pact_by)

    def extend(self, actor: Actor, recorded_id: str, pact_by: date, reason: str = "") -> None:
        """Another last day for one person. :raises InvalidInput: field ``pact_by`` is past."""
        capacity = actor.require(*FOLLOWERS)
        reason = clean_note(reason, needed=False, field="reason")
        if pact_by < self._context.today():
            raise InvalidInput("pact-by-past", fields={"pact_by": ["past"]})
        with self._context.store.begin() as session:
            row = self._recorded(session, recorded_id)
            row.pact_by = pact_by
            who = actor.in_trail(capacity)
            self._record(session, "recorded-account-extended", row, who, pact_by=pact_by, reason=reason or None)

    def remove(self, actor: Actor, recorded_id: str, reason: str) -> None:
        """Take one account off the list. The entry stays in the system as it is, and counts as a stranger's again; a
        request that is under way ends.

        :raises InvalidInput: without a reason.
        """
        capacity = actor.require(*FOLLOWERS)
        reason, at = clean_note(reason, needed=True, field="reason"), self._context.clock()
        with self._context.store.begin() as session:
            row = self._recorded(session, recorded_id)
            row.state, row.live_key = after(RecordedState(row.state), RecordedAct.REMOVE), None
            row.ended_at = at
            request = session.get(RequestRow, row.request_id) if row.request_id is not None else None
            if request is not None and request.state in OPEN:
                self._end(session, request, actor, capacity, at)
                _end_letter(session, request.letter, at)
            self._record(session, "recorded-account-removed", row, actor.in_trail(capacity), reason=reason)

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _recorded(self, session: Session, recorded_id: str) -> RecordedAccountRow:
        row = session.get(RecordedAccountRow, recorded_id, with_for_update=True)
        if row is None:
            raise NotFound("recorded-unknown")
        if row.state != RecordedState.RECORDED:
            raise WrongState("recorded-wrong-state", state=row.state)
        return row

    def _undecided(self, session: Session, row: RecordedAccountRow) -> bool:
        if row.state != RecordedState.RECORDED:
            return False
        request = session.get(RequestRow, row.request_id) if row.request_id is not None else None
        return request is None or request.state not in OPEN

    def _request(
        self, session: Session, letter: LetterRow, row: RecordedAccountRow, position: int, at: datetime
    ) -> RequestRow:
        contact = contact_of(self._context, row)
        request = RequestRow(
            letter_id=letter.id,
            position=position,
            state=RequestState.WITH_LETTER,
            created_at=at,
            submitted_at=at,
            number=take_request_number(session, self._context),
        )
        session.add(request)
        session.flush()
        typed = {"full_name": row.full_name, "nik": contact["nik"], "phone": contact["phone"], "org_unit": row.org_unit}
        self._forms.keep(request, {**typed, "role": row.role, "region_scope": row.region})
        # The form is not complete yet: what the desks see of the person stands in these columns.
        request.full_name = request.display_name = row.full_name
        request.person_key, request.role, request.region = row.person_key, row.role, row.region
        request.org_unit = row.org_unit
        return request

    def _withdraw(self, session: Session, letter: LetterRow, actor: Actor, capacity: Capacity, at: datetime) -> None:
        for request in letter.requests:
            if request.state in OPEN:
                self._end(session, request, actor, capacity, at)
        _end_letter(session, letter, at)

    def _end(self, session: Session, request: RequestRow, actor: Actor, capacity: Capacity, at: datetime) -> None:
        """As when the applicant withdraws. :raises WrongState: it is too late."""
        before, request.state = request.state, request_after(RequestState(request.state), RequestAct.WITHDRAW)
        request.finished_at = at
        void_open_pact(session, self._context, request, "withdrawn", at)
        void_codes(session, self._context, request, at)
        free_username(session, request)
        acts.record(
            session,
            request.letter,
            request,
            step=1,
            kind=RequestAct.WITHDRAW,
            before=before,
            after=request.state,
            at=at,
            actor=actor,
            capacity=capacity,
        )
        visits.move(session, request.letter_id, request.id, None, at)
        self._context.trail.record(
            session,
            "request-withdrawn",
            actor=actor.in_trail(capacity),
            subjects=lookup.subjects(request.letter, request),
            letter_number=request.letter.number,
            applicant_name=request.display_name,
        )

    def _record(
        self, session: Session, kind: str, row: RecordedAccountRow, who: TrailActor, **fields: str | date | None
    ) -> None:
        self._context.trail.record(
            session,
            kind,
            actor=who,
            subjects=Subjects(request=row.request_id),
            target=row.target,
            username=row.username,
            applicant_name=row.full_name,
            **fields,
        )


def may_be_taken_back(session: Session, row: RecordedListRow) -> bool:
    """Whether nobody has decided anything about it yet."""
    mine = RecordedAccountRow.list_id == row.id
    changed = select(RecordedAccountRow.id).where(mine, RecordedAccountRow.state != RecordedState.RECORDED)
    if session.scalars(changed.limit(1)).first() is not None:
        return False
    # A letter asks for a whole list. In one question PostgreSQL would read all acts there ever were, letter by letter.
    asked = select(RequestRow.letter_id).join(RecordedAccountRow, RecordedAccountRow.request_id == RequestRow.id)
    letters = session.scalars(asked.where(mine).distinct()).all()
    decided = select(ActRow.id).where(ActRow.letter_id.in_(letters), ActRow.kind != LetterAct.SUBMIT)
    return session.scalars(decided.limit(1)).first() is None


def _list(session: Session, list_id: str) -> RecordedListRow:
    row = session.get(RecordedListRow, list_id, with_for_update=True)
    if row is None:
        raise NotFound("recorded-list-unknown")
    return row


def _end_letter(session: Session, letter: LetterRow, at: datetime) -> None:
    """The letter goes with its last request, unless it was disposed of."""
    if letter.state != LetterState.DISPOSED and all(each.state not in OPEN for each in letter.requests):
        letter.state = letter_after(LetterState(letter.state), LetterAct.WITHDRAW)
        visits.move(session, letter.id, None, None, at)
