"""Surat Permohonan: what the applicants' office writes to the head (SOP step 1)."""

from sqlalchemy.orm import Session

from provisioner.documents.words import long_date
from provisioner.errors import WrongState
from provisioner.provisioning import lookup
from provisioner.provisioning.bio import BioForms
from provisioner.provisioning.context import Context
from provisioner.provisioning.papers import PaperFacts
from provisioner.store.tables import RequestRow


def gather(context: Context, _forms: BioForms, session: Session, letter_id: str) -> PaperFacts:
    """The letter as it was received.

    :raises WrongState: ``not-sent-yet``.
    """
    letter = lookup.letter(session, letter_id)
    if letter.received_at is None or letter.letter_date is None:
        raise WrongState("not-sent-yet", state=letter.state)
    values = {
        "number": letter.number,
        "date": long_date(letter.letter_date),
        "sender": letter.sender,
        "subject": letter.subject,
        "urgency": letter.urgency,
        "applicants": [_applicant(context, each) for each in letter.requests],
    }
    return PaperFacts(values, letter.received_at, letter_id=letter.id, letter_number=letter.number)


def _applicant(context: Context, request: RequestRow) -> dict[str, str]:
    role, region = context.office.role(request.role), context.office.regions.get(request.region)
    return {
        "name": request.display_name,
        "unit": request.org_unit,
        "role": role.label.id if role else request.role,
        "region": region.full_title if region else request.region,
    }
