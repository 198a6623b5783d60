"""Operators change their password.

The sign-in target is the commit point of every change. The verifiers for the others are persisted before as a pending
generation; whoever finds one undecided (a crash came in between) decides it by the password that signs in next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.connector import ConnectorError, InDoubt, Outcome, PermissionDenied, PolicyViolation
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.own_password import Begun, Forms, OwnPasswords
from provisioner.errors import AuthenticationFailed, InvalidInput, NotFound, WrongState
from provisioner.password_policy import PasswordPolicy, Rule
from provisioner.provisioning.context import Context
from provisioner.provisioning.password_following import Laggard, PasswordFollowing
from provisioner.provisioning.password_settling import PasswordSettling
from provisioner.provisioning.sign_in_target import SignInTarget
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.restoration import refuse_while_held
from provisioner.store.tables import AccountRow


@dataclass(frozen=True)
class Changed:
    """A change of password that the sign-in target has taken."""

    first: bool
    """It was the initial one."""
    behind: tuple[str, ...]
    """Labels of systems that get it a little later."""
    unreached: tuple[str, ...] = ()
    """Labels of systems that take clear text only and could not be reached: they get it at a later sign-in."""
    refused: tuple[str, ...] = ()
    """Labels of systems that take clear text only and whose own rules do not allow it."""


class Passwords:
    """The change of a password, by its operator."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        target: SignInTarget,
        own: OwnPasswords,
        policy: PasswordPolicy,
        throttle: Throttle,
        settling: PasswordSettling,
        following: PasswordFollowing,
    ) -> None:
        self._context = context
        self._targets = targets
        self._target = target
        self._own = own
        self._policy = policy
        self._throttle = throttle
        self._settling = settling
        self._following = following

    def rules(self) -> list[Rule]:
        """What the page says before typing."""
        return self._policy.rules()

    def violations(self, account_id: str, new: str, old: str) -> list[str]:
        """What our own rules say against ``new`` for this operator: codes of :class:`PasswordPolicy`. Changes nothing.

        :raises WrongState: ``account-not-open``.
        """
        with self._context.store.read() as session:
            account = self._open_account(session, account_id)
            return self._policy.violations(new, username=account.username, full_name=account.full_name, old=old)

    def change(
        self, account_id: str, old: str, new: str, address: str = "", device: str = "", here: str = ""
    ) -> Changed:
        """Change at the sign-in target on the operator's own connection, then everywhere else. ``here``: the id of
        the operator's session.

        :raises InvalidInput: field ``new`` with the codes of :class:`PasswordPolicy` or a target's rule.
        :raises AuthenticationFailed: ``old-password-wrong``.
        :raises LockedOut: too many failures.
        :raises WrongState: ``account-not-open``, ``password-being-reset``, ``sign-in-unavailable``,
            ``password-change-in-doubt`` (sign in again: that decides), ``restore-held``.
        """
        with self._context.store.read() as session:
            # Which generations the systems have is not known again yet: this one's number may be an older one's.
            refuse_while_held(session)
            account = self._open_account(session, account_id)
            username, full_name = account.username, account.full_name
            undecided = self._own.is_pending(account)
        self._throttle.refuse_locked(OPERATOR_SIGN_IN, username)
        violations = self._policy.violations(new, username=username, full_name=full_name, old=old)
        if violations:
            raise InvalidInput(fields={"new": violations})
        if undecided and self._target.authenticate(username, old).outcome is Outcome.ACCEPTED:
            self._settling.settle(account_id, old, here)
        forms, begun = self._begin(account_id, new)
        self._at_sign_in_target(account_id, username, old, new, address)
        first, behind, laggards = self._finish(account_id, forms, begun, address, device)
        following = self._following.carry(laggards, account_id, new)
        return Changed(first, behind, self._labels(following.unreached), self._labels(following.refused))

    def _open_account(self, session: Session, account_id: str) -> AccountRow:
        account = session.get(AccountRow, account_id)
        if account is None:
            raise NotFound("account-unknown")
        if AccountState(account.state) not in OPEN:
            raise WrongState("account-not-open", state=account.state)
        return account

    def _begin(self, account_id: str, new: str) -> tuple[Forms, Begun]:
        with self._context.store.read() as session:
            forms = self._own.forms(session.get_one(AccountRow, account_id), new)
        with self._context.store.begin() as session:
            account = self._open_account(session, account_id)
            if self._own.being_reset(account):
                raise WrongState("password-being-reset")
            self._own.drop(account)
            return forms, self._own.begin(account, forms, self._context.clock())

    def _at_sign_in_target(self, account_id: str, username: str, old: str, new: str, address: str) -> None:
        try:
            self._target.change_password(username, old, new)
        except InDoubt:
            raise WrongState("password-change-in-doubt") from None
        except PermissionDenied:
            self._dropped(account_id)
            self._target.failed(username, account_id, address, Outcome.REJECTED)
            raise AuthenticationFailed("old-password-wrong") from None
        except PolicyViolation as refusal:
            self._dropped(account_id)
            raise InvalidInput(fields={"new": [refusal.rule]}) from None
        except ConnectorError:
            self._dropped(account_id)
            raise WrongState("sign-in-unavailable") from None

    def _dropped(self, account_id: str) -> None:
        with self._context.store.begin() as session:
            self._own.drop(session.get_one(AccountRow, account_id, with_for_update=True))

    def _finish(
        self, account_id: str, forms: Forms, begun: Begun, address: str, device: str
    ) -> tuple[bool, tuple[str, ...], Sequence[Laggard]]:
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            first = account.password_changed_at is None
            kept = self._own.commit(session, account, forms, self._context.clock(), begun)
            if kept:
                self._settling.record(session, account, address, device)
            laggards = self._following.begin(account) if kept else []
            others = [each for each in self._own.behind(account) if each not in self._targets.clear_text]
        if not kept:
            raise WrongState("password-being-reset")
        return first, self._labels(others), laggards

    def _labels(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._targets.label(each) for each in names)
