"""Bukti Serah Terima Akun: who received which account, when and by which ticket (SOP step 6). Nothing secret."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.documents.words import long_date, long_moment
from provisioner.errors import WrongState
from provisioner.pact import PactOfficial
from provisioner.provisioning import lookup, signatories
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.context import Context
from provisioner.provisioning.handed_over import HandedOver
from provisioner.provisioning.paper_content import Outgoing, PaperFacts
from provisioner.provisioning.paper_facts.people import applicant, signatory
from provisioner.provisioning.paper_facts.wording import CODES, Wording
from provisioner.request import RequestAct
from provisioner.store.tables import ActRow, CredentialRow, GenerationRow, PactRow, RequestRow


def gather(context: Context, session: Session, request_id: str) -> PaperFacts:
    """Every opening of an envelope of this account so far: a reset password is handed over too.

    :raises WrongState: ``nothing-handed-over``.
    """
    request = lookup.request(session, request_id)
    opened = _opened(session, request)
    pact = session.scalars(
        select(PactRow).where(PactRow.request_id == request.id, PactRow.state == "signed")
    ).one_or_none()
    if not opened or pact is None:
        raise WrongState("nothing-handed-over", state=request.state)
    bio, giver = BioText.of(request, context.keyring), _giver(session, request)
    last = max(row.opened_at for row in opened if row.opened_at)

    def values(words: Wording) -> dict[str, object]:
        return {
            "request_number": request.number or "",
            "letter_number": request.letter.number,
            "pact_number": pact.number,
            "applicant": applicant(request, bio, words),
            "valid_until": long_date(request.valid_until) if request.valid_until else "",
            "openings": [_opening(context, row) for row in opened],
            "person_confirmed": _moment(context, request),
            "signatory": signatory(giver) if giver else None,
        }

    return PaperFacts(
        values(Wording(context.office)),
        values(CODES),
        last,
        letter_id=request.letter_id,
        request_id=request.id,
        account_id=request.account_id,
        letter_number=request.letter.number,
        outgoing=Outgoing(f"Bukti serah terima akun a.n. {request.display_name}", request.org_unit),
    )


def _opened(session: Session, request: RequestRow) -> list[GenerationRow]:
    return list(
        session.scalars(
            select(GenerationRow)
            .join(CredentialRow)
            .where(CredentialRow.account_id == request.account_id, GenerationRow.opened_at.is_not(None))
            .order_by(GenerationRow.opened_at, CredentialRow.name)
        )
    )


def _opening(context: Context, row: GenerationRow) -> dict[str, object]:
    """Of an opening from before it was written down, only its moment is known."""
    kept = HandedOver.from_json(row.handed_over) if row.handed_over else HandedOver("", (), "")
    return {
        "at": long_moment(row.opened_at, context.office) if row.opened_at else "",
        "username": kept.username,
        "systems": list(kept.systems),
        "check_code": kept.check_code,
    }


def _giver(session: Session, request: RequestRow) -> PactOfficial | None:
    """The ADB who had the account made, or the section head by whose decision the service made it."""
    kinds = ("create", RequestAct.SIGN.value, RequestAct.APPROVE.value)
    acts = session.scalars(
        select(ActRow).where(
            ActRow.request_id == request.id,
            ActRow.kind.in_(kinds),
            ActRow.official_id.is_not(None),
            ActRow.undone_at.is_(None),
        )
    ).all()
    by_kind = {act.kind: act for act in sorted(acts, key=lambda act: act.at)}
    found = next((by_kind[kind] for kind in kinds if kind in by_kind), None)
    return signatories.of_act(found) if found is not None else None


def _moment(context: Context, request: RequestRow) -> str:
    """When the person was checked face to face; a later ticket takes that back, the act stays."""
    approved = [act for act in request.letter.acts if act.request_id == request.id and act.kind == RequestAct.APPROVE]
    standing = [act.at for act in approved if act.undone_at is None]
    return long_moment(max(standing), context.office) if standing else ""
