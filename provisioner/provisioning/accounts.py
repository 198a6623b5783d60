"""What officials decide about accounts. Every effect is one unit of work: state, versions, audit event, wake-up."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState, after
from provisioner.actor import Actor
from provisioner.audit import Actor as TrailActor
from provisioner.audit import Subjects
from provisioner.connector import AccountExists
from provisioner.convergence.readiness import Milestones, Readiness
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import FAILED, LEFT_OUT, due_now
from provisioner.credential.generation import GenerationState, newest, supersede, takes_ticket
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.office import find
from provisioner.provisioning.account_views import AccountViews
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_status import Envelopes
from provisioner.provisioning.handover import Handover
from provisioner.provisioning.help_cards import HelpCards, Overtaken
from provisioner.provisioning.lifecycle import reserve
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.provisioning.sessions import Sessions
from provisioner.provisioning.throttle import OPERATOR_SIGN_IN, Throttle
from provisioner.store.tables import AccountRow, LinkRow, RequestRow, TargetHealthRow
from provisioner.username import UsernamePolicy

OPERATIVE = ("it", "adb")
_LONGEST_NOTE = 2000


class Accounts(AccountViews):
    """Use cases. Methods raise NotAllowed, NotFound ``account-unknown`` and WrongState ``account-wrong-state``."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        handover: Handover,
        envelopes: Envelopes,
        readiness: Readiness,
        milestones: Milestones,
        sessions: Sessions,
        throttle: Throttle,
        wakeup: WakeUp,
        help_cards: HelpCards,
    ) -> None:
        super().__init__(context, targets, envelopes)
        self._handover = handover
        self._readiness = readiness
        self._milestones = milestones
        self._sessions = sessions
        self._throttle = throttle
        limits = [target.connector.limits for target in targets.values()]
        self._usernames = UsernamePolicy(context.office.username, limits)
        self._wakeup = wakeup
        self._help_cards = help_cards

    def suspend_now(self, actor: Actor, account_id: str, reason: str = "") -> None:
        """Close every access at once. No legal reason is asked; :meth:`annotate` takes it later."""
        capacity = actor.require(*OPERATIVE)
        with self._context.store.begin() as session:
            account = self._account(session, account_id)
            self._enter(account, AccountAct.SUSPEND, "", reason)
            self._changed(session, account)
            self._sessions.end_all(session, "operator", account.id)
            self._context.trail.record(
                session,
                "account-suspended",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
                version=account.desired_version,
                username=account.username,
                reason=reason[:_LONGEST_NOTE] or None,
            )

    def annotate(self, actor: Actor, account_id: str, reason_code: str, note: str = "") -> None:
        """Add the legal reason to what was done in haste.

        :raises InvalidInput: field ``reason_code``.
        """
        capacity = actor.require(*OPERATIVE)
        self._require_reason(reason_code)
        with self._context.store.begin() as session:
            account = self._account(session, account_id)
            account.state_reason, account.state_note = reason_code, note[:_LONGEST_NOTE]
            self._context.trail.record(
                session,
                "account-reason-added",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
                reason_code=reason_code,
                username=account.username,
                reason=note[:_LONGEST_NOTE] or None,
            )

    def reactivate(self, actor: Actor, account_id: str, valid_until: date | None = None, reason: str = "") -> None:
        """Open the access again. An expired account needs a new end of validity.

        :raises InvalidInput: field ``valid_until`` is missing or past.
        :raises NotAllowed: ``own-account``.
        """
        capacity = actor.require(*OPERATIVE)
        with self._context.store.begin() as session:
            account = self._account(session, account_id)
            refuse_own_account(actor, account)
            self._require_valid(account, valid_until)
            self._enter(account, _reactivation(account), "", "")
            account.valid_until = valid_until or account.valid_until
            self._changed(session, account)
            self._context.trail.record(
                session,
                "account-reactivated",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
                version=account.desired_version,
                username=account.username,
                reason=reason[:_LONGEST_NOTE] or None,
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
            account = self._account(session, account_id)
            refuse_own_account(actor, account)
            self._enter(account, AccountAct.REVOKE, reason_code, note)
            quarantine = timedelta(days=self._context.settings.runner.quarantine_days)
            account.delete_after = self._context.clock() + quarantine
            self._void_passwords(account)
            self._changed(session, account)
            self._sessions.end_all(session, "operator", account.id)
            self._milestones.revoked(session, account, actor, capacity)
            self._help_cards.overtaken(session, account, Overtaken.REVOKED)
            self._context.trail.record(
                session,
                "account-revoked",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
                reason_code=reason_code,
                version=account.desired_version,
                username=account.username,
                reason=note[:_LONGEST_NOTE] or None,
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
        account = self._account(session, account_id)
        refuse_own_account(actor, account)
        self._enter(account, AccountAct.RESET, "", note)
        self._help_cards.overtaken(session, account, Overtaken.RESET)
        self.unlock(session, account)
        account.password_changed_at = None
        self._void_passwords(account)
        for credential in account.credentials:
            credential.wanted = True
        self._changed(session, account)
        self._sessions.end_all(session, "operator", account.id)
        self._context.trail.record(
            session,
            "password-reset-asked",
            actor=actor.in_trail(capacity),
            subjects=_subjects(account),
            credentials=[credential.name for credential in account.credentials],
            method="in-person" if person_check else None,
            username=account.username,
            note=(person_check or note)[:_LONGEST_NOTE] or None,
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
            account = self._account(session, account_id)
            refuse_own_account(actor, account)
            if AccountState(account.state) in (AccountState.REVOKED, AccountState.EXPIRED):
                raise WrongState("account-wrong-state", state=account.state, act="extend")
            if valid_until is not None and valid_until < self._context.today():
                raise InvalidInput(fields={"valid_until": ["past"]})
            account.valid_until = valid_until
            self._changed(session, account)
            self._context.trail.record(
                session,
                "account-extended",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
                valid_until=valid_until.isoformat() if valid_until else "",
                version=account.desired_version,
                username=account.username,
                reason=reason[:_LONGEST_NOTE] or None,
            )

    def rename(self, actor: Actor, account_id: str, username: str) -> None:
        """Another user name in every system, where a stranger has the one that was chosen.

        :raises InvalidInput: field ``username``: not a name of this office and its systems.
        :raises Conflict: ``username-taken``.
        :raises WrongState: ``link-not-failed``: no stranger has the name.
        """
        capacity = actor.require("section_head")
        username = self._usernames.accept(username, taken=lambda _: False)
        with self._context.store.begin() as session:
            account = self._account(session, account_id)
            if AccountState(account.state) is AccountState.REVOKED:
                raise WrongState("account-wrong-state", state=account.state, act="rename")
            if not any(link.state == FAILED and link.error == AccountExists.__name__ for link in account.links):
                raise WrongState("link-not-failed")
            reserve(session, account.request_id, username, self._context.clock())
            account.username = username
            session.get_one(RequestRow, account.request_id).username = username
            self._changed(session, account)
            self._context.trail.record(
                session,
                "account-changed",
                actor=actor.in_trail(capacity),
                subjects=_subjects(account),
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
                subjects=_subjects(account),
                letter_number=request.letter.number,
                target=link.target,
                applicant_name=account.display_name,
                reason=reason[:_LONGEST_NOTE] or None,
            )

    def retry_now(self, actor: Actor, link_id: str) -> None:
        """Try a system again at once; its rest after failures ends.

        :raises NotFound: ``link-unknown``.
        """
        capacity = actor.require(*OPERATIVE, "section_head")
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
                subjects=_subjects(link.account),
                target=link.target,
                version=link.desired_version,
                username=link.account.username,
            )

    def expire(self) -> None:
        """Accounts whose last day is over expire. Periodic."""
        today = self._context.today()
        over = (AccountState.PENDING_ACTIVATION, AccountState.ACTIVE, AccountState.LOCKED)
        ids = select(AccountRow.id).where(AccountRow.valid_until < today, AccountRow.state.in_(over)).limit(200)
        self._one_by_one(ids, lambda session, account: self._expire(session, account, today))

    def delete_quarantined(self) -> None:
        """Revoked accounts whose quarantine is over are deleted in the systems. Periodic."""
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
        self._one_by_one(ids, lambda session, account: self._changed(session, account))

    def _one_by_one(self, ids: Select[str], act: Callable[[Session, AccountRow], None]) -> None:
        with self._context.store.read() as session:
            found = session.scalars(ids).all()
        for account_id in found:
            with self._context.store.begin() as session:
                act(session, self._account(session, account_id))

    def _expire(self, session: Session, account: AccountRow, today: date) -> None:
        if account.valid_until is None or account.valid_until >= today:
            return
        self._enter(account, AccountAct.EXPIRE, "", "")
        self._changed(session, account)
        self._sessions.end_all(session, "operator", account.id)
        self._context.trail.record(
            session,
            "account-expired",
            actor=TrailActor.system(),
            subjects=_subjects(account),
            version=account.desired_version,
            valid_until=account.valid_until,
            username=account.username,
        )

    def _account(self, session: Session, account_id: str) -> AccountRow:
        account = session.get(AccountRow, account_id, with_for_update=True)
        if account is None:
            raise NotFound("account-unknown")
        return account

    def _link(self, session: Session, link_id: str) -> LinkRow:
        link = session.get(LinkRow, link_id, with_for_update=True)
        if link is None:
            raise NotFound("link-unknown")
        return link

    def _enter(self, account: AccountRow, act: AccountAct, reason: str, note: str) -> None:
        account.state = after(AccountState(account.state), act)
        account.state_at = self._context.clock()
        account.state_reason, account.state_note = reason, note[:_LONGEST_NOTE]

    def _changed(self, session: Session, account: AccountRow) -> None:
        account.desired_version += 1
        for link in account.links:
            due_now(link, account.desired_version, self._context.clock())
        self._wakeup.after_commit(session)

    def _void_passwords(self, account: AccountRow) -> None:
        """Nothing that lies sealed, is shown or is undecided counts any more; nothing is issued."""
        void = (GenerationState.SEALED, GenerationState.OPENED, GenerationState.PENDING)
        for credential in account.credentials:
            credential.wanted = False
            for generation in credential.generations:
                if generation.state in void:
                    supersede(generation)

    def _require_reason(self, reason_code: str) -> None:
        if find(self._context.office.revocation_reasons, reason_code) is None:
            raise InvalidInput(fields={"reason_code": ["unknown"]})

    def _require_valid(self, account: AccountRow, valid_until: date | None) -> None:
        until, today = valid_until or account.valid_until, self._context.today()
        if until is not None and until < today:
            raise InvalidInput(fields={"valid_until": ["required" if valid_until is None else "past"]})


def _reactivation(account: AccountRow) -> AccountAct:
    if account.password_changed_at is not None:
        return AccountAct.REACTIVATE
    lapsed = any(
        current is not None and current.state == GenerationState.LAPSED
        for current in (newest(credential.generations) for credential in account.credentials)
    )
    return AccountAct.REACTIVATE_LOCKED if lapsed else AccountAct.REACTIVATE_UNCHANGED


def _subjects(account: AccountRow) -> Subjects:
    return Subjects(request=account.request_id, account=account.id)
