"""The two signatures on a pact, applicant first; the second one creates the account."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.documents.pact import PactDocuments
from provisioner.errors import InvalidInput, NotAllowed, NotFound, ProvisionerError, WrongState
from provisioner.pact import Authentication, PactFacts
from provisioner.procedure import Act, Step
from provisioner.provisioning import acts, lookup, visits
from provisioner.provisioning.adoption import recorded_of
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.bsre_signing import BsreSigning
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE, PACT_PURPOSE, keep_document, keep_signed, open_pact
from provisioner.provisioning.lifecycle import AccountLifecycle
from provisioner.provisioning.official_sign_in import OfficialSignIn
from provisioner.provisioning.pact_renewals import PactRenewals
from provisioner.provisioning.review import on_review_desk
from provisioner.provisioning.visits import Place
from provisioner.request import RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.signing.bsre.service import STOPS_ALL, Signatory
from provisioner.signing.way import SigningWay
from provisioner.store.tables import PactRow, RequestRow
from provisioner.ticket import Ticket

MAX_AT_ONCE = 50


@dataclass(frozen=True)
class Signed:
    """What became of one pact in a batch: ``error`` is None when it was signed."""

    pact_id: str
    number: str
    request_id: str
    error: ProvisionerError | None
    renewal: bool = False
    """An operator had signed it anew: no account is made."""


class Signatures:
    """Signs pacts as applicant and as section head."""

    def __init__(
        self,
        context: Context,
        documents: PactDocuments,
        sign_in: OfficialSignIn,
        lifecycle: AccountLifecycle,
        forms: BioForms,
        renewals: PactRenewals,
        bsre: BsreSigning,
    ) -> None:
        self._context = context
        self._documents = documents
        self._sign_in = sign_in
        self._lifecycle = lifecycle
        self._forms = forms
        self._renewals = renewals
        self._bsre = bsre

    def sign_as_applicant(self, request_id: str, ticket: str) -> None:
        """The applicant signs with the ticket's signing key; the key lives in memory for this one call.

        :raises InvalidInput: the ticket is mistyped. :raises NotAllowed: ``ticket-wrong``: not this request's.
        :raises WrongState: no pact waits for the applicant.
        """
        key = Ticket.parse(ticket)
        keys, at = key.keys(), self._context.clock()
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            if request.ticket_fingerprint != keys.fingerprint():
                raise NotAllowed("ticket-wrong")
            if request.state != RequestState.PACT_APPLICANT:
                raise WrongState("request-wrong-state", state=request.state)
            pact = open_pact(session, request)
            refuse_ink(pact)
            facts, pdf = self._read(pact)
            pact_id = pact.id
        if facts.check_code != keys.check_code():
            raise NotAllowed("ticket-wrong")
        signed = self._documents.sign_as_applicant(pdf, key.signing_key(), facts, at)
        with self._context.store.begin() as session:
            request, pact = lookup.request(session, request_id), session.get_one(PactRow, pact_id)
            if pact.state != "prepared" or pact.sha256 != sha256(pdf).hexdigest():
                raise WrongState("changed-meanwhile", state=request.state)
            before = request.state
            request.state = request_after(RequestState(before), RequestAct.SIGN_AS_APPLICANT)
            pact.state, pact.applicant_signed_at = "applicant-signed", at
            keep_document(self._context.keyring, pact, signed)
            step = self._context.step_of(Act.REVIEW)
            acts.seen_by_next_desk(session, request.letter_id, request.id, at)
            kind = RequestAct.SIGN_AS_APPLICANT
            acts.record(session, request.letter, request, step=1, kind=kind, before=before, after=request.state, at=at)
            visits.move(session, request.letter_id, request.id, Place(step.number, step.actor), at)
            self._context.trail.record(
                session,
                "pact-signed-by-applicant",
                actor=audit.Actor.applicant(request.id, name=request.display_name),
                subjects=lookup.subjects(request.letter, request),
                pact_number=pact.number,
                letter_number=request.letter.number,
                sha256=pact.sha256,
                length=pact.length,
                check_code=request.check_code,
                applicant_name=request.display_name,
            )

    def ways(self, actor: Actor) -> frozenset[SigningWay]:
        """How the pacts that wait for this section head are to be signed: what a page has to ask for."""
        actor.require(self._context.step_of(Act.REVIEW).actor)
        with self._context.store.read() as session:
            waiting = session.scalars(
                select(PactRow).where(PactRow.state == "applicant-signed", PactRow.prepared_by == actor.official_id)
            )
            return frozenset(self._frozen(pact).way for pact in waiting)

    def sign(
        self, actor: Actor, pact_ids: list[str], password: str, code: str = "", *, nik: str = "", passphrase: str = ""
    ) -> list[Signed]:
        """The section head signs pacts they have viewed, typing password and second factor once for all of them.

        Pacts that BSrE signs ask for ``nik`` and ``passphrase`` too; both are forgotten with this call.

        With each signature account, links, audit event and wake-up are committed in one transaction (unless a setting
        leaves step 5 to a button). One that cannot be signed does not hold the others up.

        :raises AuthenticationFailed: password or code wrong; nothing is signed. :raises InvalidInput: too few or too
            many pacts; ``bsre-typed``: see :meth:`BsreSigning.signatory`.
        """
        actor.require(self._context.step_of(Act.REVIEW).actor)
        if not pact_ids or len(pact_ids) > MAX_AT_ONCE:
            raise InvalidInput("pacts-to-sign", fields={"pact": ["missing"]}, limit=MAX_AT_ONCE)
        chosen = list(dict.fromkeys(pact_ids))
        who = self._bsre.signatory(actor, nik, passphrase) if self._asks_bsre(chosen) else None
        used = Authentication(self._sign_in.confirm(actor, password, code, purpose="sign-pacts"))
        results: list[Signed] = []
        for pact_id in chosen:
            stopped = next((one.error for one in results if one.error and one.error.code in STOPS_ALL), None)
            results.append(self._sign_one(actor, pact_id, used, who, stopped))
        return results

    def _asks_bsre(self, pact_ids: list[str]) -> bool:
        with self._context.store.read() as session:
            found = session.scalars(select(PactRow).where(PactRow.id.in_(pact_ids)))
            return any(self._frozen(pact).way is SigningWay.BSRE for pact in found)

    def create_account(self, actor: Actor, request_id: str) -> None:
        """Step 5 by button, where a setting says so: the ADB or the section head creates the account.

        :raises NotAllowed: neither of them. :raises WrongState: step 5 is not by button, or not now.
        """
        at = self._context.clock()
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            step = self._context.step_of(Act.CREATE)
            capacity = actor.require(step.actor, self._context.step_of(Act.REVIEW).actor)
            if self._context.settings.procedure.step_5 != "button" or request.account_id is not None:
                raise WrongState("request-wrong-state", state=request.state)
            if request.state != RequestState.CREATION:
                raise WrongState("request-wrong-state", state=request.state)
            acts.refuse_own_request(actor, [request])
            acts.refuse_second_step(
                session,
                actor,
                request.letter_id,
                request.id,
                step.number,
                allowed=self._context.settings.procedure.allow_two_steps,
                # The setting that lets the section head press the button too is the office's leave to take both steps.
                besides=None if capacity.post == step.actor else self._context.step_of(Act.REVIEW).number,
            )
            pact = session.query(PactRow).filter_by(request_id=request.id, state="signed").one()
            acts.record(
                session,
                request.letter,
                request,
                step=step.number,
                kind="create",
                before=request.state,
                after=request.state,
                at=at,
                actor=actor,
                capacity=capacity,
            )
            self._establish(session, request, pact, actor.in_trail(capacity), at)

    def _sign_one(
        self,
        actor: Actor,
        pact_id: str,
        used: Authentication,
        who: Signatory | None,
        stopped: ProvisionerError | None,
    ) -> Signed:
        try:
            if stopped is not None:
                raise stopped
            return self._countersign(actor, pact_id, used, who)
        except ProvisionerError as error:
            with self._context.store.read() as session:
                pact = session.get(PactRow, pact_id)
                number, request_id = (pact.number, pact.request_id) if pact else ("", "")
            return Signed(pact_id, number, request_id, error)

    def _countersign(self, actor: Actor, pact_id: str, used: Authentication, who: Signatory | None) -> Signed:
        at = self._context.clock()
        with self._context.store.read() as session:
            pact = session.get(PactRow, pact_id)
            if pact is None:
                raise NotFound("pact-unknown")
            renewal = Signed(pact.id, pact.number, pact.request_id, None, renewal=True) if pact.renews_id else None
            if renewal is None:
                self._refuse_unsignable(session, actor, pact)
                refuse_ink(pact)
                facts, pdf = self._read(pact)
        if renewal is not None:
            self._renewals.countersign(actor, pact_id, used)
            return renewal
        facts = replace(facts, authentication=used)
        if facts.way is SigningWay.BSRE and who is not None:
            signed = self._bsre.sign(pdf, facts, at, who)
        else:
            signed = self._documents.sign_as_official(pdf, facts, at)
        # What this very call has put after the bytes that were found whole a moment ago is our own update: to ask what
        # it changed takes half of the time of an approval. What somebody else has made of them is asked in full.
        ours = facts.way is SigningWay.BUILT_IN and signed.startswith(pdf)
        record = self._documents.record(signed, facts, known=ours)
        with self._context.store.begin() as session:
            pact = lookup.pact(session, pact_id)
            self._refuse_unsignable(session, actor, pact)
            if pact.sha256 != sha256(pdf).hexdigest():
                raise WrongState("changed-meanwhile", state=pact.state)
            keep_signed(self._context.keyring, pact, signed, record)
            self.complete(session, actor, pact, facts, at)
            return Signed(pact.id, pact.number, pact.request_id, None)

    def complete(self, session: Session, actor: Actor, pact: PactRow, facts: PactFacts, at: datetime) -> None:
        """Both have signed: pact and request go on, and the account is created (unless a setting leaves that to a
        button). Inside the caller's unit of work; ``facts`` say how the official proved who they are.

        :raises WrongState: see ``sign``. :raises NotAllowed: see ``sign``.
        """
        request, step, capacity = self._refuse_unsignable(session, actor, pact)
        used = facts.authentication
        if used is None:
            raise ValueError("the facts do not say how the official proved who they are")
        before, request.state = request.state, request_after(RequestState(request.state), RequestAct.SIGN)
        pact.state, pact.signed_at, pact.signed_by, pact.authentication = "signed", at, actor.official_id, used
        pact.facts = self._context.keyring.seal(FACTS_PURPOSE, facts.to_json().encode())
        acts.record(
            session,
            request.letter,
            request,
            step=step.number,
            kind=RequestAct.SIGN,
            before=before,
            after=request.state,
            at=at,
            actor=actor,
            capacity=capacity,
        )
        creation = self._context.step_of(Act.CREATE)
        visits.move(session, request.letter_id, request.id, Place(creation.number, creation.actor), at)
        self._context.trail.record(
            session,
            "pact-signed",
            actor=actor.in_trail(capacity),
            subjects=lookup.subjects(request.letter, request),
            pact_number=pact.number,
            letter_number=request.letter.number,
            sha256=pact.scan_sha256 or pact.sha256,
            length=pact.scan_length or pact.length,
            authentication=used.value,
            certificate=pact.official_certificate,
            mandate=capacity.order or None,
            method=pact.way,
            applicant_name=request.display_name,
        )
        # Of an account that was there before nothing has to be made.
        nothing_to_make = recorded_of(session, request.id) is not None
        if self._context.settings.procedure.step_5 == "system" or nothing_to_make:
            session.flush()
            visits.opened(session, request.letter_id, request.id, None, at)
            self._establish(session, request, pact, actor.in_trail(capacity), at)

    def _refuse_unsignable(self, session: Session, actor: Actor, pact: PactRow) -> tuple[RequestRow, Step, Capacity]:
        """The request, if this section head may sign its pact now."""
        found = on_review_desk(self._context, session, actor, pact.request_id)
        if pact.state != "applicant-signed":
            raise WrongState("pact-wrong-state", state=pact.state)
        if pact.prepared_by != actor.official_id:
            # The pact names who made it, in their capacity of that day: another official makes a new one.
            raise NotAllowed("pact-made-by-other")
        if pact.viewed_at is None or pact.applicant_signed_at is None or pact.viewed_at < pact.applicant_signed_at:
            raise WrongState("pact-not-viewed", state=pact.state)
        return found

    def _establish(self, session: Session, request: RequestRow, pact: PactRow, by: audit.Actor, at: datetime) -> None:
        account = self._lifecycle.establish(
            session,
            request=request,
            pact=pact,
            username=request.username or "",
            profile=self._forms.profile(request),
            by=by,
            at=at,
        )
        request.account_id = pact.account_id = account.id

    def _frozen(self, pact: PactRow) -> PactFacts:
        return PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())

    def _read(self, pact: PactRow) -> tuple[PactFacts, bytes]:
        return self._frozen(pact), self._context.keyring.open(PACT_PURPOSE, pact.document)


def refuse_ink(pact: PactRow) -> None:
    """:raises WrongState: ``pact-in-ink``: it is signed on paper, not here."""
    if pact.way == SigningWay.WET_INK:
        raise WrongState("pact-in-ink")
