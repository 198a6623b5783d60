"""Operators sign in with the password of the sign-in target."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, Subjects
from provisioner.connector import Authentication, Outcome
from provisioner.provisioning.context import Context
from provisioner.provisioning.help_cards import HelpCards, Overtaken
from provisioner.provisioning.password_following import PasswordFollowing
from provisioner.provisioning.password_settling import PasswordSettling
from provisioner.provisioning.sign_in_target import SignInTarget
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.store.tables import AccountRow
from provisioner.verifier import Verifiers


@dataclass(frozen=True)
class SignIn:
    """Somebody is who they say."""

    account_id: str
    username: str
    must_change: bool
    """Nothing but changing the password is allowed."""


Begin = Callable[[Session, SignIn], object]
"""Starts a session."""


def _no_session(_session: Session, _found: SignIn) -> None:
    return None


class OperatorSignIn:
    """Tries a name and a password. What is decided about the account meanwhile counts."""

    def __init__(
        self,
        context: Context,
        target: SignInTarget,
        settling: PasswordSettling,
        throttle: Throttle,
        verifiers: Verifiers,
        help_cards: HelpCards,
        following: PasswordFollowing,
    ) -> None:
        self._context = context
        self._target = target
        self._settling = settling
        self._throttle = throttle
        self._verifiers = verifiers
        self._help_cards = help_cards
        self._following = following

    def sign_in(
        self, username: str, password: str, address: str = "", device: str = "", begin: Begin = _no_session
    ) -> SignIn:
        """``begin`` starts the session, in the unit of work that makes sure that the account is still open.

        :raises AuthenticationFailed: always the same, whatever was wrong.
        :raises LockedOut: too many failures under this name, whether or not it exists.
        :raises WrongState: ``sign-in-unavailable``.
        """
        username = username.strip()[:100]
        self._throttle.refuse_locked(OPERATOR_SIGN_IN, username)
        known = self._known(username)
        account_id = known.id if known is not None else None
        tried = self._tried(known, password)
        outcome = tried.outcome
        if account_id is None or outcome not in (Outcome.ACCEPTED, Outcome.MUST_CHANGE):
            raise self._target.failed(username, account_id, address, outcome)
        with self._context.store.read() as session:
            allowed = self._target.may_sign_in(session.get_one(AccountRow, account_id))
        noted = None
        if allowed and outcome is Outcome.ACCEPTED:
            noted = self._settling.settle(account_id, password, password_set=tried.password_set)
        must_change = outcome is Outcome.MUST_CHANGE
        found = self._signed_in(account_id, must_change, address, device, begin, noted) if allowed else None
        if found is None:
            raise self._target.failed(username, account_id, address, outcome)
        if outcome is Outcome.ACCEPTED:
            self._following.catch_up(account_id, password)
        return found

    def _known(self, username: str) -> AccountRow | None:
        with self._context.store.read() as session:
            named = select(AccountRow).where(func.lower(AccountRow.username) == username.lower())
            return session.scalars(named).one_or_none()

    def _tried(self, known: AccountRow | None, password: str) -> Authentication:
        """Only names of open accounts are tried at the target: others there are none of ours, and might be locked out
        by what somebody types here. For them the same kind of work is done.
        """
        self._target.connector()
        if known is not None and AccountState(known.state) in OPEN:
            return self._target.authenticate(known.username, password)
        self._verifiers.matches(None, password)
        return Authentication(Outcome.REJECTED)

    def _signed_in(
        self, account_id: str, must_change: bool, address: str, device: str, begin: Begin, password_set: str | None
    ) -> SignIn | None:
        """None: the account was closed or reset since the password was tried."""
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            if not self._target.may_sign_in(account):
                return None
            account.last_sign_in_at = self._context.clock()
            if password_set is not None:
                account.password_set = password_set
            self._throttle.clear(session, OPERATOR_SIGN_IN, account.username)
            # Who forgot the password may be somebody else than who knows it: that card stays.
            self._help_cards.overtaken(session, account, Overtaken.SIGNED_IN, ("locked",))
            self._context.trail.record(
                session,
                "operator-signed-in",
                actor=Actor.operator(account.id, name=account.display_name),
                subjects=Subjects(request=account.request_id, account=account.id),
                target=self._target.name,
                must_change=must_change,
                username=account.username,
                address=address,
                device=device,
            )
            found = SignIn(account.id, account.username, must_change)
            begin(session, found)
            return found
