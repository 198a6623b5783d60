"""What the audit trail says of accounts before a moment: which state it left them in, and what the systems held.

It stands beside the history of accounts and is chained and sealed, so the two are compared: whoever changed one of them
is noticed by the other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.store.tables import AuditRow

_S = AccountState
_LEAVES: Mapping[str, frozenset[AccountState]] = {
    "account-approved": frozenset({_S.PENDING_ACTIVATION, _S.ACTIVE}),
    "account-suspended": frozenset({_S.SUSPENDED}),
    "account-reactivated": frozenset({_S.PENDING_ACTIVATION, _S.ACTIVE, _S.LOCKED}),
    "account-revoked": frozenset({_S.REVOKED}),
    "account-expired": frozenset({_S.EXPIRED}),
    "account-locked": frozenset({_S.LOCKED}),
    "password-reset-asked": frozenset({_S.PENDING_ACTIVATION}),
}
"""The states that an event may leave behind."""
_OPENING = {"password-changed", "envelope-opened"}
"""By these an account becomes active, if it waited for that. (The second: where no system shows a first change.)"""
_THERE, _CLOSED, _DELETED = "open", "closed", "deleted"
_IN_TARGET = {
    "account-created-in-target": _THERE,
    "account-adopted-in-target": _THERE,
    "account-restored-in-target": _CLOSED,
    "account-reactivated-in-target": _THERE,
    "account-disabled-in-target": _CLOSED,
    "account-deleted-in-target": _DELETED,
}
_BY_CARD = {
    "create": _THERE,
    "resume": _THERE,
    "reset": _THERE,
    "suspend": _CLOSED,
    "revoke": _CLOSED,
    "delete": _DELETED,
}
_KINDS = (*_LEAVES, *_OPENING, *_IN_TARGET, "card-done")


@dataclass
class TrailFacts:
    """One account."""

    seq: int = 0
    """The event that decided its state; 0: the trail knows none."""
    allowed: frozenset[AccountState] = frozenset()
    """The states it can have been in."""
    systems: dict[str, str] = field(default_factory=dict)
    """By system: ``open``, ``closed`` or ``deleted``, as it was confirmed there."""

    def take(self, seq: int, kind: str, fields: str) -> None:
        """The next event; ``fields`` as they are stored."""
        if kind in _LEAVES:
            self.seq, self.allowed = seq, _LEAVES[kind]
        elif kind == "password-changed" and self.allowed & OPEN:
            self.seq, self.allowed = seq, frozenset({_S.ACTIVE})
        elif kind == "envelope-opened" and self.allowed & OPEN:
            self.allowed |= {_S.ACTIVE}
        elif kind in _IN_TARGET:
            self.systems[json.loads(fields)["target"]] = _IN_TARGET[kind]
        elif kind == "card-done":
            told = json.loads(fields)
            if told["task"] in _BY_CARD:
                self.systems[told["target"]] = _BY_CARD[told["task"]]


def facts_before(session: Session, account_ids: Iterable[str], end: datetime) -> dict[str, TrailFacts]:
    """By account. Reads the events of these accounts and of no other: hand in some hundreds at a time."""
    found = {each: TrailFacts() for each in account_ids}
    # Written so that no database takes the index by kind: it would read those of every account for each hundred.
    known = AuditRow.kind.concat("").in_(_KINDS)
    asked = select(AuditRow.account_id, AuditRow.seq, AuditRow.kind, AuditRow.fields).where(
        AuditRow.account_id.in_(found), known, AuditRow.at < end
    )
    for account_id, seq, kind, fields in session.execute(asked.order_by(AuditRow.account_id, AuditRow.seq)):
        if account_id is not None:
            found[account_id].take(seq, kind, fields)
    return found
