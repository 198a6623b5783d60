"""What every decision about an account does to it: the state, the version, the systems to follow, the passwords."""

from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState, after
from provisioner.audit import Subjects
from provisioner.convergence.worklist import due_now, lock_account
from provisioner.credential.generation import supersede_all
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow

LONGEST_NOTE = 2000


class AccountChanges:
    """Inside the caller's unit of work."""

    def __init__(self, context: Context, wakeup: WakeUp) -> None:
        self._context = context
        self._wakeup = wakeup

    def find(self, session: Session, account_id: str) -> AccountRow:
        """The account, locked. :raises NotFound: ``account-unknown``."""
        lock_account(session, account_id)
        account = session.get(AccountRow, account_id, with_for_update=True)
        if account is None:
            raise NotFound("account-unknown")
        return account

    def enter(self, account: AccountRow, act: AccountAct, reason: str = "", note: str = "") -> None:
        """The state that follows. :raises WrongState: ``account-wrong-state``."""
        account.state = after(AccountState(account.state), act)
        account.state_at = self._context.clock()
        account.state_reason, account.state_note = reason, note[:LONGEST_NOTE]

    def follow(self, session: Session, account: AccountRow) -> None:
        """Every system is to follow, at once."""
        account.desired_version += 1
        for link in account.links:
            due_now(link, account.desired_version, self._context.clock())
        self._wakeup.after_commit(session)

    def void_passwords(self, account: AccountRow) -> None:
        """Nothing that lies sealed, is shown or is undecided counts any more; nothing is issued."""
        for credential in account.credentials:
            credential.wanted = False
            supersede_all(credential.generations)


def subjects(account: AccountRow) -> Subjects:
    """What an audit event about an account is about."""
    return Subjects(request=account.request_id, account=account.id)
