"""Erasing personal values of the audit trail when the days are over that the office has set. Off unless it has."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from provisioner.account import AccountState
from provisioner.audit import Actor
from provisioner.audit.erasure import erase_before
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, AuditRow, RequestRow

_AT_ONCE = 500


class Forgetting:
    """A duty of every day. What it erases is recorded by number; the chain stays whole."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._done_on: date | None = None

    def erase_old(self) -> None:
        """Erase a batch of what is due; once nothing is, rest until the next day.

        From events older than ``audit.personal_days``: network addresses and devices always; names and texts where
        neither a living account nor an open request needs them any more.
        """
        days, today = self._context.settings.audit.personal_days, self._context.today()
        if days is None or self._done_on == today:
            return
        before = self._context.clock() - timedelta(days=days)
        with self._context.store.begin() as session:
            count = erase_before(session, before, _concerns_nobody_now(), _AT_ONCE)
            if count:
                self._context.trail.record(
                    session,
                    "personal-data-erased",
                    actor=Actor.system(),
                    count=count,
                    reason_code="retention",
                    until=before,
                )
        if count < _AT_ONCE:
            self._done_on = today


def _concerns_nobody_now() -> ColumnElement[bool]:
    """The event is about no account that is not revoked, and about no request that is open or has such an account."""
    living = select(AccountRow.id).where(AccountRow.state != AccountState.REVOKED)
    needed = or_(RequestRow.finished_at.is_(None), RequestRow.account_id.in_(living))
    requests, letters = (select(column).where(needed) for column in (RequestRow.id, RequestRow.letter_id))
    return and_(
        or_(AuditRow.account_id.is_(None), AuditRow.account_id.not_in(living)),
        or_(AuditRow.request_id.is_(None), AuditRow.request_id.not_in(requests)),
        or_(AuditRow.letter_id.is_(None), AuditRow.letter_id.not_in(letters)),
    )
