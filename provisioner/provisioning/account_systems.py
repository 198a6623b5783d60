"""What officials decide about one system of an account: another name, doing without it, trying again."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.connector import AccountExists
from provisioner.convergence.readiness import Readiness
from provisioner.convergence.worklist import FAILED, LEFT_OUT, due_now, lock_accounts
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import NotFound, WrongState
from provisioner.provisioning.account_changes import LONGEST_NOTE, AccountChanges, subjects
from provisioner.provisioning.context import Context
from provisioner.provisioning.handover import Handover
from provisioner.provisioning.lifecycle import reserve
from provisioner.store.tables import LinkRow, RequestRow, TargetHealthRow
from provisioner.username import UsernamePolicy

DECIDERS = ("it", "adb", "section_head")


class AccountSystems:
    """Use cases. Methods raise NotAllowed, and NotFound ``account-unknown`` or ``link-unknown``."""

    def __init__(
        self,
        context: Context,
        changes: AccountChanges,
        usernames: UsernamePolicy,
        handover: Handover,
        readiness: Readiness,
        wakeup: WakeUp,
    ) -> None:
        self._context = context
        self._changes = changes
        self._usernames = usernames
        self._handover = handover
        self._readiness = readiness
        self._wakeup = wakeup

    def rename(self, actor: Actor, account_id: str, username: str) -> None:
        """Another user name in every system, where a stranger has the one that was chosen.

        :raises InvalidInput: field ``username``: not a name of this office and its systems.
        :raises Conflict: ``username-taken``.
        :raises WrongState: ``link-not-failed``: no stranger has the name.
        """
        capacity = actor.require("section_head")
        username = self._usernames.accept(username, taken=lambda _: False)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            if AccountState(account.state) is AccountState.REVOKED:
                raise WrongState("account-wrong-state", state=account.state, act="rename")
            if not any(link.state == FAILED and link.error == AccountExists.__name__ for link in account.links):
                raise WrongState("link-not-failed")
            reserve(session, account.request_id, username, self._context.clock())
            account.username = username
            session.get_one(RequestRow, account.request_id).username = username
            self._changes.follow(session, account)
            self._context.trail.record(
                session,
                "account-changed",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                changed=["username"],
                version=account.desired_version,
                username=username,
            )

    def leave_out(self, actor: Actor, link_id: str, reason: str = "") -> None:
        """Do without one system, where a stranger has the name there.

        :raises WrongState: ``link-not-failed``: something is there already, or is being made.
        """
        capacity = actor.require("section_head")
        with self._context.store.begin() as session:
            link = self._link(session, link_id)
            if link.state != FAILED or link.applied_version:
                raise WrongState("link-not-failed")
            link.state, link.next_try_at = LEFT_OUT, None
            account, request = link.account, session.get_one(RequestRow, link.account.request_id)
            session.flush()
            self._readiness.look_again(session, account)
            self._handover.look_again(session, account)
            self._context.trail.record(
                session,
                "target-left-out",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                letter_number=request.letter.number,
                target=link.target,
                applicant_name=account.display_name,
                reason=reason[:LONGEST_NOTE] or None,
            )

    def retry_now(self, actor: Actor, link_id: str) -> None:
        """Try a system again at once; its rest after failures ends.

        :raises NotFound: ``link-unknown``.
        """
        capacity = actor.require(*DECIDERS)
        with self._context.store.begin() as session:
            link = self._link(session, link_id)
            health = session.get(TargetHealthRow, link.target)
            if health is not None:
                health.rests_until = None
            due_now(link, link.account.desired_version, self._context.clock())
            self._wakeup.after_commit(session)
            self._context.trail.record(
                session,
                "retry-asked",
                actor=actor.in_trail(capacity),
                subjects=subjects(link.account),
                target=link.target,
                version=link.desired_version,
                username=link.account.username,
            )

    def _link(self, session: Session, link_id: str) -> LinkRow:
        lock_accounts(session, select(LinkRow.account_id).where(LinkRow.id == link_id))
        link = session.get(LinkRow, link_id, with_for_update=True)
        if link is None:
            raise NotFound("link-unknown")
        return link
