"""The sign-in target: it alone says whether an operator's password is right."""

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, Subjects
from provisioner.connector import Authenticates, Authentication, ConnectorError, InvalidAttribute, Outcome
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.own_password import OwnPasswords
from provisioner.errors import AuthenticationFailed, WrongState
from provisioner.provisioning.context import Context
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.store.tables import AccountRow


class SignInTarget:
    """Asks it, and counts what it refused."""

    def __init__(self, context: Context, targets: TargetSet, own: OwnPasswords, throttle: Throttle) -> None:
        self._context = context
        self._targets = targets
        self._own = own
        self._throttle = throttle

    @property
    def name(self) -> str:
        """Its name in the settings; empty where operators cannot sign in here."""
        return self._targets.sign_in.name if self._targets.sign_in is not None else ""

    def connector(self) -> Authenticates:
        """:raises WrongState: ``sign-in-unavailable``: there is none."""
        connector: object = self._targets.sign_in.connector if self._targets.sign_in is not None else None
        if not isinstance(connector, Authenticates):
            raise WrongState("sign-in-unavailable")
        return connector

    def authenticate(self, username: str, password: str) -> Authentication:
        """:raises WrongState: ``sign-in-unavailable``."""
        try:
            connector = self.connector()
            with self._targets.calling(self.name, "authenticate"):
                return connector.authenticate(username, password)
        except InvalidAttribute:
            return Authentication(Outcome.REJECTED)
        except ConnectorError:
            raise WrongState("sign-in-unavailable") from None

    def change_password(self, username: str, old: str, new: str) -> None:
        """The user's own change, on the user's own connection.

        :raises WrongState: ``sign-in-unavailable``: there is no such target. :raises ConnectorError: it refused.
        """
        connector = self.connector()
        with self._targets.calling(self.name, "change_password"):
            connector.change_password(username, old, new)

    def may_sign_in(self, account: AccountRow) -> bool:
        """Whether the account itself lets anybody in now, whatever the target says."""
        return AccountState(account.state) in OPEN and not self._own.being_reset(account)

    def failed(self, username: str, account_id: str | None, address: str, outcome: Outcome) -> AuthenticationFailed:
        """Count and record a failure; gives the answer, always the same. ``account_id`` None: no name of ours."""
        with self._context.store.begin() as session:
            locked = self._throttle.failed(session, OPERATOR_SIGN_IN, username)
            subjects = Subjects(account=account_id)
            actor = Actor.operator(account_id) if account_id is not None else Actor.visitor()
            # What is no name of ours may be anything, even a password in the wrong field.
            typed = username if account_id is not None else None
            self._context.trail.record(
                session,
                "operator-sign-in-failed",
                actor=actor,
                subjects=subjects,
                code=outcome.value,
                target=self.name,
                username=typed,
                address=address,
            )
            if locked:
                self._context.trail.record(
                    session,
                    "operator-locked-out",
                    actor=actor,
                    subjects=subjects,
                    target=self.name,
                    username=typed,
                    address=address,
                )
        return AuthenticationFailed("sign-in-failed")
