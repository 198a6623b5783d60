"""Berita Acara Pencabutan Hak Akses: why, by whom, and since when in each system."""

from datetime import datetime

from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import LEFT_OUT
from provisioner.documents.words import long_date, long_moment, weekday
from provisioner.errors import NotFound, WrongState
from provisioner.provisioning import lookup, signatories
from provisioner.provisioning.bio_text import BioText
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import Outgoing, PaperFacts
from provisioner.provisioning.paper_facts.people import applicant, signatory
from provisioner.provisioning.paper_facts.wording import CODES, Wording
from provisioner.store.tables import AccountRow, LinkRow, PactRow


def gather(context: Context, targets: TargetSet, session: Session, account_id: str) -> PaperFacts:
    """The minutes as far as the systems have followed: each one that follows makes the next revision.

    :raises NotFound: ``account-unknown``. :raises WrongState: ``account-wrong-state``: it is not revoked.
    """
    account = session.get(AccountRow, account_id)
    if account is None:
        raise NotFound("account-unknown")
    if account.state != AccountState.REVOKED:
        raise WrongState("account-wrong-state", state=account.state, act="revocation-report")
    request, pact = lookup.request(session, account.request_id), session.get_one(PactRow, account.pact_id)
    bio, at = BioText.of(request, context.keyring), account.revoked_at or account.state_at
    links = [link for link in account.links if link.state != LEFT_OUT]

    def values(words: Wording) -> dict[str, object]:
        return {
            "weekday": weekday(context.today(at)),
            "revoked_on": long_date(context.today(at)),
            "revoked_at": long_moment(at, context.office),
            "username": account.username,
            "applicant": {**applicant(request, bio, words), "name": account.display_name},
            "request_number": request.number or "",
            "pact_number": pact.number,
            "reason": words.reason(account.state_reason),
            "legal": words.legal(account.state_reason),
            "note": account.state_note,
            "systems": [
                {"name": targets.label(link.target) if words.office else link.target, "closed": _closed(context, link)}
                for link in links
            ],
            "signatory": signatory(signatories.read(account.revoked_as)) if account.revoked_as else None,
        }

    newest: datetime = max([at, *(link.closed_at for link in links if link.closed_at)])
    return PaperFacts(
        values(Wording(context.office)),
        values(CODES),
        newest,
        letter_id=request.letter_id,
        request_id=request.id,
        account_id=account.id,
        letter_number=request.letter.number,
        outgoing=Outgoing(f"Berita acara pencabutan hak akses a.n. {account.display_name}", account.org_unit),
    )


def _closed(context: Context, link: LinkRow) -> str:
    return long_moment(link.closed_at, context.office) if link.closed_at else ""
