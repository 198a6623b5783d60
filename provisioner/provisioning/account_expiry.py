"""What time does to accounts: their last day passes, and revoked ones leave the systems. Periodic."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState
from provisioner.audit import Actor
from provisioner.provisioning.account_changes import AccountChanges, subjects
from provisioner.provisioning.context import Context
from provisioner.provisioning.sessions import Sessions
from provisioner.store.tables import AccountRow, LinkRow


class AccountExpiry:
    """Looks for accounts whose time is over. A second look does nothing."""

    def __init__(self, context: Context, changes: AccountChanges, sessions: Sessions) -> None:
        self._context = context
        self._changes = changes
        self._sessions = sessions

    def expire(self) -> None:
        """Accounts whose last day is over expire."""
        today = self._context.today()
        over = (AccountState.PENDING_ACTIVATION, AccountState.ACTIVE, AccountState.LOCKED)
        ids = select(AccountRow.id).where(AccountRow.valid_until < today, AccountRow.state.in_(over)).limit(200)
        self._one_by_one(ids, lambda session, account: self._expire(session, account, today))

    def delete_quarantined(self) -> None:
        """Revoked accounts whose quarantine is over are deleted in the systems."""
        now = self._context.clock()
        ids = (
            select(AccountRow.id)
            .join(LinkRow, LinkRow.account_id == AccountRow.id)
            .where(
                AccountRow.state == AccountState.REVOKED,
                AccountRow.delete_after <= now,
                LinkRow.state == "done",
            )
            .distinct()
            .limit(200)
        )
        self._one_by_one(ids, lambda session, account: self._changes.follow(session, account))

    def _one_by_one(self, ids: Select[str], act: Callable[[Session, AccountRow], None]) -> None:
        with self._context.store.read() as session:
            found = session.scalars(ids).all()
        for account_id in found:
            with self._context.store.begin() as session:
                act(session, self._changes.find(session, account_id))

    def _expire(self, session: Session, account: AccountRow, today: date) -> None:
        if account.valid_until is None or account.valid_until >= today:
            return
        self._changes.enter(account, AccountAct.EXPIRE, "", "")
        self._changes.follow(session, account)
        self._sessions.end_all(session, "operator", account.id)
        self._context.trail.record(
            session,
            "account-expired",
            actor=Actor.system(),
            subjects=subjects(account),
            version=account.desired_version,
            valid_until=account.valid_until,
            username=account.username,
        )
