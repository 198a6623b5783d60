"""What officials decide about accounts. Every effect is one unit of work: state, versions, audit event, wake-up."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState
from provisioner.actor import Actor
from provisioner.convergence.readiness import Milestones
from provisioner.credential.generation import GenerationState, newest, takes_ticket, want
from provisioner.errors import InvalidInput, WrongState
from provisioner.office import find
from provisioner.pact_due import REASONS
from provisioner.provisioning import signatories
from provisioner.provisioning.account_changes import LONGEST_NOTE, AccountChanges, subjects
from provisioner.provisioning.account_views import AccountViews
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_status import Envelopes
from provisioner.provisioning.help_cards import HelpCards, Overtaken
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.provisioning.progress import SystemsProgress
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.store.tables import AccountRow, RequestRow

OPERATIVE = ("it", "adb")


class Accounts(AccountViews):
    """Use cases. Methods raise NotAllowed, NotFound ``account-unknown`` and WrongState ``account-wrong-state``."""

    def __init__(
        self,
        context: Context,
        progress: SystemsProgress,
        envelopes: Envelopes,
        changes: AccountChanges,
        milestones: Milestones,
        sessions: Sessions,
        throttle: Throttle,
        help_cards: HelpCards,
    ) -> None:
        super().__init__(context, progress, envelopes)
        self._changes = changes
        self._milestones = milestones
        self._sessions = sessions
        self._throttle = throttle
        self._help_cards = help_cards

    def suspend_now(self, actor: Actor, account_id: str, reason: str = "") -> None:
        """Close every access at once. No legal reason is asked; :meth:`annotate` takes it later."""
        capacity = actor.require(*OPERATIVE)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            self._changes.enter(account, AccountAct.SUSPEND, "", reason)
            self._changes.follow(session, account)
            self._sessions.end_all(session, "operator", account.id)
            self._context.trail.record(
                session,
                "account-suspended",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                version=account.desired_version,
                username=account.username,
                reason=reason[:LONGEST_NOTE] or None,
            )

    def annotate(self, actor: Actor, account_id: str, reason_code: str, note: str = "") -> None:
        """Add the legal reason to what was done in haste.

        :raises InvalidInput: field ``reason_code``.
        """
        capacity = actor.require(*OPERATIVE)
        self._require_reason(reason_code)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            account.state_reason, account.state_note = reason_code, note[:LONGEST_NOTE]
            self._context.trail.record(
                session,
                "account-reason-added",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                reason_code=reason_code,
                username=account.username,
                reason=note[:LONGEST_NOTE] or None,
            )

    def reactivate(self, actor: Actor, account_id: str, valid_until: date | None = None, reason: str = "") -> None:
        """Open the access again. An expired account needs a new end of validity.

        :raises InvalidInput: field ``valid_until`` is missing or past.
        :raises NotAllowed: ``own-account``. :raises WrongState: ``suspended-for-pact``: only signing, or time for it
            (:meth:`PactDeadlines.give_time`), ends that suspension.
        """
        capacity = actor.require(*OPERATIVE)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            refuse_own_account(actor, account)
            if account.state_reason in REASONS:
                raise WrongState("suspended-for-pact", state=account.state)
            self._require_valid(account, valid_until)
            self._changes.enter(account, reactivation(account), "", "")
            account.valid_until = valid_until or account.valid_until
            self._changes.follow(session, account)
            self._context.trail.record(
                session,
                "account-reactivated",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                version=account.desired_version,
                username=account.username,
                reason=reason[:LONGEST_NOTE] or None,
            )

    def revoke(self, actor: Actor, account_id: str, reason_code: str, note: str = "") -> None:
        """Close every access for good. Entries stay disabled and are deleted after the quarantine. A request that has
        not come to its end yet ends here.

        :raises InvalidInput: field ``reason_code``: not one of the office's reasons.
        :raises NotAllowed: ``own-account``.
        """
        capacity = actor.require(*OPERATIVE, "section_head")
        self._require_reason(reason_code)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            refuse_own_account(actor, account)
            self._changes.enter(account, AccountAct.REVOKE, reason_code, note)
            quarantine = timedelta(days=self._context.settings.runner.quarantine_days)
            account.revoked_as, account.revoked_at = signatories.frozen(actor, capacity), account.state_at
            account.delete_after = self._context.clock() + quarantine
            self._changes.void_passwords(account)
            self._changes.follow(session, account)
            self._sessions.end_all(session, "operator", account.id)
            self._milestones.revoked(session, account, actor, capacity)
            self._help_cards.overtaken(session, account, Overtaken.REVOKED)
            self._context.trail.record(
                session,
                "account-revoked",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                reason_code=reason_code,
                version=account.desired_version,
                username=account.username,
                reason=note[:LONGEST_NOTE] or None,
            )

    def reset(self, actor: Actor, account_id: str, note: str = "", person_check: str = "") -> bool:
        """A new initial password is wanted; the old one is closed at once. True: it needs a new ticket.

        :raises NotAllowed: ``own-account``.
        """
        with self._context.store.begin() as session:
            return self.reset_in(session, actor, account_id, note=note, person_check=person_check)

    def reset_in(
        self, session: Session, actor: Actor, account_id: str, *, note: str = "", person_check: str = ""
    ) -> bool:
        """:meth:`reset` inside the caller's unit of work."""
        capacity = actor.require(*OPERATIVE)
        account = self._changes.find(session, account_id)
        refuse_own_account(actor, account)
        self._changes.enter(account, AccountAct.RESET, "", note)
        self._help_cards.overtaken(session, account, Overtaken.RESET)
        self.unlock(session, account)
        account.password_changed_at = None
        self._changes.void_passwords(account)
        for credential in account.credentials:
            want(credential)
        self._changes.follow(session, account)
        self._sessions.end_all(session, "operator", account.id)
        self._context.trail.record(
            session,
            "password-reset-asked",
            actor=actor.in_trail(capacity),
            subjects=subjects(account),
            credentials=[credential.name for credential in account.credentials],
            method="in-person" if person_check else None,
            username=account.username,
            note=(person_check or note)[:LONGEST_NOTE] or None,
        )
        request = session.get_one(RequestRow, account.request_id)
        return not all(takes_ticket(credential, request) for credential in account.credentials)

    def unlock(self, session: Session, account: AccountRow) -> None:
        """Failed sign-ins count no more."""
        self._throttle.clear(session, OPERATOR_SIGN_IN, account.username)
        self._help_cards.overtaken(session, account, Overtaken.UNLOCKED, ("locked",))

    def extend(self, actor: Actor, account_id: str, valid_until: date | None, reason: str = "") -> None:
        """Another end of validity (None: without end) for an account that has not expired.

        :raises InvalidInput: field ``valid_until`` is past.
        :raises NotAllowed: ``own-account``.
        """
        capacity = actor.require(*OPERATIVE)
        with self._context.store.begin() as session:
            account = self._changes.find(session, account_id)
            refuse_own_account(actor, account)
            if AccountState(account.state) in (AccountState.REVOKED, AccountState.EXPIRED):
                raise WrongState("account-wrong-state", state=account.state, act="extend")
            if valid_until is not None and valid_until < self._context.today():
                raise InvalidInput(fields={"valid_until": ["past"]})
            account.valid_until = valid_until
            self._changes.follow(session, account)
            self._context.trail.record(
                session,
                "account-extended",
                actor=actor.in_trail(capacity),
                subjects=subjects(account),
                valid_until=valid_until.isoformat() if valid_until else "",
                version=account.desired_version,
                username=account.username,
                reason=reason[:LONGEST_NOTE] or None,
            )

    def _require_reason(self, reason_code: str) -> None:
        if find(self._context.office.revocation_reasons, reason_code) is None:
            raise InvalidInput(fields={"reason_code": ["unknown"]})

    def _require_valid(self, account: AccountRow, valid_until: date | None) -> None:
        until, today = valid_until or account.valid_until, self._context.today()
        if until is not None and until < today:
            raise InvalidInput(fields={"valid_until": ["required" if valid_until is None else "past"]})


def reactivation(account: AccountRow) -> AccountAct:
    """What brings a suspended or expired account back to where its passwords stand."""
    if account.password_changed_at is not None:
        return AccountAct.REACTIVATE
    lapsed = any(
        current is not None and current.state == GenerationState.LAPSED
        for current in (newest(credential.generations) for credential in account.credentials)
    )
    return AccountAct.REACTIVATE_LOCKED if lapsed else AccountAct.REACTIVATE_UNCHANGED
