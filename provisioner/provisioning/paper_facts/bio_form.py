"""Form Isian Bio Data Operator: what the applicant filled in, with the whole NIK (SOP steps 3 and 4)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.documents.words import long_date
from provisioner.errors import WrongState
from provisioner.provisioning import lookup
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import PaperFacts
from provisioner.provisioning.paper_facts.wording import Wording
from provisioner.store.tables import AttachmentRow, RequestRow

_SEX = {"male": "Laki-laki", "female": "Perempuan"}


def gather(context: Context, session: Session, request_id: str) -> PaperFacts:
    """The form as it lies, frozen, on the section head's desk.

    :raises WrongState: ``bio-not-frozen``: the applicant can still change it, or has not filled it in.
    """
    request = lookup.request(session, request_id)
    if request.bio_frozen_at is None or not request.bio_complete:
        raise WrongState("bio-not-frozen", state=request.state)
    bio, words, letter = BioText.of(request, context.keyring), Wording(context.office), request.letter
    seen = _originals(session, request)
    values: dict[str, object] = {
        **{name: bio[name] for name in _AS_TYPED},
        "request_number": request.number or "",
        "letter_number": letter.number,
        "nik": bio.nik,
        "staff_number": bio.staff_number,
        "staff_number_label": words.staff_number_label(bio["employment_status"]),
        "employment": words.employment(bio["employment_status"]),
        "birth_date": bio.day("birth_date"),
        "sex": _SEX.get(bio["sex"], bio["sex"]),
        "org_unit_region": words.region(bio["org_unit_region"]) if bio["org_unit_region"] else "",
        "phone": bio.phone,
        "assignment_order_date": bio.day("assignment_order_date"),
        "role": words.role(bio["role"]),
        "region": words.region(bio["region_scope"]),
        "valid_until": bio.day("valid_until"),
        "display_name": request.display_name,
        "originals": {name: f"{long_date(context.today(at))}, {label}" for name, (at, label) in seen.items()},
    }
    settled = {
        **bio.typed,
        "request_number": request.number,
        "letter_number": letter.number,
        "originals": {name: [at.isoformat(), label] for name, (at, label) in seen.items()},
    }
    return PaperFacts(
        values,
        settled,
        max([request.bio_frozen_at, *(at for at, _ in seen.values())]),
        letter_id=letter.id,
        request_id=request.id,
        letter_number=letter.number,
    )


def _originals(session: Session, request: RequestRow) -> dict[str, tuple[datetime, str]]:
    """Which originals were shown at the counter: when first, and to whom."""
    rows = session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.request_id == request.id, AttachmentRow.original_seen_at.is_not(None))
        .order_by(AttachmentRow.original_seen_at)
    )
    seen: dict[str, tuple[datetime, str]] = {}
    for row in rows:
        place = _PLACES.get(row.kind)
        if place is not None and row.original_seen_at is not None:
            seen.setdefault(place, (row.original_seen_at, row.original_seen_label or ""))
    return seen


_PLACES = {"id-card": "id_card", "decree": "order", "assignment-order": "order"}
"""Kinds of attachments and their line on the form."""
_AS_TYPED = (
    "title_prefix", "full_name", "title_suffix", "rank", "birth_place", "position", "org_unit", "address", "mail",
    "education", "assignment_order", "reason", "supervisor", "replaces_username",
)  # fmt: skip
