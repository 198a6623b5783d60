"""When an envelope may be opened: every target of its credential holds that very generation."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from provisioner.actor import Actor as Official
from provisioner.actor import Capacity
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.convergence.worklist import AT_REST
from provisioner.credential.generation import CHECK_FORM, GenerationState, Kind, newest, packed, unpacked, want
from provisioner.keyring import Keyring
from provisioner.settings import EnvelopeSettings
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow


class Milestones(Protocol):
    """What the request that an account came from has to hear. Called inside the unit of work."""

    def created(self, session: Session, accounts: Sequence[AccountRow]) -> None:
        """Step 5 is done: user name and password are there for the applicants."""
        ...

    def received(self, session: Session, account: AccountRow) -> None:
        """Step 6 is done: the applicant has them."""
        ...

    def taken_over(self, session: Session, accounts: Sequence[AccountRow]) -> None:
        """Accounts that the applicants have already are ours now: steps 5 and 6 are done."""
        ...

    def revoked(self, session: Session, account: AccountRow, actor: Official, capacity: Capacity) -> None:
        """The account is closed for good, whether or not the applicant ever had it."""
        ...


def carried(credential: CredentialRow, generation: GenerationRow) -> bool:
    """Whether every target that takes part has applied this generation."""
    links = living(credential)
    return bool(links) and all(
        link.applied_generation >= generation.number and not link.waits_for_credential for link in links
    )


def living(credential: CredentialRow) -> Sequence[LinkRow]:
    """The links of a credential that take part."""
    return [link for link in credential.links if link.state not in AT_REST]


class Readiness:
    """Follows what the targets have applied."""

    def __init__(
        self, clock: Clock, trail: AuditTrail, keyring: Keyring, settings: EnvelopeSettings, milestones: Milestones
    ) -> None:
        self._clock = clock
        self._trail = trail
        self._keyring = keyring
        self._settings = settings
        self._milestones = milestones

    def applied(self, session: Session, links: Sequence[LinkRow]) -> None:
        """Targets applied a newer generation than they had."""
        carried_on = [link.account for link in links if self._applied(session, link)]
        self._created_if_complete(session, carried_on)

    def adopted(self, session: Session, links: Sequence[LinkRow]) -> None:
        """Systems hold what they should; those among them that took an entry over have nothing to hand over."""
        taken = [link.account for link in links if link.adopts is not None and link.applied_version > 0]
        if taken:
            self._milestones.taken_over(session, taken)

    def _applied(self, session: Session, link: LinkRow) -> bool:
        """Whether every target of the credential has its newest password since."""
        if link.credential is None:
            return False
        current = newest(link.credential.generations)
        if current is None or not carried(link.credential, current):
            return False
        if current.kind == Kind.OWN:
            self._keep_check_form_only(current)
        if current.state == GenerationState.SEALED:
            self._ready(session, link.account, link.credential, current)
        return True

    def look_again(self, session: Session, account: AccountRow) -> None:
        """A system takes no part any more: what waited for it alone is ready."""
        for credential in account.credentials:
            current = newest(credential.generations)
            if current is None or current.state != GenerationState.SEALED or current.lapses_at is not None:
                continue
            if not credential.wanted and carried(credential, current):
                self._ready(session, account, credential, current)
        self._created_if_complete(session, [account])

    def _ready(self, session: Session, account: AccountRow, credential: CredentialRow, current: GenerationRow) -> None:
        """The envelope of one credential can be opened from now on, and for so long."""
        current.lapses_at = self._clock() + timedelta(days=self._settings.open_days)
        self._trail.record(
            session,
            "envelope-sealed",
            actor=Actor.system(),
            subjects=Subjects(request=account.request_id, account=account.id),
            credentials=[credential.name],
            generations=[str(current.number)],
            open_until=current.lapses_at,
            username=account.username,
        )

    def lost(self, link: LinkRow) -> None:
        """An entry was lost. While nobody has opened the envelope, another password is simply issued."""
        if link.credential is None:
            return
        current = newest(link.credential.generations)
        if current is not None and current.state == GenerationState.SEALED:
            want(link.credential)

    def _created_if_complete(self, session: Session, accounts: Sequence[AccountRow]) -> None:
        complete = [account for account in accounts if all(self._complete(each) for each in account.credentials)]
        if complete:
            self._milestones.created(session, complete)
        for account in complete:
            if not any(self._to_be_opened(each) for each in account.credentials):
                # The operator chose a password before the last system was ready: no envelope waits for anybody.
                self._milestones.received(session, account)

    def _complete(self, credential: CredentialRow) -> bool:
        if not living(credential):
            return True
        current = newest(credential.generations)
        return current is not None and not credential.wanted and carried(credential, current)

    def _to_be_opened(self, credential: CredentialRow) -> bool:
        current = newest(credential.generations)
        return bool(living(credential)) and current is not None and current.state == GenerationState.SEALED

    def _keep_check_form_only(self, own: GenerationRow) -> None:
        """Every target has it: only the form by which a change made elsewhere is noticed is still needed."""
        kept = unpacked(self._keyring, own.verifiers).get(CHECK_FORM)
        own.verifiers = packed(self._keyring, {CHECK_FORM: kept}) if kept is not None else None
