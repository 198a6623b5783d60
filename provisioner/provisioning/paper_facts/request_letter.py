"""Surat Permohonan: what the applicants' office writes to the head (SOP step 1)."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.documents.words import long_date
from provisioner.errors import WrongState
from provisioner.provisioning import lookup
from provisioner.provisioning.access import COUNTER
from provisioner.provisioning.attachments import LETTER_KIND
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import PaperFacts
from provisioner.provisioning.paper_facts.people import applicant
from provisioner.provisioning.paper_facts.wording import CODES, Wording
from provisioner.request import RequestState
from provisioner.store.tables import AttachmentRow, LetterRow


def gather(context: Context, session: Session, letter_id: str) -> PaperFacts:
    """The letter as it was received. Where its scan was handed in, the scan is the paper.

    :raises WrongState: ``not-sent-yet``, ``scan-is-the-paper``.
    """
    letter = lookup.letter(session, letter_id)
    if letter.received_at is None or letter.letter_date is None:
        raise WrongState("not-sent-yet", state=letter.state)
    attachments = _count(session, letter, AttachmentRow.kind != LETTER_KIND)
    if _count(session, letter, AttachmentRow.kind == LETTER_KIND):
        raise WrongState("scan-is-the-paper", state=letter.state)

    return PaperFacts(
        _values(context, letter, attachments, Wording(context.office)),
        _values(context, letter, attachments, CODES),
        letter.received_at,
        letter_id=letter.id,
        letter_number=letter.number,
    )


def draft(context: Context, session: Session, letter: LetterRow) -> dict[str, object]:
    """The letter as its sender has written it so far, to be signed by hand before it is handed in."""
    attachments = _count(session, letter, AttachmentRow.kind != LETTER_KIND)
    return _values(context, letter, attachments, Wording(context.office))


def _values(context: Context, letter: LetterRow, attachments: int, words: Wording) -> dict[str, object]:
    named = [each for each in letter.requests if each.submitted_at is not None or letter.received_at is None]
    return {
        "number": letter.number,
        "date": long_date(letter.letter_date) if letter.letter_date else "",
        "sender": letter.sender,
        "subject": letter.subject,
        "urgency": words.urgency(letter.urgency),
        "attachments": attachments,
        "copy": letter.channel == COUNTER,
        "received": long_date(context.today(letter.received_at)) if letter.received_at else "",
        "applicants": [
            applicant(each, BioText.of(each, context.keyring), words)
            for each in named
            if each.state != RequestState.WITHDRAWN or each.submitted_at is not None
        ],
    }


def _count(session: Session, letter: LetterRow, which: object) -> int:
    counted = select(func.count(AttachmentRow.id)).where(AttachmentRow.letter_id == letter.id, which)  # type: ignore[arg-type]
    return session.scalar(counted) or 0
