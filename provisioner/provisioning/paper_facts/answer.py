"""Surat Jawaban: what the section head decided about one person (SOP step 4), or why the letter was refused before."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from provisioner.documents.words import long_date
from provisioner.errors import WrongState
from provisioner.provisioning import lookup, signatories
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import Outgoing, PaperFacts
from provisioner.provisioning.paper_facts.people import applicant, signatory
from provisioner.provisioning.paper_facts.wording import CODES, Wording
from provisioner.request import RequestAct, RequestState
from provisioner.store.tables import ActRow, RequestRow

_APPROVED = frozenset(
    {
        RequestState.PACT_APPLICANT,
        RequestState.PACT_OFFICIAL,
        RequestState.CREATION,
        RequestState.HANDOVER,
        RequestState.DONE,
        RequestState.REVOKED,
    }
)
SUBJECT = "Jawaban atas permohonan username dan password operator SIAK"


def gather(context: Context, session: Session, request_id: str) -> PaperFacts:
    """The answer as it stands.

    :raises WrongState: ``not-decided-yet``.
    """
    request = lookup.request(session, request_id)
    act = _decision(session, request)
    if act is None:
        raise WrongState("not-decided-yet", state=request.state)
    letter, bio = request.letter, BioText.of(request, context.keyring)

    def values(words: Wording) -> dict[str, object]:
        return {
            "approved": act.kind == RequestAct.APPROVE,
            "decided": long_date(context.today(act.at)),
            "subject": SUBJECT,
            "addressee": letter.sender,
            "letter_number": letter.number,
            "letter_date": long_date(letter.letter_date) if letter.letter_date else "",
            "letter_subject": letter.subject,
            "urgency": words.urgency(letter.urgency),
            "request_number": request.number or "",
            "applicant": applicant(request, bio, words),
            "valid_until": long_date(request.valid_until) if request.valid_until else "",
            "note": act.note,
            "post": act.post,
            "signatory": signatory(signatories.of_act(act)),
        }

    return PaperFacts(
        values(Wording(context.office)),
        values(CODES),
        act.at,
        letter_id=letter.id,
        request_id=request.id,
        letter_number=letter.number,
        outgoing=Outgoing(f"{SUBJECT} a.n. {request.display_name}", letter.sender),
    )


def _decision(session: Session, request: RequestRow) -> ActRow | None:
    """The act that the answer tells of. One with its letter refused is answered by whoever refused the letter."""
    state = RequestState(request.state)
    if state not in _APPROVED | {RequestState.REJECTED}:
        return None
    kind = RequestAct.APPROVE if state in _APPROVED else RequestAct.REJECT
    return session.scalars(
        select(ActRow)
        .where(
            ActRow.letter_id == request.letter_id,
            or_(ActRow.request_id == request.id, ActRow.request_id.is_(None)),
            ActRow.kind == kind,
            ActRow.undone_at.is_(None),
        )
        .order_by(ActRow.at.desc())
        .limit(1)
    ).one_or_none()
