"""An operator signs the pact anew: a new revision, or before the old one comes to its end.

The operator's own signature keeps the last day. The section head's follows, for many at once; until then the older pact
stands.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.account import AccountState
from provisioner.actor import Actor, Capacity
from provisioner.audit import Subjects
from provisioner.connector import Outcome
from provisioner.convergence.worklist import lock_account
from provisioner.documents.pact import PactDocuments
from provisioner.errors import NotAllowed, NotFound, WrongState
from provisioner.pact import Authentication, PactFacts, PactText, SignedWith
from provisioner.pact_due import PactDue
from provisioner.procedure import Act
from provisioner.provisioning import lookup, numbers
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE, PACT_PURPOSE, keep_document, keep_signed
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.provisioning.pact_deadlines import PactDeadlines
from provisioner.provisioning.pact_facts import PactFactsGathering, PactTerms
from provisioner.provisioning.pact_texts import PactTexts
from provisioner.provisioning.pacts import NUMBERS
from provisioner.provisioning.sign_in_target import SignInTarget
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, PactRow, RequestRow
from provisioner.ticket import Ticket

UNFINISHED = ("prepared", "applicant-signed")


@dataclass(frozen=True)
class Renewal:
    """What the operator is asked to sign."""

    due: PactDue
    text: PactText
    way: SigningWay
    has_ticket: bool
    """The account has a ticket that could be signed with; whether the operator still holds it nobody knows."""
    previous: str
    """The revision signed before; empty where it is not known."""


@dataclass(frozen=True)
class Signing:
    """How the operator proves that it is they who sign: the ticket if they still have it, else the password."""

    password: str = ""
    ticket: str = ""


class PactRenewals:
    """Use cases of operators and of the section head."""

    def __init__(
        self,
        context: Context,
        documents: PactDocuments,
        facts: PactFactsGathering,
        texts: PactTexts,
        deadlines: PactDeadlines,
        target: SignInTarget,
        throttle: Throttle,
    ) -> None:
        self._context = context
        self._documents = documents
        self._facts = facts
        self._texts = texts
        self._deadlines = deadlines
        self._target = target
        self._throttle = throttle

    def asked(self, account_id: str) -> Renewal | None:
        """What the operator has to sign anew; None: nothing now."""
        with self._context.store.read() as session:
            account = session.get_one(AccountRow, account_id)
            due = self._deadlines.due(account)
            if due is None:
                return None
            has_ticket = session.get_one(RequestRow, account.request_id).ticket_fingerprint is not None
            return Renewal(due, self._texts.current, self._facts.renewal_way, has_ticket, account.pact_revision or "")

    def due(self, account: AccountRow) -> PactDue | None:
        """Why and by when the operator of an account has to sign anew; None: nothing now."""
        return self._deadlines.due(account)

    def is_late(self, account: AccountRow) -> bool:
        """The last day is over, so nothing but signing is allowed."""
        due = self._deadlines.due(account)
        return due is not None and due.late

    def draft(self, account_id: str) -> bytes:
        """The new pact as it would be signed, for reading before. Its number may become another.

        :raises WrongState: ``pact-not-due``.
        """
        with self._context.store.read() as session:
            facts = self._foresee(session, self._open(session, account_id), SignedWith.ACCOUNT_PASSWORD)
        return self._documents.prepare(facts)

    def sign(self, account_id: str, signing: Signing, address: str = "") -> str:
        """The operator signs; gives the pact's number. A suspension because of this very pact ends.

        :raises AuthenticationFailed: the password is wrong. :raises LockedOut: too many failures.
        :raises InvalidInput: the ticket is mistyped. :raises NotAllowed: ``ticket-wrong``.
        :raises WrongState: ``pact-not-due``; ``pact-in-ink``: the office signs on paper; ``sign-in-unavailable``.
        """
        if self._facts.renewal_way is not SigningWay.BUILT_IN:
            raise WrongState("pact-in-ink")
        key = Ticket.parse(signing.ticket) if signing.ticket else None
        with self._context.store.read() as session:
            account = self._open(session, account_id)
            username = account.username
            fingerprint = session.get_one(RequestRow, account.request_id).ticket_fingerprint
        if key is None:
            self._require_password(account_id, username, signing.password, address)
        elif key.keys().fingerprint() != fingerprint:
            raise NotAllowed("ticket-wrong")
        used = SignedWith.TICKET if key is not None else SignedWith.ACCOUNT_PASSWORD
        for _ in range(numbers.ATTEMPTS):
            with self._context.store.read() as session:
                facts = self._foresee(session, self._open(session, account_id), used)
            facts = replace(facts, check_code=key.keys().check_code() if key is not None else "")
            at, pdf = self._context.clock(), self._documents.prepare(facts)
            if key is not None:
                signed = self._documents.sign_as_applicant(pdf, key.signing_key(), facts, at)
            else:
                signed = self._documents.sign_as_operator(pdf, facts, at)
            with suppress(numbers.NumberGone):
                return self._keep(account_id, facts, signed, at)
        raise WrongState("changed-meanwhile", state="active")

    def print_anew(self, actor: Actor, account_id: str) -> str:
        """Where the office signs on paper: make the new pact for the operator who comes to sign it; gives its id. The
        section head who makes it also confirms the scan.

        :raises WrongState: ``pact-not-due``; ``pact-not-in-ink``: operators sign by themselves here.
        :raises NotAllowed: ``own-account``.
        """
        capacity = actor.require(self._context.step_of(Act.REVIEW).actor)
        if self._facts.renewal_way is not SigningWay.WET_INK:
            raise WrongState("pact-not-in-ink")
        for _ in range(numbers.ATTEMPTS):
            with self._context.store.read() as session:
                account = self._open(session, account_id)
                refuse_own_account(actor, account)
                facts = self._foresee(session, account, SignedWith.INK)
                official = self._facts.official(session, actor, capacity)
                facts = replace(facts, official=official, check_code="")
            pdf, at = self._documents.prepare(facts), self._context.clock()
            with suppress(numbers.NumberGone), self._context.store.begin() as session:
                account = self._open(session, account_id)
                pact = self._row(session, account, facts, pdf, at)
                pact.prepared_by, pact.state = actor.official_id, "prepared"
                self._context.trail.record(
                    session,
                    "pact-made",
                    actor=actor.in_trail(capacity),
                    subjects=_subjects(account),
                    pact_number=pact.number,
                    letter_number="-",
                    text_revision=pact.text_revision,
                    sha256=pact.sha256,
                    length=pact.length,
                    applicant_name=account.display_name,
                )
                session.flush()
                return pact.id
        raise WrongState("changed-meanwhile", state="active")

    def complete_ink(self, session: Session, actor: Actor, pact: PactRow, facts: PactFacts, at: datetime) -> None:
        """The section head has confirmed the scan of one signed anew on paper. Inside the caller's unit of work.

        :raises WrongState: ``pact-wrong-state``, ``pact-not-viewed``. :raises NotAllowed: ``pact-made-by-other``.
        """
        capacity, account = self._signable(session, actor, pact)
        if pact.prepared_by != actor.official_id:
            raise NotAllowed("pact-made-by-other")
        if pact.viewed_at is None or pact.scan_at is None or pact.viewed_at < pact.scan_at:
            raise WrongState("pact-not-viewed", state=pact.state)
        self._renewed(session, account, pact)
        self._complete(session, account, pact, facts, actor, capacity, at)

    def countersign(self, actor: Actor, pact_id: str, used: Authentication) -> None:
        """The section head signs one that an operator has signed anew. Called by ``signatures``, which has checked the
        password.

        :raises WrongState: ``pact-wrong-state``, ``account-wrong-state``. :raises NotAllowed: ``own-account``.
        """
        at = self._context.clock()
        with self._context.store.read() as session:
            pact = session.get_one(PactRow, pact_id)
            capacity, _ = self._signable(session, actor, pact)
            facts = PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())
            pdf = self._context.keyring.open(PACT_PURPOSE, pact.document)
            facts = replace(facts, official=self._facts.official(session, actor, capacity), authentication=used)
        signed = self._documents.sign_as_official(pdf, facts, at)
        record = self._documents.record(signed, facts)
        with self._context.store.begin() as session:
            pact = lookup.pact(session, pact_id)
            capacity, account = self._signable(session, actor, pact)
            if pact.sha256 != sha256(pdf).hexdigest():
                raise WrongState("changed-meanwhile", state=pact.state)
            keep_signed(self._context.keyring, pact, signed, record)
            self._complete(session, account, pact, facts, actor, capacity, at)

    def remind(self, session: Session, account: AccountRow) -> PactDue | None:
        """At a sign-in: what is due; noted in the trail once for each reminder, so that a suspension does not come
        without a word.
        """
        due, today = self._deadlines.due(account), self._context.today()
        if due is None or not self._is_new_reminder(account.pact_reminded_on, due, today):
            return due
        account.pact_reminded_on = today
        self._context.trail.record(
            session,
            "pact-reminded",
            actor=audit.Actor.system(),
            subjects=_subjects(account),
            text_revision=due.revision,
            reason_code=due.reason.value,
            until=due.by,
            username=account.username,
        )
        return due

    # -- the pieces --------------------------------------------------------------------------------------------------

    def _is_new_reminder(self, last: date | None, due: PactDue, today: date) -> bool:
        passed = [day for day in (*self._context.settings.pact.reminder_days, 0) if due.days_left <= day]
        if last is None or not passed:
            return last is None
        return last != today and (due.by - last).days > min(passed)

    def _open(self, session: Session, account_id: str) -> AccountRow:
        lock_account(session, account_id)
        account = session.get(AccountRow, account_id)
        if account is None:
            raise NotFound("account-unknown")
        if account.state == AccountState.REVOKED or self._deadlines.due(account) is None:
            raise WrongState("pact-not-due")
        return account

    def _require_password(self, account_id: str, username: str, password: str, address: str) -> None:
        self._throttle.refuse_locked(OPERATOR_SIGN_IN, username)
        outcome = self._target.authenticate(username, password).outcome
        if outcome is not Outcome.ACCEPTED:
            raise self._target.failed(username, account_id, address, outcome)

    def _foresee(self, session: Session, account: AccountRow, used: SignedWith) -> PactFacts:
        day, old = self._context.today(), session.get_one(PactRow, account.pact_id)
        facts = PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, old.facts).decode())
        number = self._context.office.pact_number.render(numbers.following(session, NUMBERS, day.year), day)
        terms = PactTerms(number, day, account.username, account.valid_until)
        return self._facts.renewal(session, account, facts, terms, used)

    def _keep(self, account_id: str, facts: PactFacts, signed: bytes, at: datetime) -> str:
        with self._context.store.begin() as session:
            account = self._open(session, account_id)
            pact = self._row(session, account, facts, signed, at)
            pact.applicant_signed_at = at
            self._renewed(session, account, pact)
            return pact.number

    def _row(self, session: Session, account: AccountRow, facts: PactFacts, pdf: bytes, at: datetime) -> PactRow:
        taken = numbers.take(session, NUMBERS, facts.day.year)
        if self._context.office.pact_number.render(taken, facts.day) != facts.number:
            raise numbers.NumberGone
        self._texts.keep(session, at)
        self._void_unfinished(session, account, at)
        old = session.get_one(PactRow, account.pact_id)
        pact = PactRow(
            number=facts.number,
            request_id=account.request_id,
            account_id=account.id,
            renews_id=old.id,
            state="applicant-signed",
            text_revision=facts.text_revision,
            facts=self._context.keyring.seal(FACTS_PURPOSE, facts.to_json().encode()),
            prepared_by=old.prepared_by,
            prepared_at=at,
            way=facts.way,
            signed_with=facts.signed_with,
            lapses_on=facts.lapses_on,
        )
        keep_document(self._context.keyring, pact, pdf)
        session.add(pact)
        return pact

    def _complete(
        self,
        session: Session,
        account: AccountRow,
        pact: PactRow,
        facts: PactFacts,
        actor: Actor,
        capacity: Capacity,
        at: datetime,
    ) -> None:
        """The section head has signed too: from now on the account stands on this pact."""
        used = facts.authentication or Authentication.PASSWORD
        pact.state, pact.signed_at, pact.signed_by, pact.authentication = "signed", at, actor.official_id, used
        pact.facts = self._context.keyring.seal(FACTS_PURPOSE, facts.to_json().encode())
        account.pact_id = pact.id
        self._context.trail.record(
            session,
            "pact-signed",
            actor=actor.in_trail(capacity),
            subjects=_subjects(account),
            pact_number=pact.number,
            sha256=pact.scan_sha256 or pact.sha256,
            length=pact.scan_length or pact.length,
            authentication=used.value,
            mandate=capacity.order or None,
            method=pact.way,
            applicant_name=account.display_name,
        )

    def _void_unfinished(self, session: Session, account: AccountRow, at: datetime) -> None:
        """One that the operator signed before, and no section head since."""
        older = select(PactRow).where(
            PactRow.account_id == account.id, PactRow.renews_id.is_not(None), PactRow.state.in_(UNFINISHED)
        )
        for pact in session.scalars(older):
            pact.state, pact.void_at, pact.void_reason = "void", at, "signed-anew"
            self._context.trail.record(
                session,
                "pact-voided",
                actor=audit.Actor.system(),
                subjects=_subjects(account),
                pact_number=pact.number,
                reason_code="signed-anew",
            )

    def _renewed(self, session: Session, account: AccountRow, pact: PactRow) -> None:
        account.pact_revision, account.pact_lapses_on = pact.text_revision, pact.lapses_on
        account.pact_extended_to = account.pact_reminded_on = None
        operator = audit.Actor.operator(account.id, name=account.display_name)
        self._context.trail.record(
            session,
            "pact-renewed",
            actor=operator,
            subjects=_subjects(account),
            pact_number=pact.number,
            text_revision=pact.text_revision,
            sha256=pact.sha256,
            length=pact.length,
            method=pact.signed_with,
            until=pact.lapses_on,
            applicant_name=account.display_name,
        )
        self._deadlines.lift(session, account, operator, "pact-signed")

    def _signable(self, session: Session, actor: Actor, pact: PactRow) -> tuple[Capacity, AccountRow]:
        capacity = actor.require(self._context.step_of(Act.REVIEW).actor)
        account = session.get_one(AccountRow, pact.account_id)
        refuse_own_account(actor, account)
        if pact.state != "applicant-signed" or pact.renews_id is None:
            raise WrongState("pact-wrong-state", state=pact.state)
        if account.state == AccountState.REVOKED:
            raise WrongState("account-wrong-state", state=account.state)
        return capacity, account


def _subjects(account: AccountRow) -> Subjects:
    return Subjects(request=account.request_id, account=account.id)
