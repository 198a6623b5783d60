"""What is frozen in a pact, gathered from the request, the office, the official's mandate and the audit trail."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor, Capacity
from provisioner.documents.pact import PactDocuments
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.pact import Acting, ActingKind, AuditHead, PactFacts, PactOfficial
from provisioner.person import StaffNumber, StaffNumberKind
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.signing.timestamp import TimeProof
from provisioner.signing.way import SigningWay
from provisioner.store.tables import MandateRow, OfficialRow, RequestRow

MARK = "tanda"
"""The part of the address in a pact's QR code that shows somebody has the paper before them."""


def pact_mark(keyring: Keyring, number: str) -> str:
    """Twelve hexadecimal digits that stand in the QR code only. Numbers follow one another: who merely counts them up
    learns that a pact exists, not whose it is.
    """
    return keyring.mac("pact-mark", number.encode())[:6].hex()


@dataclass(frozen=True)
class PactTerms:
    """What the approval itself adds to what is known already."""

    number: str
    day: date
    username: str
    valid_until: date | None


class PactFactsGathering:
    """Gathers the facts of pacts. ``verification_url``: the public page's address, before the pact's number."""

    def __init__(self, context: Context, documents: PactDocuments, forms: BioForms, verification_url: str) -> None:
        self._context = context
        self._documents = documents
        self._forms = forms
        self._verification_url = verification_url

    def of(
        self, session: Session, actor: Actor, capacity: Capacity, request: RequestRow, terms: PactTerms
    ) -> PactFacts:
        """The facts of a pact on ``terms``.

        :raises WrongState: ``mandate-ended``: who acts as Plt. or Plh. has no order any more.
        :raises InvalidInput: the bio form is not complete.
        """
        head = self._context.trail.head(session)
        # Whether BSrE adds a time stamp is its own affair: a pact for it promises none.
        way = self._context.settings.signing.way
        office, mark = self._context.office, pact_mark(self._context.keyring, terms.number)
        role, region = office.role(request.role), office.regions.get(request.region)
        return PactFacts(
            number=terms.number,
            request_number=request.number or "",
            applicant=self._forms.pact_applicant(request),
            official=self._pact_official(session, actor, capacity),
            role=role.label.id if role else request.role,
            region=region.full_title if region else request.region,
            place=office.city,
            day=terms.day,
            check_code=request.check_code or "",
            verification_url=f"{self._verification_url}{terms.number}?{MARK}={mark}",
            text_revision=self._documents.text.revision,
            template_revision=self._documents.template_revision,
            audit_head=AuditHead(head.seq, head.hash),
            username=terms.username,
            valid_until=terms.valid_until,
            way=way,
            time_proof=TimeProof.NONE if way is SigningWay.BSRE else self._documents.time_proof,
        )

    def _pact_official(self, session: Session, actor: Actor, capacity: Capacity) -> PactOfficial:
        acting = None
        if capacity.kind:
            mandate = session.scalars(
                select(MandateRow)
                .where(
                    MandateRow.official_id == actor.official_id,
                    MandateRow.post == capacity.post,
                    MandateRow.ended_at.is_(None),
                )
                .order_by(MandateRow.starts_on.desc())
            ).first()
            if mandate is None:
                raise WrongState("mandate-ended", post=capacity.post)
            acting = Acting(ActingKind[capacity.kind], actor.position, mandate.order_number, mandate.order_date)
        row = session.get_one(OfficialRow, actor.official_id)
        staff = StaffNumber(StaffNumberKind.NIP, row.staff_number).display() if row.staff_number else ""
        return PactOfficial(
            name=actor.name,
            position=self._context.office.post(capacity.post).title,
            staff_number=staff,
            rank=row.rank,
            acting=acting,
        )
