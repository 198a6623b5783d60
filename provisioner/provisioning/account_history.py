"""Writes down what an account became, in the very unit of work that changed it, whoever changed it."""

from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from provisioner.clock import Clock
from provisioner.store.tables import AccountHistoryRow, AccountRow

KEPT = (
    "username",
    "full_name",
    "display_name",
    "role",
    "region",
    "org_unit",
    "valid_until",
    "pact_id",
    "state",
    "state_reason",
    "state_at",
)
"""What an inspector asks about. Versions, sign-ins and the like come and go without a row."""


class AccountHistory:
    """Called by the store after every flush: no use case has to think of it, so none can forget it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def note(self, session: Session) -> None:
        """Add a row for every account that was made or changed."""
        made = [each for each in session.new if isinstance(each, AccountRow)]
        changed = [each for each in session.dirty if isinstance(each, AccountRow) and _differs(each)]
        rows = [self._row(each) for each in (*made, *changed)]
        if rows:
            session.connection().execute(insert(AccountHistoryRow), rows)

    def _row(self, account: AccountRow) -> dict[str, Any]:
        kept = {name: getattr(account, name) for name in KEPT}
        return {**kept, "account_id": account.id, "at": self._clock(), "rebuilt": False}


def _differs(account: AccountRow) -> bool:
    attributes = inspect(account).attrs
    return any(attributes[name].history.has_changes() for name in KEPT)
