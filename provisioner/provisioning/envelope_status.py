"""The envelope from outside: how every password in it stands. What it holds is the affair of :mod:`handover`."""

from dataclasses import dataclass
from datetime import datetime

from provisioner.account import OPEN, AccountState
from provisioner.convergence.readiness import carried, living
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.generation import GenerationState, Kind, newest
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow


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


class Envelopes:
    """How envelopes stand. Reads only."""

    def __init__(self, context: Context, targets: TargetSet) -> None:
        self._context = context
        self._targets = targets

    def status(self, account_id: str) -> EnvelopeStatus:
        """:raises NotFound: ``account-unknown``."""
        with self._context.store.read() as session:
            account = session.get(AccountRow, account_id)
            if account is None:
                raise NotFound("account-unknown")
            return self.status_of(account)

    def status_of(self, account: AccountRow) -> EnvelopeStatus:
        """The same, for an account that was read already."""
        slips = tuple(self.slip(credential) for credential in account.credentials if living(credential))
        ready = any(slip.state == "ready" for slip in slips)
        return EnvelopeStatus(slips, ready and AccountState(account.state) in OPEN)

    def slip(self, credential: CredentialRow) -> SlipStatus:
        """How one password of the envelope stands."""
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
        """Also before anybody came by to write it down."""
        if current.state != GenerationState.SEALED:
            return current.state == GenerationState.LAPSED
        return current.lapses_at is not None and current.lapses_at <= self._context.clock()
