"""What officials do about a whole system: check it, try it again at once, stop sending to it for a while."""

from provisioner.actor import Actor
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import health_of, retry_target
from provisioner.dispatch.wakeup import WakeUp
from provisioner.errors import NotFound, WrongState
from provisioner.provisioning.account_changes import LONGEST_NOTE
from provisioner.provisioning.account_systems import DECIDERS
from provisioner.provisioning.context import Context
from provisioner.provisioning.system_views import SystemViews
from provisioner.store.tables import TargetHealthRow
from provisioner.target_checks import TargetChecks

CHECKERS = DECIDERS
RETRIERS = DECIDERS
PAUSERS = ("it",)


class Systems(SystemViews):
    """Use cases. Methods raise NotAllowed, and NotFound ``target-unknown``."""

    def __init__(self, context: Context, targets: TargetSet, checks: TargetChecks, wakeup: WakeUp) -> None:
        super().__init__(context, targets, checks)
        self._wakeup = wakeup

    def check(self, actor: Actor, target: str, patience: float | None = None) -> bool:
        """Ask the system everything now, and wait so many seconds for it (None: for one call). It goes on by itself
        if that is not enough, and what it finds is kept. True: it has ended.
        """
        actor.require(*CHECKERS)
        self._known(target)
        if patience is None:
            patience = self._context.settings.runner.call_timeout_seconds
        return self._checks.start(target, patience)

    def retry(self, actor: Actor, target: str) -> int:
        """Its rest ends, and what was put off or given up there is tried again at once; gives how many accounts.

        :raises WrongState: ``target-paused``.
        """
        capacity = actor.require(*RETRIERS)
        self._known(target)
        with self._context.store.begin() as session:
            health = session.get(TargetHealthRow, target)
            if health is not None and health.paused_at is not None:
                raise WrongState("target-paused", target=target)
            count = retry_target(session, target, self._context.clock())
            self._wakeup.after_commit(session)
            self._context.trail.record(
                session, "target-retry-asked", actor=actor.in_trail(capacity), target=target, count=count
            )
        return count

    def pause(self, actor: Actor, target: str, reason: str = "") -> None:
        """Send nothing there until it is resumed, suspensions and revocations included. What is under way ends first.

        :raises WrongState: ``target-paused``: it is already.
        """
        capacity = actor.require(*PAUSERS)
        self._known(target)
        with self._context.store.begin() as session:
            health = health_of(session, target)
            if health.paused_at is not None:
                raise WrongState("target-paused", target=target)
            health.paused_at, health.paused_by = self._context.clock(), actor.name or actor.username
            health.pause_reason = reason.strip()[:LONGEST_NOTE]
            self._context.trail.record(
                session, "target-paused", actor=actor.in_trail(capacity), target=target, reason=reason.strip() or None
            )

    def resume(self, actor: Actor, target: str) -> None:
        """Send again, beginning at once.

        :raises WrongState: ``target-not-paused``.
        """
        capacity = actor.require(*PAUSERS)
        self._known(target)
        with self._context.store.begin() as session:
            health = health_of(session, target)
            if health.paused_at is None:
                raise WrongState("target-not-paused", target=target)
            health.paused_at = health.paused_by = health.pause_reason = None
            self._wakeup.after_commit(session)
            self._context.trail.record(session, "target-resumed", actor=actor.in_trail(capacity), target=target)

    def _known(self, target: str) -> None:
        if target not in self._targets:
            raise NotFound("target-unknown", target=target)
