"""One person, one account: whether the person of a request has one already, or another request on its way."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.errors import Conflict
from provisioner.request import OPEN
from provisioner.store.locking import alone
from provisioner.store.tables import AccountRow, RequestRow


def refuse_duplicate(session: Session, request: RequestRow) -> None:
    """Until the unit of work ends nobody else asks this about the same person.

    :raises Conflict: ``person-has-account`` or ``person-has-request``, for the office's eyes only.
    """
    if request.person_key is not None:
        alone(session, "person", request.person_key)
    account = other_account(session, request)
    if account is not None:
        raise Conflict("person-has-account", username=account.username, account=account.id)
    other = other_request(session, request)
    if other is not None:
        raise Conflict("person-has-request", number=other.number, request=other.id)


def other_account(session: Session, request: RequestRow) -> AccountRow | None:
    """A live account of the same person that did not come of this request."""
    if request.person_key is None:
        return None
    return session.scalars(
        select(AccountRow).where(
            AccountRow.person_key == request.person_key,
            AccountRow.state != "revoked",
            AccountRow.request_id != request.id,
        )
    ).first()


def other_request(session: Session, request: RequestRow) -> RequestRow | None:
    """Another request of the same person that was sent and is not over."""
    if request.person_key is None:
        return None
    return session.scalars(
        select(RequestRow).where(
            RequestRow.person_key == request.person_key,
            RequestRow.id != request.id,
            RequestRow.state.in_([state.value for state in OPEN]),
            RequestRow.number.is_not(None),
        )
    ).first()
