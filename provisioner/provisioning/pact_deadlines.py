"""What time does to pacts: whoever did not sign anew by the last day is suspended; signing lifts exactly that."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState
from provisioner.actor import Actor
from provisioner.audit import Actor as TrailActor
from provisioner.errors import InvalidInput, WrongState
from provisioner.pact_due import REASONS, PactDue, PactRules, SignedLast
from provisioner.provisioning.account_changes import LONGEST_NOTE, AccountChanges, subjects
from provisioner.provisioning.account_views import READERS
from provisioner.provisioning.accounts import reactivation
from provisioner.provisioning.context import Context
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.provisioning.sessions import Sessions
from provisioner.store.tables import AccountRow

GIVERS = ("section_head", "adb")
"""Who may give an operator more time."""
_SUSPENDABLE = (AccountState.PENDING_ACTIVATION, AccountState.ACTIVE, AccountState.LOCKED)
_AT_ONCE = 200


def signed_last(account: AccountRow) -> SignedLast:
    """What the operator of an account signed last."""
    return SignedLast(account.pact_revision, account.pact_lapses_on, account.pact_extended_to)


class PactDeadlines:
    """Periodic work and the decisions about it. A second look does nothing."""

    def __init__(self, context: Context, rules: PactRules, changes: AccountChanges, sessions: Sessions) -> None:
        self._context = context
        self._rules = rules
        self._changes = changes
        self._sessions = sessions
        self._lifted_on: date | None = None

    def due(self, account: AccountRow) -> PactDue | None:
        """What the operator of an account has to sign anew; None: nothing now."""
        return self._rules.due(signed_last(account), self._context.today())

    def of_account(self, actor: Actor, account_id: str) -> PactDue | None:
        """For officials: what the operator has to sign anew; None also where the account is revoked."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            return self.due(account) if account is not None and account.state != AccountState.REVOKED else None

    def suspend_late(self) -> None:
        """Periodic: accounts whose operators let the last day pass are suspended."""
        today = self._context.today()
        late = list(self._late(today))
        extended = or_(AccountRow.pact_extended_to.is_(None), AccountRow.pact_extended_to < today)
        found = select(AccountRow.id).where(AccountRow.state.in_(_SUSPENDABLE), or_(*late), extended).limit(_AT_ONCE)
        with self._context.store.read() as session:
            ids = session.scalars(found).all()
        for account_id in ids:
            with self._context.store.begin() as session:
                self._suspend(session, self._changes.find(session, account_id))

    def lift_early(self) -> None:
        """Periodic, once a day and when the service starts: the last day may have been moved in ``pact.toml``."""
        today = self._context.today()
        if self._lifted_on == today:
            return
        self._lifted_on = today
        found = select(AccountRow.id).where(
            AccountRow.state == AccountState.SUSPENDED, AccountRow.state_reason.in_(REASONS)
        )
        with self._context.store.read() as session:
            ids = [row for row in session.scalars(found) if not self._is_late(session.get_one(AccountRow, row))]
        for account_id in ids:
            with self._context.store.begin() as session:
                account = self._changes.find(session, account_id)
                if not self._is_late(account):
                    self.lift(session, account, TrailActor.system(), "pact-day-moved")

    def lift(self, session: Session, account: AccountRow, by: TrailActor, code: str) -> None:
        """End a suspension that came from a pact that was not signed, and no other."""
        if account.state != AccountState.SUSPENDED or account.state_reason not in REASONS:
            return
        self._changes.enter(account, reactivation(account), "", "")
        self._changes.follow(session, account)
        self._context.trail.record(
            session,
            "account-reactivated",
            actor=by,
            subjects=subjects(account),
            reason_code=code,
            version=account.desired_version,
            username=account.username,
        )

    def give_time(self, actor: Actor, account_id: str, until: date | None, note: str = "") -> None:
        """Let one operator sign later than the rule says; a suspension for that reason ends, so that they can sign in.

        :raises InvalidInput: field ``until``: missing, or not in the future.
        :raises WrongState: ``pact-not-due``: nothing is to be signed. :raises NotAllowed: ``own-account``.
        """
        capacity = actor.require(*GIVERS)
        if until is None or until < self._context.today():
            raise InvalidInput(fields={"until": ["required" if until is None else "past"]})
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            refuse_own_account(actor, account)
            suspended = account.state_reason in REASONS
            if account.state == AccountState.REVOKED or (self.due(account) is None and not suspended):
                raise WrongState("pact-not-due")
            account.pact_extended_to = until
            self._context.trail.record(
                session,
                "pact-time-given",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                until=until,
                username=account.username,
                reason=note[:LONGEST_NOTE] or None,
            )
            self.lift(session, account, actor.in_trail(capacity), "pact-time-given")

    def _late(self, today: date) -> Iterator[ColumnElement[bool]]:
        yield AccountRow.pact_lapses_on < today
        sign_by = self._rules.text.sign_by
        if self._rules.settings.suspend_unsigned and sign_by is not None and sign_by < today:
            revision = self._rules.text.revision
            yield or_(AccountRow.pact_revision.is_(None), AccountRow.pact_revision != revision)

    def _is_late(self, account: AccountRow) -> bool:
        due = self.due(account)
        return due is not None and due.late and due.suspends

    def _suspend(self, session: Session, account: AccountRow) -> None:
        due = self.due(account)
        if due is None or not self._is_late(account) or AccountState(account.state) not in _SUSPENDABLE:
            return
        self._changes.enter(account, AccountAct.SUSPEND, due.reason, "")
        self._changes.follow(session, account)
        self._sessions.end_all(session, "operator", account.id)
        self._context.trail.record(
            session,
            "account-suspended",
            actor=TrailActor.system(),
            subjects=subjects(account),
            reason_code=due.reason.value,
            version=account.desired_version,
            until=due.by,
            username=account.username,
        )
