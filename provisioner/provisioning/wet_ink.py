"""Pacts signed on paper: the scan is brought in, and the section head confirms what they saw on it.

The digest of the scan, as it is kept, stands in the pact's row and in the trail. Until it is confirmed a wrong scan can
be replaced; afterwards never. The account is created in the transaction that confirms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.attachment import AttachmentReader, Paper
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.pact import Authentication, PactFacts
from provisioner.procedure import Act
from provisioner.provisioning import access, acts, lookup, visits
from provisioner.provisioning.context import Context
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE, PactView, view
from provisioner.provisioning.official_sign_in import OfficialSignIn
from provisioner.provisioning.pact_renewals import PactRenewals
from provisioner.provisioning.signatures import Signatures
from provisioner.provisioning.visits import Place
from provisioner.request import RequestAct, RequestState
from provisioner.request import after as request_after
from provisioner.signing.way import SigningWay
from provisioner.store.tables import OfficialRow, PactRow, RequestRow

SCAN_PURPOSE = "pact-scan"
BRING_SCAN = "bring-scan"
"""The act of whoever brings the paper in that the applicant has signed."""
BRINGERS = ("section_head", "secretary")
"""Who may bring a scan in."""
SEEN = ("applicant_signature", "official_signature", "number", "person")
"""What the section head says they saw, each by itself: both signatures, that the number on the paper is the pact's,
and the person who signed."""


@dataclass(frozen=True)
class InkPact:
    """One pact that is signed on paper, for its page."""

    pact: PactView
    scan_sha256: str
    """Empty while there is none."""
    scan_pages: int
    scan_at: datetime | None
    scan_by: str
    may_bring: bool
    may_confirm: bool
    seen: bool
    """The section head has opened the scan that is there now."""


class WetInk:
    """Use cases on pacts whose way is :attr:`SigningWay.WET_INK`."""

    def __init__(
        self,
        context: Context,
        reader: AttachmentReader,
        sign_in: OfficialSignIn,
        signatures: Signatures,
        renewals: PactRenewals,
    ) -> None:
        self._context = context
        self._reader = reader
        self._sign_in = sign_in
        self._signatures = signatures
        self._renewals = renewals

    def waiting(self, actor: Actor) -> list[PactView]:
        """Every pact that is to be signed on paper or whose scan waits to be confirmed, oldest first."""
        actor.require(*BRINGERS)
        with self._context.store.read() as session:
            found = select(PactRow).where(
                PactRow.way == SigningWay.WET_INK, PactRow.state.in_(("prepared", "applicant-signed"))
            )
            return [view(session, row) for row in session.scalars(found.order_by(PactRow.prepared_at))]

    def of(self, actor: Actor, pact_id: str) -> InkPact:
        """One pact. :raises NotFound: ``pact-unknown``: none, or not on paper."""
        actor.require(*access.SCANS)
        with self._context.store.read() as session:
            pact = self._find(session, pact_id)
            bringer = session.get(OfficialRow, pact.scan_by) if pact.scan_by else None
            open_ = pact.state in ("prepared", "applicant-signed")
            mine = pact.prepared_by == actor.official_id and actor.holds(self._post)
            return InkPact(
                view(session, pact),
                pact.scan_sha256 or "",
                pact.scan_pages or 0,
                pact.scan_at,
                bringer.full_name if bringer is not None else "",
                may_bring=open_ and actor.holds(*BRINGERS),
                may_confirm=pact.state == "applicant-signed" and mine,
                seen=pact.viewed_at is not None and pact.scan_at is not None and pact.viewed_at >= pact.scan_at,
            )

    def bring(self, actor: Actor, pact_id: str, files: Sequence[tuple[str, bytes]]) -> None:
        """Keep the scan: one PDF byte for byte, or photographs put together into one.

        :raises InvalidInput: see :class:`AttachmentReader`. :raises NotAllowed: ``own-request``.
        :raises WrongState: ``pact-scan-final``: confirmed already; ``pact-wrong-state``: void.
        """
        capacity = actor.require(*BRINGERS)
        with self._context.store.read() as session:
            self._replaceable(session, actor, pact_id)
        paper = self._reader.read(files)
        digest, sealed = sha256(paper.content).hexdigest(), self._context.keyring.seal(SCAN_PURPOSE, paper.content)
        at = self._context.clock()
        with self._context.store.begin() as session:
            pact, request = self._replaceable(session, actor, pact_id)
            replaced = pact.scan_sha256
            self._keep(pact, paper, digest, sealed, actor, at)
            if pact.state == "prepared":
                self._applicant_signed(session, pact, request, actor, capacity, at)
            self._context.trail.record(
                session,
                "pact-scan-brought",
                actor=actor.in_trail(capacity),
                subjects=lookup.subjects(request.letter, request),
                pact_number=pact.number,
                letter_number=request.letter.number,
                sha256=digest,
                length=len(paper.content),
                pages=paper.pages,
                replaced=replaced,
                applicant_name=request.display_name,
            )

    def scan(self, actor: Actor, pact_id: str) -> tuple[str, bytes]:
        """The scan: (number, PDF). Opening it is what allows the section head to confirm it.

        :raises NotFound: ``pact-unknown``, or there is no scan.
        """
        actor.require(*access.SCANS)
        with self._context.store.begin() as session:
            pact = self._find(session, pact_id)
            if pact.scan is None or pact.scan_sha256 is None:
                raise NotFound("pact-unknown")
            if pact.state == "applicant-signed" and pact.prepared_by == actor.official_id:
                pact.viewed_at = self._context.clock()
            request = session.get_one(RequestRow, pact.request_id)
            self._context.trail.record(
                session,
                "pact-scan-read",
                actor=actor.in_trail(),
                subjects=lookup.subjects(request.letter, request),
                pact_number=pact.number,
                sha256=pact.scan_sha256,
            )
            return pact.number, self._context.keyring.open(SCAN_PURPOSE, pact.scan)

    def confirm(
        self, actor: Actor, pact_id: str, scan_sha256: str, seen: Sequence[str], password: str, code: str = ""
    ) -> str:
        """The section head confirms the scan they saw; gives the request's id. With it the account is created.

        ``scan_sha256``: of the scan that was on the page, so that one replaced meanwhile is not confirmed unseen.

        :raises InvalidInput: something of :data:`SEEN` is missing.
        :raises AuthenticationFailed: wrong password or code.
        :raises WrongState: ``pact-not-viewed``, ``pact-wrong-state``, ``changed-meanwhile``.
        :raises NotAllowed: ``pact-made-by-other``, ``own-request``.
        """
        actor.require(self._post)
        missing = [name for name in SEEN if name not in seen]
        if missing:
            raise InvalidInput("ink-not-seen", fields={name: ["missing"] for name in missing})
        used = Authentication(self._sign_in.confirm(actor, password, code, purpose="confirm-ink"))
        at = self._context.clock()
        with self._context.store.begin() as session:
            pact = self._find(session, pact_id)
            if not scan_sha256 or pact.scan_sha256 != scan_sha256:
                raise WrongState("changed-meanwhile", state=pact.state)
            facts = PactFacts.from_json(self._context.keyring.open(FACTS_PURPOSE, pact.facts).decode())
            facts = replace(facts, authentication=used)
            request = session.get_one(RequestRow, pact.request_id)
            self._context.trail.record(
                session,
                "pact-scan-confirmed",
                actor=actor.in_trail(actor.require(self._post)),
                subjects=lookup.subjects(request.letter, request),
                pact_number=pact.number,
                letter_number=request.letter.number,
                sha256=scan_sha256,
                seen=list(SEEN),
                authentication=used.value,
                applicant_name=request.display_name,
            )
            if pact.renews_id is not None:
                self._renewals.complete_ink(session, actor, pact, facts, at)
            else:
                self._signatures.complete(session, actor, pact, facts, at)
            return pact.request_id

    # -- the pieces --------------------------------------------------------------------------------------------------

    @property
    def _post(self) -> str:
        return self._context.step_of(Act.REVIEW).actor

    def _find(self, session: Session, pact_id: str) -> PactRow:
        pact = lookup.pact(session, pact_id)
        if pact.way != SigningWay.WET_INK:
            raise NotFound("pact-unknown")
        return pact

    def _replaceable(self, session: Session, actor: Actor, pact_id: str) -> tuple[PactRow, RequestRow]:
        pact = self._find(session, pact_id)
        request = session.get_one(RequestRow, pact.request_id)
        acts.refuse_own_request(actor, [request])
        if pact.state == "signed":
            raise WrongState("pact-scan-final")
        if pact.state not in ("prepared", "applicant-signed"):
            raise WrongState("pact-wrong-state", state=pact.state)
        return pact, request

    def _keep(self, pact: PactRow, paper: Paper, digest: str, sealed: bytes, actor: Actor, at: datetime) -> None:
        pact.scan, pact.scan_sha256, pact.scan_length = sealed, digest, len(paper.content)
        pact.scan_pages, pact.scan_by, pact.scan_at = paper.pages, actor.official_id, at
        pact.viewed_at = None

    def _applicant_signed(
        self, session: Session, pact: PactRow, request: RequestRow, actor: Actor, capacity: Capacity, at: datetime
    ) -> None:
        """The paper is there: as when an applicant signs with the ticket, the section head is next."""
        pact.state, pact.applicant_signed_at = "applicant-signed", at
        if pact.renews_id is not None:
            return
        before = request.state
        request.state = request_after(RequestState(before), RequestAct.SIGN_AS_APPLICANT)
        step = self._context.step_of(Act.REVIEW)
        acts.seen_by_next_desk(session, request.letter_id, request.id, at)
        acts.record(
            session,
            request.letter,
            request,
            step=step.number,
            kind=BRING_SCAN,
            before=before,
            after=request.state,
            at=at,
            actor=actor,
            capacity=capacity,
        )
        visits.move(session, request.letter_id, request.id, Place(step.number, step.actor), at)
