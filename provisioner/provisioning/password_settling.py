"""What a sign-in tells of the password itself: which of two it is after a crash, or that it was changed elsewhere."""

from datetime import timedelta

from sqlalchemy.orm import Session

from provisioner.audit import Actor, Subjects
from provisioner.convergence.readiness import living
from provisioner.credential.own_password import OwnPasswords
from provisioner.dispatch.wakeup import WakeUp
from provisioner.provisioning.context import Context
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.sign_in_target import SignInTarget
from provisioner.store.tables import AccountRow

_SAME_MOMENT = timedelta(seconds=5)
"""Targets tell moments to the second: what they say is not noted so soon after a change, when another one could follow
within that second."""


class PasswordSettling:
    """Decides undecided changes, takes over those made elsewhere, and writes changes down."""

    def __init__(
        self, context: Context, target: SignInTarget, own: OwnPasswords, sessions: Sessions, wakeup: WakeUp
    ) -> None:
        self._context = context
        self._target = target
        self._own = own
        self._sessions = sessions
        self._wakeup = wakeup

    def settle(self, account_id: str, password: str, here: str = "", password_set: str = "") -> str | None:
        """``password`` was just accepted by the sign-in target without further demands: decide an undecided change by
        it, and carry a change that was made elsewhere to the other targets. Sessions of the former password end, except
        the one with the id ``here``.

        ``password_set``: when it was set, as the target says. Where that was noted with the password we know, it is
        still that one, and nothing is hashed to tell. Gives what is to be noted now; None: what is noted already.
        """
        with self._context.store.read() as session:
            account = session.get_one(AccountRow, account_id)
            decided = self._own.is_pending(account) and self._own.is_pending_one(account, password)
            elsewhere = not decided and self._changed_elsewhere(account, password, password_set)
            stale = not decided and self._own.is_pending(account)
            forms = self._own.forms(account, password) if elsewhere else {}
        if not (decided or elsewhere or stale):
            return self._to_note(account, password_set)
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            if decided and not self._own.is_pending(account):
                return None  # Another sign-in has decided it at the same moment.
            if not decided:
                self._own.drop(account)
            if (decided or elsewhere) and self._own.commit(session, account, forms, self._context.clock()):
                self._sessions.end_all(session, "operator", account_id, but=here)
                if decided:
                    self.record(session, account)
                else:
                    self._record_elsewhere(session, account)
        return None

    def record(self, session: Session, account: AccountRow, address: str = "", device: str = "") -> None:
        """The operator has chosen a password here, and the sign-in target has it."""
        targets = [link.target for each in account.credentials for link in living(each)]
        self._context.trail.record(
            session,
            "password-changed",
            actor=Actor.operator(account.id, name=account.display_name),
            subjects=Subjects(request=account.request_id, account=account.id),
            place=self._target.name,
            targets=targets,
            username=account.username,
            address=address,
            device=device,
        )
        self._wakeup.after_commit(session)

    def _record_elsewhere(self, session: Session, account: AccountRow) -> None:
        self._context.trail.record(
            session,
            "password-changed-elsewhere",
            actor=Actor.operator(account.id, name=account.display_name),
            subjects=Subjects(request=account.request_id, account=account.id),
            target=self._target.name,
            username=account.username,
        )
        self._wakeup.after_commit(session)

    def _to_note(self, account: AccountRow, password_set: str) -> str | None:
        chosen_at = account.password_changed_at
        settled = chosen_at is not None and self._context.clock() - chosen_at > _SAME_MOMENT
        return password_set if settled and password_set and password_set != account.password_set else None

    def _changed_elsewhere(self, account: AccountRow, password: str, password_set: str) -> bool:
        if account.password_changed_at is None:
            # Accepted without the demand to change: the initial password was changed by other means.
            return not self._own.being_reset(account)
        noted = bool(password_set) and password_set == account.password_set
        return not (noted or self._own.is_known(account, password)) or self._own.waiting_for_password(account)
