"""What is known of the work on one claim while it goes on."""

from dataclasses import dataclass, field

from provisioner.connector import Seen
from provisioner.convergence.plan import Grant, Revoke
from provisioner.convergence.snapshot import Snapshot
from provisioner.convergence.worklist import Claim, LeaseLost, WorkList
from provisioner.errors import StoreUnavailable


@dataclass
class Run:
    """One claim at one target. What several share is done outside of any one run, which is told of it here."""

    claim: Claim
    """As it was renewed last."""
    snapshot: Snapshot
    """As it was read last."""
    seen: Seen | None = None
    """What was read for several at once."""
    wrote: bool = False
    """Whether the target may have been changed: if its lease is lost, somebody has to look again."""
    memberships: list[Grant | Revoke] = field(default_factory=list)
    """Changed already, to be told if the rest is not."""
    holds_grants_back: bool = False
    """Whether what it is given waits, to be given to several at once."""
    granting: tuple[Grant, ...] = ()
    """What waits so."""

    def keep_lease(self, work: WorkList) -> None:
        """Before each call that changes the target: the lease is good for one more.

        :raises LeaseLost: somebody else has the link now. :raises StoreUnavailable: the store cannot tell.
        """
        self.claim = work.renewed(self.claim)
        self.wrote = True

    def keeps_lease(self, work: WorkList) -> bool:
        """As :meth:`keep_lease`, for who can leave this one out: its own run meets the same."""
        try:
            self.keep_lease(work)
        except (LeaseLost, StoreUnavailable):
            return False
        return True
