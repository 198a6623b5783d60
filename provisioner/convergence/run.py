"""One run over one claim, from the first look at the target to what is recorded of it."""

from dataclasses import dataclass, field

from provisioner.connector import Seen
from provisioner.convergence.plan import Grant, Revoke
from provisioner.convergence.snapshot import Snapshot
from provisioner.convergence.worklist import Claim, LeaseLost, WorkList
from provisioner.errors import StoreUnavailable


@dataclass
class Run:
    """What is known of it so far."""

    claim: Claim
    """As it was renewed last."""
    snapshot: Snapshot
    """As it was read last."""
    seen: Seen | None = None
    """What was read for several at once."""
    wrote: bool = False
    """Whether the target may have been changed: if its lease is lost, somebody has to look again."""
    before: list[Revoke] = field(default_factory=list)
    """Done already, for several at once."""
    holds_grants_back: bool = False
    granting: tuple[Grant, ...] = ()
    """Held back, to be given to several at once."""

    def about_to_write(self, work: WorkList) -> None:
        """Said before each call that changes the target.

        :raises LeaseLost: somebody else has the link now.
        """
        self.claim = work.renewed(self.claim)
        self.wrote = True

    def may_write(self, work: WorkList) -> bool:
        """As :meth:`about_to_write`, for who can leave this one out: its own run meets it too, and records it."""
        try:
            self.about_to_write(work)
        except (LeaseLost, StoreUnavailable):
            return False
        return True
