"""Who has the same staff number (NIP, NI PPPK) as an applicant, but is another person by the NIK: probably one of these
numbers is wrong, or somebody applies a second time under another NIK.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.request import OPEN
from provisioner.store.tables import AccountRow, RequestRow


@dataclass(frozen=True)
class KnownPerson:
    """Somebody the office has an account or an open request of. ``kind``: ``account`` or ``request``."""

    kind: str
    id: str
    name: str
    """User name of the account, or number of the request."""
    display_name: str


def other_with_staff_number(session: Session, request: RequestRow) -> KnownPerson | None:
    """The other person, as long as something is still to be decided on ``request``. An account counts whatever became
    of it. For the office's eyes only.
    """
    if request.staff_key is None or request.person_key is None or request.state not in OPEN:
        return None
    account = session.scalars(
        select(AccountRow)
        .where(AccountRow.staff_key == request.staff_key, AccountRow.person_key != request.person_key)
        .order_by(AccountRow.created_at.desc())
        .limit(1)
    ).one_or_none()
    if account is not None:
        return KnownPerson("account", account.id, account.username, account.display_name)
    other = session.scalars(
        select(RequestRow)
        .where(
            RequestRow.staff_key == request.staff_key,
            RequestRow.person_key != request.person_key,
            RequestRow.id != request.id,
            RequestRow.number.is_not(None),
            RequestRow.state.in_([each.value for each in OPEN]),
        )
        .order_by(RequestRow.submitted_at.desc())
        .limit(1)
    ).one_or_none()
    return KnownPerson("request", other.id, other.number or "", other.display_name) if other is not None else None
