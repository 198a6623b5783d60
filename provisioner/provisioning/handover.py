"""Step 6: the applicant opens the envelope with the ticket. Once, with ten minutes' grace for the same browser."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountAct, AccountState, after
from provisioner.audit import Actor, Subjects
from provisioner.connector import AsksPeople
from provisioner.convergence.readiness import Milestones, carried, living
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import due_now
from provisioner.credential.generation import GenerationState, Kind, destroy_slip, newest
from provisioner.dispatch.wakeup import WakeUp
from provisioner.envelope import SlipContext, open_slip
from provisioner.errors import NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, ManualAccountRow, RequestRow
from provisioner.ticket import Ticket


@dataclass(frozen=True)
class Slip:
    """One password of the envelope."""

    targets: tuple[str, ...]
    labels: tuple[str, ...]
    """What pages call the systems where it works."""
    username: str
    password: str = field(repr=False)
    change_at: tuple[str, ...] = ()
    """Where it is changed, if not on our own pages."""


@dataclass(frozen=True)
class Opening:
    """An opened envelope."""

    account_id: str
    request_id: str
    slips: tuple[Slip, ...]
    shown_until: datetime


@dataclass(frozen=True)
class SlipStatus:
    """One password of the envelope, from outside.

    ``state``: ``waiting``, ``ready``, ``opened``, ``lapsed`` or ``own`` (the operator has chosen one).
    """

    credential: str
    labels: tuple[str, ...]
    state: str
    open_until: datetime | None = None
    opened_at: datetime | None = None


@dataclass(frozen=True)
class EnvelopeStatus:
    """The envelope from outside."""

    slips: tuple[SlipStatus, ...]
    can_open: bool


class Handover:
    """Opening, and what happens to envelopes with time."""

    def __init__(self, context: Context, targets: TargetSet, wakeup: WakeUp, milestones: Milestones) -> None:
        self._context = context
        self._targets = targets
        self._wakeup = wakeup
        self._milestones = milestones
        self._grace = timedelta(minutes=context.settings.envelope.grace_minutes)

    def status(self, account_id: str) -> EnvelopeStatus:
        """:raises NotFound: ``account-unknown``."""
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                raise NotFound("account-unknown")
            return self.status_of(account)

    def status_of(self, account: AccountRow) -> EnvelopeStatus:
        """The same, for an account that was read already."""
        slips = tuple(self._status(credential) for credential in account.credentials if living(credential))
        ready = any(slip.state == "ready" for slip in slips)
        return EnvelopeStatus(slips, ready and AccountState(account.state) in OPEN)

    def open(self, ticket_text: str, session_id: str, address: str = "") -> Opening:
        """Open every slip that is ready; what was opened by the same browser a moment ago is shown again.

        The verifiers of what is opened are erased in the same unit of work: from then on only a new generation ever
        writes a password.

        :raises InvalidInput: the ticket is mistyped (``code-...``).
        :raises NotFound: ``ticket-unknown``.
        :raises WrongState: ``envelope-not-ready``, ``envelope-opened-before`` (``at``), ``envelope-lapsed``,
            ``account-not-open`` (``state``).
        """
        ticket = Ticket.parse(ticket_text)
        fingerprint, key = ticket.keys().fingerprint(), ticket.opening_key()
        with self._context.store.begin() as session:
            request, account = self._owner(session, fingerprint)
            credentials = self._locked(session, account)
            ready = [each for each in credentials if self._status(each).state == "ready"]
            shown = [each for each in credentials if self._may_see_again(each, session_id)]
            if ready or shown:
                return self._opened(session, request, account, key, ready, shown, session_id, address)
            refusal = self._refused(session, account, credentials, session_id, address)
        # Raised outside, so that the alarm stays in the trail.
        raise refusal

    def destroy_shown(self) -> None:
        """Slips whose minutes are over are destroyed. Periodic."""
        over = select(GenerationRow.id).where(GenerationRow.shown_until <= self._context.clock()).limit(200)
        with self._context.store.read() as session:
            ids = session.scalars(over).all()
        if not ids:
            return
        with self._context.store.begin() as session:
            for generation in session.scalars(select(GenerationRow).where(GenerationRow.id.in_(ids))):
                if generation.shown_until is not None:
                    destroy_slip(generation)
                    self._record_destroyed(session, generation)

    def lapse(self) -> None:
        """Envelopes that nobody opened in time lapse, and their accounts are locked. Periodic."""
        overdue = (
            select(GenerationRow.id)
            .where(GenerationRow.state == GenerationState.SEALED, GenerationRow.lapses_at <= self._context.clock())
            .limit(200)
        )
        with self._context.store.read() as session:
            ids = session.scalars(overdue).all()
        for generation_id in ids:
            with self._context.store.begin() as session:
                self._lapse(session, session.get_one(GenerationRow, generation_id, with_for_update=True))

    def _lapse(self, session: Session, generation: GenerationRow) -> None:
        if generation.state != GenerationState.SEALED:
            return
        now, credential = self._context.clock(), generation.credential
        account = session.get_one(AccountRow, credential.account_id, with_for_update=True)
        generation.state = GenerationState.LAPSED
        generation.slip = generation.verifiers = None
        subjects = Subjects(request=account.request_id, account=account.id)
        self._context.trail.record(
            session,
            "envelope-lapsed",
            actor=Actor.system(),
            subjects=subjects,
            credentials=[credential.name],
            generations=[str(generation.number)],
            username=account.username,
        )
        if account.state == AccountState.PENDING_ACTIVATION:
            account.state, account.state_at = after(AccountState(account.state), AccountAct.LOCK), now
            account.state_reason = "envelope-lapsed"
            self._context.trail.record(
                session,
                "account-locked",
                actor=Actor.system(),
                subjects=subjects,
                reason_code="envelope-lapsed",
                username=account.username,
            )
        account.desired_version += 1
        for link in account.links:
            due_now(link, account.desired_version, now)
        self._wakeup.after_commit(session)

    def _owner(self, session: Session, fingerprint: str) -> tuple[RequestRow, AccountRow]:
        request = session.scalars(select(RequestRow).where(RequestRow.ticket_fingerprint == fingerprint)).one_or_none()
        if request is None:
            raise NotFound("ticket-unknown")
        if request.account_id is None:
            raise WrongState("envelope-not-ready")
        account = session.get_one(AccountRow, request.account_id, with_for_update=True)
        if AccountState(account.state) is AccountState.LOCKED:
            raise WrongState("envelope-lapsed")
        if AccountState(account.state) not in OPEN:
            raise WrongState("account-not-open", state=account.state)
        return request, account

    def _locked(self, session: Session, account: AccountRow) -> Sequence[CredentialRow]:
        """The same lock as issuing takes."""
        rows = select(CredentialRow).where(CredentialRow.account_id == account.id).order_by(CredentialRow.name)
        return [each for each in session.scalars(rows.with_for_update()) if living(each)]

    def _status(self, credential: CredentialRow) -> SlipStatus:
        current = newest(credential.generations)
        labels = tuple(self._targets.label(link.target) for link in living(credential))
        if current is None or credential.wanted:
            return SlipStatus(credential.name, labels, "waiting")
        if current.kind == Kind.OWN:
            return SlipStatus(credential.name, labels, "own")
        if self._has_lapsed(current):
            return SlipStatus(credential.name, labels, "lapsed")
        if current.state != GenerationState.SEALED:
            return SlipStatus(credential.name, labels, "opened", opened_at=current.opened_at)
        state = "ready" if carried(credential, current) else "waiting"
        return SlipStatus(credential.name, labels, state, open_until=current.lapses_at)

    def _has_lapsed(self, current: GenerationRow) -> bool:
        """Also before :meth:`lapse` came by."""
        if current.state != GenerationState.SEALED:
            return current.state == GenerationState.LAPSED
        return current.lapses_at is not None and current.lapses_at <= self._context.clock()

    def _may_see_again(self, credential: CredentialRow, session_id: str) -> bool:
        current = newest(credential.generations)
        return (
            current is not None
            and not credential.wanted
            and current.state == GenerationState.OPENED
            and current.slip is not None
            and current.shown_until is not None
            and current.shown_until > self._context.clock()
            and bool(session_id)
            and current.opened_by_session == session_id
        )

    def _opened(
        self,
        session: Session,
        request: RequestRow,
        account: AccountRow,
        key: X25519PrivateKey,
        ready: Sequence[CredentialRow],
        shown: Sequence[CredentialRow],
        session_id: str,
        address: str,
    ) -> Opening:
        now = self._context.clock()
        slips = tuple(self._slip(session, request, account, each, key) for each in (*ready, *shown))
        for credential in ready:
            generation = _current(credential)
            generation.state, generation.verifiers = GenerationState.OPENED, None
            generation.opened_at, generation.shown_until = now, now + self._grace
            generation.opened_by_session, generation.opened_from = session_id, address[:60]
        generations = [_current(each) for each in (*ready, *shown)]
        fields = {
            "generations": [str(each.number) for each in generations],
            "credentials": [each.name for each in (*ready, *shown)],
        }
        actor = Actor.applicant(request.id, name=account.display_name)
        subjects = Subjects(request=request.id, account=account.id)
        if ready:
            self._context.trail.record(
                session,
                "envelope-opened",
                actor=actor,
                subjects=subjects,
                username=account.username,
                address=address,
                **fields,
            )
            self._after_opening(session, account)
        else:
            self._context.trail.record(
                session, "envelope-shown-again", actor=actor, subjects=subjects, address=address, **fields
            )
        return Opening(account.id, request.id, slips, min(each.shown_until or now for each in generations))

    def look_again(self, session: Session, account: AccountRow) -> None:
        """A system takes no part any more: if it was the last that the applicant waited for, step 6 is done."""
        if any(self._status(each).state in ("opened", "own") for each in account.credentials if living(each)):
            self._after_opening(session, account)

    def _after_opening(self, session: Session, account: AccountRow) -> None:
        states = [self._status(each).state for each in account.credentials if living(each)]
        if "waiting" in states or "ready" in states:
            return
        self._milestones.received(session, account)
        if self._targets.sign_in is None and account.state == AccountState.PENDING_ACTIVATION:
            # No first change can be seen here: what is known is that the person has the passwords.
            now = self._context.clock()
            account.state, account.state_at = after(AccountState(account.state), AccountAct.ACTIVATE), now

    def _slip(
        self,
        session: Session,
        request: RequestRow,
        account: AccountRow,
        credential: CredentialRow,
        key: X25519PrivateKey,
    ) -> Slip:
        generation = _current(credential)
        context = SlipContext(self._context.office.name, request.id, account.id, credential.name, generation.number)
        password = open_slip(key, context, generation.slip or b"").decode()
        targets = tuple(link.target for link in living(credential))
        return Slip(
            targets=targets,
            labels=tuple(self._targets.label(each) for each in targets),
            username=self._username(session, account, targets),
            password=password,
            change_at=tuple(hint for each in targets if (hint := self._hint(each))),
        )

    def _username(self, session: Session, account: AccountRow, targets: Sequence[str]) -> str:
        """The name another system gave, where people operate it."""
        given = session.scalars(
            select(ManualAccountRow.username).where(
                ManualAccountRow.account_id == account.id, ManualAccountRow.target.in_(targets)
            )
        ).first()
        return given or account.username

    def _hint(self, target: str) -> str:
        connector: object = self._targets[target].connector if target in self._targets else None
        return connector.first_change_hint() if isinstance(connector, AsksPeople) else ""

    def _refused(
        self,
        session: Session,
        account: AccountRow,
        credentials: Sequence[CredentialRow],
        session_id: str,
        address: str,
    ) -> WrongState:
        states = [self._status(each) for each in credentials]
        opened = next((each for each in states if each.state == "opened"), None)
        if opened is not None and opened.opened_at is not None:
            openers = {each.opened_by_session for row in credentials for each in row.generations}
            if session_id not in openers:
                self._alarm(session, account, opened, address)
            return WrongState("envelope-opened-before", at=opened.opened_at)
        if any(each.state == "lapsed" for each in states):
            return WrongState("envelope-lapsed")
        if states and all(each.state == "own" for each in states):
            return WrongState("envelope-used")
        return WrongState("envelope-not-ready")

    def _alarm(self, session: Session, account: AccountRow, opened: SlipStatus, address: str) -> None:
        self._context.trail.record(
            session,
            "envelope-foreign-attempt",
            actor=Actor.visitor(),
            subjects=Subjects(request=account.request_id, account=account.id),
            opened_at=opened.opened_at,
            credentials=[opened.credential],
            username=account.username,
            address=address,
        )

    def _record_destroyed(self, session: Session, generation: GenerationRow) -> None:
        account = session.get_one(AccountRow, generation.credential.account_id)
        self._context.trail.record(
            session,
            "envelope-destroyed",
            actor=Actor.system(),
            subjects=Subjects(request=account.request_id, account=account.id),
            generations=[str(generation.number)],
            credentials=[generation.credential.name],
            reason_code="shown",
            username=account.username,
        )


def _current(credential: CredentialRow) -> GenerationRow:
    """:raises WrongState: ``envelope-not-ready``: there is none yet."""
    current = newest(credential.generations)
    if current is None:
        raise WrongState("envelope-not-ready")
    return current
