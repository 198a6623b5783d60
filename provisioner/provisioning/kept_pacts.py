"""Pacts as they are kept: their rows, their bytes, and how pages list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.errors import WrongState
from provisioner.keyring import Keyring
from provisioner.pact import PactRecord
from provisioner.request import PACT_OPEN
from provisioner.signing.way import SigningWay
from provisioner.store.tables import AccountRow, PactRow, RequestRow

PACT_PURPOSE = "pact-document"
FACTS_PURPOSE = "pact-facts"


@dataclass(frozen=True)
class PactView:
    """One pact as pages list it."""

    id: str
    number: str
    state: str
    request_id: str
    request_number: str
    applicant: str
    username: str
    role: str
    region: str
    prepared_at: datetime
    applicant_signed_at: datetime | None
    viewed_at: datetime | None
    signed_at: datetime | None
    way: str
    text_revision: str
    lapses_on: date | None
    renews: bool
    """An operator signed it in the place of an older one: the section head need not read each."""


def keep_document(keyring: Keyring, pact: PactRow, pdf: bytes) -> None:
    """The file as it stands now, sealed, and what tells it from every other."""
    pact.document = keyring.seal(PACT_PURPOSE, pdf)
    pact.sha256, pact.length = sha256(pdf).hexdigest(), len(pdf)


def keep_signed(keyring: Keyring, pact: PactRow, pdf: bytes, record: PactRecord) -> None:
    """The file that both have signed, with the certificates that tell its signatures from every other's."""
    keep_document(keyring, pact, pdf)
    pact.applicant_certificate, pact.official_certificate = record.applicant_certificate, record.official_certificate


def newest(session: Session, request_id: str) -> PactRow | None:
    """The newest pact of a request."""
    return session.scalars(
        select(PactRow).where(PactRow.request_id == request_id).order_by(PactRow.prepared_at.desc()).limit(1)
    ).one_or_none()


def waiting_for(actor: Actor) -> Select[PactRow]:
    """Pacts that the applicant has signed and this section head is to: those they made, and those that operators signed
    in the place of an older one, which any section head may. Oldest first.
    """
    revoked = select(AccountRow.id).where(AccountRow.state == AccountState.REVOKED)
    mine = or_(
        PactRow.prepared_by == actor.official_id,
        and_(
            PactRow.renews_id.is_not(None),
            PactRow.way != SigningWay.WET_INK,
            PactRow.account_id.not_in(revoked),
        ),
    )
    waiting = select(PactRow).where(PactRow.state == "applicant-signed", mine)
    return waiting.order_by(PactRow.applicant_signed_at, PactRow.id)


def open_pact(session: Session, request: RequestRow) -> PactRow:
    """The unfinished pact of a request.

    :raises WrongState: there is none.
    """
    pact = newest(session, request.id)
    if pact is None or request.state not in PACT_OPEN or pact.state not in ("prepared", "applicant-signed"):
        raise WrongState("request-wrong-state", state=request.state)
    return pact


def views(session: Session, pacts: Sequence[PactRow]) -> tuple[PactView, ...]:
    """Pacts as pages list them. Asks one question for all."""
    about = select(RequestRow).where(RequestRow.id.in_([pact.request_id for pact in pacts]))
    requests = {row.id: row for row in session.scalars(about)} if pacts else {}
    return tuple(_view(pact, requests[pact.request_id]) for pact in pacts)


def view(session: Session, pact: PactRow) -> PactView:
    """One pact, likewise."""
    return views(session, [pact])[0]


def _view(pact: PactRow, request: RequestRow) -> PactView:
    return PactView(
        pact.id,
        pact.number,
        pact.state,
        request.id,
        request.number or "",
        request.display_name,
        request.username or "",
        request.role,
        request.region,
        pact.prepared_at,
        pact.applicant_signed_at,
        pact.viewed_at,
        pact.signed_at,
        pact.way,
        pact.text_revision,
        pact.lapses_on,
        pact.renews_id is not None,
    )
