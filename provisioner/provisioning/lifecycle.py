"""The birth of an account: called inside the unit of work in which the section head's signature is recorded."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.account_record import sealed_contact
from provisioner.audit import Actor, Subjects
from provisioner.board import StoreBoard
from provisioner.connector import Profile
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import DUE, due_now
from provisioner.credential.generation import GenerationState, newest, supersede
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import Conflict
from provisioner.provisioning.adoption import Adoption, recorded_of
from provisioner.provisioning.context import Context
from provisioner.store.locking import alone
from provisioner.store.tables import AccountRow, CredentialRow, LinkRow, PactRow, RequestRow, UsernameRow


class AccountLifecycle:
    """Nothing here hashes or calls over the network."""

    def __init__(self, context: Context, targets: TargetSet, wakeup: WakeUp, board: StoreBoard) -> None:
        self._context = context
        self._targets = targets
        self._wakeup = wakeup
        self._adoption = Adoption(targets, board)

    def establish(
        self,
        session: Session,
        *,
        request: RequestRow,
        pact: PactRow,
        username: str,
        profile: Profile,
        by: Actor,
        at: datetime,
    ) -> AccountRow:
        """Create the account with a link per target (a recorded account: to the entry that it is), reserve its name,
        append the audit event, wake the runner.

        :raises Conflict: ``username-taken``.
        """
        if request.person_key is None:
            raise ValueError("a request without a person cannot become an account")
        reserve(session, request.id, username, at)
        account = AccountRow(
            username=username,
            request_id=request.id,
            pact_id=pact.id,
            person_key=request.person_key,
            staff_key=request.staff_key,
            full_name=profile.full_name,
            display_name=profile.display_name,
            role=profile.role,
            region=profile.region,
            org_unit=profile.org_unit,
            contact=sealed_contact(self._context.keyring, profile),
            valid_until=date.fromisoformat(profile.valid_until) if profile.valid_until else None,
            state=AccountState.PENDING_ACTIVATION,
            state_at=at,
            created_at=at,
            desired_version=1,
            pact_revision=pact.text_revision,
            pact_lapses_on=pact.lapses_on,
        )
        session.add(account)
        session.flush()
        if (recorded := recorded_of(session, request.id)) is not None:
            self._adoption.take_over(session, account, recorded, at)
        else:
            self._link_up(session, account, at)
        request.account_id, request.username, pact.account_id = account.id, username, account.id
        self._context.trail.record(
            session,
            "account-approved",
            actor=by,
            subjects=Subjects(letter=request.letter_id, request=request.id, account=account.id),
            pact_number=pact.number,
            letter_number=request.letter.number,
            role=profile.role,
            region=profile.region,
            targets=[link.target for link in account.links if link.state == DUE],
            version=account.desired_version,
            valid_until=account.valid_until,
            username=username,
            applicant_name=profile.display_name,
        )
        self._wakeup.after_commit(session)
        return account

    def ticket_registered(self, session: Session, request: RequestRow, at: datetime) -> None:
        """The request has a new ticket: slips sealed to an older one are void, and what waited for one is issued."""
        if request.account_id is None:
            return
        account = session.get_one(AccountRow, request.account_id, with_for_update=True)
        for credential in account.credentials:
            current = newest(credential.generations)
            sealed = current is not None and current.state == GenerationState.SEALED
            if current is not None and sealed and current.ticket_fingerprint != request.ticket_fingerprint:
                supersede(current)
                credential.wanted = True
        self._count_up(account, at)
        self._wakeup.after_commit(session)

    def _link_up(self, session: Session, account: AccountRow, at: datetime) -> None:
        credentials: dict[str, CredentialRow] = {}
        for name in self._targets:
            word = self._targets.credential_of(name)
            if word is not None and word not in credentials:
                credentials[word] = CredentialRow(account_id=account.id, name=word, wanted=True)
                session.add(credentials[word])
                session.flush()
            session.add(
                LinkRow(
                    account_id=account.id,
                    target=name,
                    credential_id=credentials[word].id if word is not None else None,
                    state=DUE,
                    desired_version=account.desired_version,
                    # The entry is made whole in one call, so it waits for the password that is issued at once.
                    next_try_at=None if self._waits_for_issue(name) else at,
                )
            )
        session.flush()
        session.refresh(account)

    def _waits_for_issue(self, target: str) -> bool:
        return self._targets.takes_verifiers(target)

    def _count_up(self, account: AccountRow, at: datetime) -> None:
        account.desired_version += 1
        for link in account.links:
            held = link.next_try_at is None and link.state == DUE
            due_now(link, account.desired_version, at)
            if held:
                link.next_try_at = None


def reserve(session: Session, request_id: str, username: str, at: datetime) -> None:
    """Give a user name for ever.

    :raises Conflict: ``username-taken``: it was given to somebody before, whatever became of them.
    """
    folded = username.casefold()
    alone(session, "username", folded)
    earlier = session.get(UsernameRow, folded)
    if earlier is not None and earlier.request_id != request_id:
        raise Conflict("username-taken")
    if earlier is None:
        session.add(UsernameRow(folded=folded, request_id=request_id, reserved_at=at))
