"""What is frozen in a pact, gathered from the request, the office, the official's mandate and the audit trail."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account_record import profile_of
from provisioner.actor import Actor, Capacity
from provisioner.documents.pact import PactDocuments
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.pact import Acting, ActingKind, AuditHead, PactFacts, PactOfficial, SignedWith, months_later
from provisioner.person import StaffNumber, StaffNumberKind
from provisioner.procedure import Act
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.signing.timestamp import TimeProof
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, MandateRow, OfficialRow, RequestRow

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
            official=self.official(session, actor, capacity),
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
            signed_with=SignedWith.INK if way is SigningWay.WET_INK else SignedWith.TICKET,
            lapses_on=self._lapse(terms.day),
        )

    def renewal(
        self, session: Session, account: AccountRow, old: PactFacts, terms: PactTerms, signed_with: SignedWith
    ) -> PactFacts:
        """The facts of the pact that an operator signs in the place of ``old``: the person, role and region as the
        account has them today. It names the section head's post only, because nobody knows yet who will hold it.
        """
        head, office = self._context.trail.head(session), self._context.office
        profile = profile_of(account, self._context.keyring)
        role, region = office.role(account.role), office.regions.get(account.region)
        mark, post = pact_mark(self._context.keyring, terms.number), self._context.step_of(Act.REVIEW).actor
        person = replace(
            old.applicant,
            name=account.display_name,
            position=profile.position,
            unit=account.org_unit or old.applicant.unit,
        )
        return replace(
            old,
            number=terms.number,
            applicant=person,
            official=PactOfficial(name="", position=office.post(post).title),
            role=role.label.id if role else account.role,
            region=region.full_title if region else account.region,
            place=office.city,
            day=terms.day,
            verification_url=f"{self._verification_url}{terms.number}?{MARK}={mark}",
            text_revision=self._documents.text.revision,
            template_revision=self._documents.template_revision,
            audit_head=AuditHead(head.seq, head.hash),
            username=account.username,
            valid_until=account.valid_until,
            authentication=None,
            way=self.renewal_way,
            time_proof=self._documents.time_proof,
            signed_with=signed_with,
            lapses_on=self._lapse(terms.day),
            renews=old.number,
        )

    @property
    def way(self) -> SigningWay:
        """How the office signs today."""
        return self._context.settings.signing.way

    @property
    def renewal_way(self) -> SigningWay:
        """How a pact is signed that renews another. BSrE signs those of requests; the others are countersigned here."""
        return SigningWay.BUILT_IN if self.way is SigningWay.BSRE else self.way

    def _lapse(self, day: date) -> date | None:
        months = self._context.settings.pact.validity_months
        return months_later(day, months) if months is not None else None

    def official(self, session: Session, actor: Actor, capacity: Capacity) -> PactOfficial:
        """The official in the capacity in which they act, as text.

        :raises WrongState: ``mandate-ended``.
        """
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
