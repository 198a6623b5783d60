"""Operators sign in with, and change, the password of the sign-in target.

That target is the commit point of every change. The verifiers for the others are persisted before as a pending
generation; whoever finds one undecided (a crash came in between) decides it by the password that signs in next.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, Subjects
from provisioner.connector import (
    AsksPeople,
    Authenticates,
    ConnectorError,
    InDoubt,
    InvalidAttribute,
    Outcome,
    PermissionDenied,
    PolicyViolation,
)
from provisioner.convergence.readiness import living
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.own_password import Begun, Forms, OwnPasswords
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut, NotFound, WrongState
from provisioner.password_policy import PasswordPolicy, Rule
from provisioner.provisioning.context import Context
from provisioner.provisioning.help_cards import HelpCards, Overtaken
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.store.tables import AccountRow, LinkRow
from provisioner.verifier import Verifiers

_ELSEWHERE = "elsewhere"


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


@dataclass(frozen=True)
class Changed:
    """A change of password that the sign-in target has taken."""

    first: bool
    """It was the initial one."""
    behind: tuple[str, ...]
    """Labels of systems that get it a little later."""


@dataclass(frozen=True)
class Place:
    """A system the operator has an account in. ``state``: ``done``, ``waiting``, ``there`` (to be changed there),
    ``failed``."""

    target: str
    label: str
    state: str
    hint: str = ""


class Passwords:
    """Use cases of operators."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        own: OwnPasswords,
        policy: PasswordPolicy,
        throttle: Throttle,
        sessions: Sessions,
        verifiers: Verifiers,
        wakeup: WakeUp,
        help_cards: HelpCards,
    ) -> None:
        self._context = context
        self._targets = targets
        self._own = own
        self._policy = policy
        self._throttle = throttle
        self._sessions = sessions
        self._verifiers = verifiers
        self._wakeup = wakeup
        self._help_cards = help_cards

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
        outcome = self._outcome(known, password)
        if account_id is None or outcome not in (Outcome.ACCEPTED, Outcome.MUST_CHANGE):
            raise self._failed(username, account_id, address, outcome)
        with self._context.store.read() as session:
            allowed = self._may_sign_in(session.get_one(AccountRow, account_id))
        if allowed and outcome is Outcome.ACCEPTED:
            self.settle(account_id, password)
        found = self._signed_in(account_id, outcome is Outcome.MUST_CHANGE, address, device, begin) if allowed else None
        if found is None:
            raise self._failed(username, account_id, address, outcome)
        return found

    def settle(self, account_id: str, password: str, here: str = "") -> None:
        """``password`` was just accepted by the sign-in target without further demands: decide an undecided change by
        it, and carry a change that was made elsewhere to the other targets. Sessions of the former password end, except
        the one with the id ``here``.
        """
        with self._context.store.read() as session:
            account = session.get_one(AccountRow, account_id)
            decided = self._own.is_pending(account) and self._own.is_pending_one(account, password)
            elsewhere = not decided and self._changed_elsewhere(account, password)
            stale = not decided and self._own.is_pending(account)
            forms = self._own.forms(account, password) if elsewhere else {}
        if not (decided or elsewhere or stale):
            return
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            if decided and not self._own.is_pending(account):
                return  # Another sign-in has decided it at the same moment.
            if not decided:
                self._own.drop(account)
            if (decided or elsewhere) and self._own.commit(session, account, forms, self._context.clock()):
                self._sessions.end_all(session, "operator", account_id, but=here)
                self._note_change(session, account, self._sign_in_name if decided else _ELSEWHERE)

    def change(
        self, account_id: str, old: str, new: str, address: str = "", device: str = "", here: str = ""
    ) -> Changed:
        """Change at the sign-in target on the operator's own connection, then everywhere else. ``here``: the id of
        the operator's session.

        :raises InvalidInput: field ``new`` with the codes of :class:`PasswordPolicy` or a target's rule.
        :raises AuthenticationFailed: ``old-password-wrong``.
        :raises LockedOut: too many failures.
        :raises WrongState: ``account-not-open``, ``password-being-reset``, ``sign-in-unavailable``,
            ``password-change-in-doubt`` (sign in again: that decides).
        """
        with self._context.store.read() as session:
            account = self._open_account(session, account_id)
            username, full_name = account.username, account.full_name
            undecided = self._own.is_pending(account)
        self._throttle.refuse_locked(OPERATOR_SIGN_IN, username)
        violations = self._policy.violations(new, username=username, full_name=full_name, old=old)
        if violations:
            raise InvalidInput(fields={"new": violations})
        if undecided and self._authenticated(username, old) is Outcome.ACCEPTED:
            self.settle(account_id, old, here)
        forms, begun = self._begin(account_id, new)
        self._at_sign_in_target(account_id, username, old, new, address)
        return self._finish(account_id, forms, begun, address, device)

    def places(self, account_id: str) -> tuple[Place, ...]:
        """ "Anda bisa masuk ke: ..."

        :raises NotFound: ``account-unknown``.
        """
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                raise NotFound("account-unknown")
            behind = set(self._own.behind(account))
            return tuple(self._place(link, behind) for link in account.links if link.state not in ("gone", "left-out"))

    @property
    def _sign_in_name(self) -> str:
        return self._targets.sign_in.name if self._targets.sign_in is not None else ""

    def _connector(self) -> Authenticates:
        connector: object = self._targets.sign_in.connector if self._targets.sign_in is not None else None
        if not isinstance(connector, Authenticates):
            raise WrongState("sign-in-unavailable")
        return connector

    def _known(self, username: str) -> AccountRow | None:
        with self._context.store.read() as session:
            named = select(AccountRow).where(func.lower(AccountRow.username) == username.lower())
            return session.scalars(named).one_or_none()

    def _outcome(self, known: AccountRow | None, password: str) -> Outcome:
        """Only names of open accounts are tried at the target: others there are none of ours, and might be locked out
        by what somebody types here. For them the same kind of work is done.
        """
        self._connector()
        if known is not None and AccountState(known.state) in OPEN:
            return self._authenticated(known.username, password)
        self._verifiers.matches(None, password)
        return Outcome.REJECTED

    def _authenticated(self, username: str, password: str) -> Outcome:
        try:
            return self._connector().authenticate(username, password).outcome
        except InvalidAttribute:
            return Outcome.REJECTED
        except ConnectorError:
            raise WrongState("sign-in-unavailable") from None

    def _failed(
        self, username: str, account_id: str | None, address: str, outcome: Outcome
    ) -> AuthenticationFailed | LockedOut:
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
                target=self._sign_in_name,
                username=typed,
                address=address,
            )
            if locked:
                self._context.trail.record(
                    session,
                    "operator-locked-out",
                    actor=actor,
                    subjects=subjects,
                    target=self._sign_in_name,
                    username=typed,
                    address=address,
                )
        return AuthenticationFailed("sign-in-failed")

    def _may_sign_in(self, account: AccountRow) -> bool:
        return AccountState(account.state) in OPEN and not self._own.being_reset(account)

    def _signed_in(
        self, account_id: str, must_change: bool, address: str, device: str, begin: Begin = _no_session
    ) -> SignIn | None:
        """None: the account was closed or reset since the password was tried."""
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            if not self._may_sign_in(account):
                return None
            account.last_sign_in_at = self._context.clock()
            self._throttle.clear(session, OPERATOR_SIGN_IN, account.username)
            # Who forgot the password may be somebody else than who knows it: that card stays.
            self._help_cards.overtaken(session, account, Overtaken.SIGNED_IN, ("locked",))
            self._context.trail.record(
                session,
                "operator-signed-in",
                actor=Actor.operator(account.id, name=account.display_name),
                subjects=Subjects(request=account.request_id, account=account.id),
                target=self._sign_in_name,
                must_change=must_change,
                username=account.username,
                address=address,
                device=device,
            )
            found = SignIn(account.id, account.username, must_change)
            begin(session, found)
            return found

    def _changed_elsewhere(self, account: AccountRow, password: str) -> bool:
        if account.password_changed_at is None:
            # Accepted without the demand to change: the initial password was changed by other means.
            return not any(credential.wanted for credential in account.credentials)
        return not self._own.is_known(account, password) or self._own.waiting_for_password(account)

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
            self._connector().change_password(username, old, new)
        except InDoubt:
            raise WrongState("password-change-in-doubt") from None
        except PermissionDenied:
            self._dropped(account_id)
            self._failed(username, account_id, address, Outcome.REJECTED)
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

    def _finish(self, account_id: str, forms: Forms, begun: Begun, address: str, device: str) -> Changed:
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            first = account.password_changed_at is None
            kept = self._own.commit(session, account, forms, self._context.clock(), begun)
            if kept:
                self._note_change(session, account, self._sign_in_name, address, device)
            behind = tuple(self._targets.label(each) for each in self._own.behind(account))
        if not kept:
            raise WrongState("password-being-reset")
        return Changed(first, behind)

    def _note_change(
        self, session: Session, account: AccountRow, place: str, address: str = "", device: str = ""
    ) -> None:
        subjects = Subjects(request=account.request_id, account=account.id)
        actor = Actor.operator(account.id, name=account.display_name)
        if place == _ELSEWHERE:
            self._context.trail.record(
                session,
                "password-changed-elsewhere",
                actor=actor,
                subjects=subjects,
                target=self._sign_in_name,
                username=account.username,
            )
        else:
            targets = [link.target for each in account.credentials for link in living(each)]
            self._context.trail.record(
                session,
                "password-changed",
                actor=actor,
                subjects=subjects,
                place=place,
                targets=targets,
                username=account.username,
                address=address,
                device=device,
            )
        self._wakeup.after_commit(session)

    def _place(self, link: LinkRow, behind: set[str]) -> Place:
        label = self._targets.label(link.target)
        connector: object = self._targets[link.target].connector if link.target in self._targets else None
        if isinstance(connector, AsksPeople):
            state = "there" if link.state == "done" else "waiting"
            return Place(link.target, label, state, connector.first_change_hint())
        if link.state == "failed" or link.waits_for_credential:
            return Place(link.target, label, "failed")
        return Place(link.target, label, "waiting" if link.state != "done" or link.target in behind else "done")
