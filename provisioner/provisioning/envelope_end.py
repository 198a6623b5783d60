"""What becomes of envelopes with time: opened ones are destroyed, unopened ones lapse. Periodic."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import AccountAct, AccountState, after
from provisioner.audit import Actor, Subjects
from provisioner.convergence.worklist import due_now, lock_accounts
from provisioner.credential.generation import GenerationState, destroy_slip
from provisioner.dispatch.wakeup import WakeUp
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow


class EnvelopeEnd:
    """Looks for envelopes whose time is over. A second look does nothing."""

    def __init__(self, context: Context, wakeup: WakeUp) -> None:
        self._context = context
        self._wakeup = wakeup

    def destroy_shown(self) -> None:
        """Slips whose minutes are over are destroyed."""
        over = select(GenerationRow.id).where(GenerationRow.shown_until <= self._context.clock()).limit(200)
        with self._context.store.read() as session:
            ids = session.scalars(over).all()
        if not ids:
            return
        with self._context.store.begin() as session:
            # Their operators may be choosing a new password at this instant, which holds the account first.
            whose = select(CredentialRow.account_id).join(CredentialRow.generations)
            lock_accounts(session, whose.where(GenerationRow.id.in_(ids)))
            shown = select(GenerationRow).where(GenerationRow.id.in_(ids)).order_by(GenerationRow.id)
            for generation in session.scalars(shown.with_for_update(key_share=True)):
                if generation.shown_until is not None:
                    destroy_slip(generation)
                    self._record_destroyed(session, generation)

    def lapse(self) -> None:
        """Envelopes that nobody opened in time lapse, and their accounts are locked."""
        overdue = (
            select(GenerationRow.id)
            .where(GenerationRow.state == GenerationState.SEALED, GenerationRow.lapses_at <= self._context.clock())
            .limit(200)
        )
        with self._context.store.read() as session:
            ids = session.scalars(overdue).all()
        for generation_id in ids:
            with self._context.store.begin() as session:
                whose = select(CredentialRow.account_id).join(CredentialRow.generations)
                lock_accounts(session, whose.where(GenerationRow.id == generation_id))
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
