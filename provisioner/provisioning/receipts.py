"""The applicant's receipt (tanda terima) with tracking code and check code. It never shows the ticket."""

from provisioner import audit
from provisioner.documents.receipt import ReceiptFacts
from provisioner.documents.receipt import Receipts as ReceiptPapers
from provisioner.documents.renderer import Renderer
from provisioner.errors import WrongState
from provisioner.provisioning import lookup
from provisioner.provisioning.context import Context
from provisioner.provisioning.lookup import TRACKING_PURPOSE


class Receipts:
    """Prints the receipt of a request that was sent."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        self._context = context
        self._papers = ReceiptPapers(renderer, context.office)

    def print(self, request_id: str) -> bytes:
        """The receipt as PDF/A-2b, with the head of the audit trail as it is now.

        :raises WrongState: the request was not sent yet, or has no ticket.
        """
        office = self._context.office
        with self._context.store.read() as session:
            request = lookup.request(session, request_id)
            letter = request.letter
            if request.submitted_at is None or request.tracking_code is None or request.check_code is None:
                raise WrongState("not-sent-yet", state=request.state)
            code = self._context.keyring.open(TRACKING_PURPOSE, request.tracking_code).decode()
            head = self._context.trail.head(session)
            role, region = office.role(request.role), office.regions.get(request.region)
            facts = ReceiptFacts(
                request_number=request.number or "",
                letter_number=letter.number,
                letter_date=letter.letter_date or self._context.today(request.submitted_at),
                applicant=request.display_name,
                unit=request.org_unit,
                role=role.label.id if role else request.role,
                region=region.full_title if region else request.region,
                submitted_at=request.submitted_at,
                tracking_code=code,
                check_code=request.check_code,
                tracking_url=f"{self._context.settings.web.address}/lacak#{code}",
                audit_head=head.short,
            )
        paper = self._papers.render(facts)
        with self._context.store.begin() as session:
            request = lookup.request(session, request_id)
            self._context.trail.record(
                session,
                "paper-printed",
                actor=audit.Actor.applicant(request.id, name=request.display_name),
                subjects=lookup.subjects(request.letter, request),
                document="receipt",
                letter_number=request.letter.number,
                head_seq=head.seq,
            )
        return paper
