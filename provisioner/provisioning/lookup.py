"""Finding letters and requests by their ids, the same way everywhere."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner import audit
from provisioner.actor import Actor, Capacity
from provisioner.audit import Subjects
from provisioner.errors import NotFound
from provisioner.keyring import Keyring
from provisioner.store.locking import is_locking
from provisioner.store.tables import LetterRow, PactRow, RequestRow
from provisioner.ticket import Ticket, TrackingCode

TRACKING_PURPOSE = "tracking-code"


def request(session: Session, request_id: str) -> RequestRow:
    """A writing unit of work has its letter to itself first: everything about one letter happens in turn.

    :raises NotFound: ``request-unknown``.
    """
    if is_locking(session):
        letter_id = session.scalar(select(RequestRow.letter_id).where(RequestRow.id == request_id))
        if letter_id is not None:
            session.get(LetterRow, letter_id)
    row = session.get(RequestRow, request_id)
    if row is None:
        raise NotFound("request-unknown")
    return row


def letter(session: Session, letter_id: str) -> LetterRow:
    """:raises NotFound: ``letter-unknown``."""
    row = session.get(LetterRow, letter_id)
    if row is None:
        raise NotFound("letter-unknown")
    return row


def pact(session: Session, pact_id: str) -> PactRow:
    """A writing unit of work has its letter and request to itself first.

    :raises NotFound: ``pact-unknown``.
    """
    if is_locking(session):
        request_id = session.scalar(select(PactRow.request_id).where(PactRow.id == pact_id))
        if request_id is not None:
            request(session, request_id)
    row = session.get(PactRow, pact_id)
    if row is None:
        raise NotFound("pact-unknown")
    return row


def subjects(of_letter: LetterRow, of_request: RequestRow | None = None, *, account: str | None = None) -> Subjects:
    """What an audit event is about."""
    return Subjects(letter=of_letter.id, request=of_request.id if of_request else None, account=account)


def on_behalf(row: RequestRow, actor: Actor | None) -> None:
    """An official (``actor``) writes only into what was registered at the counter, and only the secretary does.

    :raises NotAllowed: not the secretary. :raises NotFound: the applicant's own, not the office's.
    """
    if actor is None:
        return
    actor.require("secretary")
    if row.letter.channel != "counter":
        raise NotFound("request-unknown")


def capacity_of_sender(actor: Actor | None) -> Capacity | None:
    """In which capacity somebody sends for the applicant: as the secretary; None for the applicant themself."""
    return actor.require("secretary") if actor is not None else None


def sender(row: RequestRow, actor: Actor | None) -> audit.Actor:
    """Who really sent something: the applicant, or the secretary on their behalf."""
    if actor is not None:
        return actor.in_trail(capacity_of_sender(actor))
    return audit.Actor.applicant(row.id, name=row.display_name)


def give_tracking_code(row: RequestRow, keyring: Keyring) -> TrackingCode:
    """A new tracking code for the request; an older one finds nothing any more."""
    code = TrackingCode.new()
    row.tracking_key = code.lookup(keyring)
    row.tracking_code = keyring.seal(TRACKING_PURPOSE, code.text().encode())
    return code


def give_ticket(row: RequestRow, ticket: Ticket) -> None:
    """Register a ticket's public keys with the request; an older ticket opens nothing any more."""
    keys = ticket.keys()
    row.ticket_fingerprint = keys.fingerprint()
    row.opening_key, row.signing_key = keys.opening, keys.signing
    row.check_code = keys.check_code()
    row.person_confirmed_at = None
