"""Bring one account at one target to what it should be: read, plan, apply, record. May run any number of times."""

from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic

from provisioner.connector import Marker, RemoteAccount
from provisioner.convergence.beginning import Beginning
from provisioner.convergence.carry_out import carry_out, may_be_left_out, present
from provisioner.convergence.ending import Ending
from provisioner.convergence.plan import Create, Delete, Grant, Plan, Revoke, Step, Update, forgotten
from provisioner.convergence.planner import Planner
from provisioner.convergence.record import Applied, Recorder, Success
from provisioner.convergence.run import Run
from provisioner.convergence.settling import Settling
from provisioner.convergence.snapshot import Snapshot, Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import Claim, WorkList
from provisioner.credential.clear_text import ClearTextIssuer
from provisioner.store import Store

_TOGETHER_SECONDS = 0.25
"""What a target took is recorded together for so long: a slow one does not hold back what others wait for."""


class Converger:
    """Works on claims. Safe for several threads; holds no state of its own."""

    def __init__(
        self,
        store: Store,
        targets: TargetSet,
        work: WorkList,
        snapshots: Snapshots,
        recorder: Recorder,
        clear_text: ClearTextIssuer,
    ) -> None:
        self._store = store
        self._targets = targets
        self._work = work
        self._snapshots = snapshots
        self._recorder = recorder
        self._clear_text = clear_text
        self._planner = Planner(targets)
        self._ending = Ending(work, recorder)
        self._beginning = Beginning(targets, work, self._planner, self._ending)
        self._settling = Settling(targets, work, self._ending)

    def converge(self, claims: Sequence[Claim], stopping: Callable[[], bool] = bool) -> bool:
        """Work on claims of one target, one after another. Whether the target took all that were begun.

        After a failure, or when ``stopping`` says so, those not begun yet are given back: they would wait for the same
        answer, or hold up the end. Never raises for what a target does: that is recorded with the link.
        """
        with self._store.read() as session:
            snapshots = self._snapshots.load_all(session, [claim.link_id for claim in claims])
        runs = deque(Run(claim, snapshots[claim.link_id]) for claim in claims)
        successes: list[Success] = []
        until = monotonic() + _TOGETHER_SECONDS
        went_well = self._beginning.begin(runs)
        while went_well and runs and not (stopping() and len(runs) < len(claims)):
            run = runs.popleft()
            applied = self._carried_out(run)
            went_well = applied is not None
            if applied is not None:
                successes.append(Success(run.claim, run.snapshot, applied))
            if monotonic() > until:
                went_well = self._settling.settle(successes) and went_well
                successes, until = [], monotonic() + _TOGETHER_SECONDS
        went_well = self._settling.settle(successes) and went_well
        self._ending.give_back(runs)
        return went_well

    def _carried_out(self, run: Run) -> Applied | None:
        """None: it was not, and why is recorded."""
        return self._ending.attempt(run, lambda: self._apply(run))

    def _apply(self, run: Run) -> Applied:
        """Read, plan and carry out, until nothing is left but what is held back."""
        snapshot, before = run.snapshot, tuple(run.memberships)
        traits = self._targets.traits(snapshot.target)
        entry = self._planner.read(snapshot, traits, run.seen)
        if entry is not None and forgotten(snapshot.account, snapshot.link, entry, traits):
            self._recorder.caught_up(run.claim, snapshot, _marker(entry))
            snapshot = self._read_again(run)
        chosen = self._planner.over(snapshot, traits, entry)
        if snapshot.link.restored_version is not None:
            # Read before the first write, so that what this store writes is never taken for the time that is lost.
            self._recorder.read_since_restoration(run.claim)
            chosen = self._planner.over(self._read_again(run), traits, entry)
        if chosen.lost and not snapshot.link.waits_for_credential:
            self._recorder.lost(run.claim, snapshot, entry)
            chosen = self._planner.over(self._read_again(run), traits, entry)
        done, entry = self._carried_out_all(run, chosen, entry)
        while chosen.issues:
            entry = self._issued(run, present(entry))
            chosen = self._planner.over(self._read_again(run), traits, entry)
            more, entry = self._carried_out_all(run, chosen, entry)
            done += more
        # People are asked by every change; without one, what was still asked of them is not wanted any more.
        asked = traits.asks_people and any(isinstance(step, Create | Update | Delete) for step in done)
        return Applied((*before, *done), entry, chosen.waits, asked, run.granting)

    def _read_again(self, run: Run) -> Snapshot:
        with self._store.read() as session:
            run.snapshot = self._snapshots.load(session, run.claim.link_id)
        return run.snapshot

    def _carried_out_all(
        self, run: Run, chosen: Plan, entry: RemoteAccount | None
    ) -> tuple[list[Step], RemoteAccount | None]:
        target = run.snapshot.target
        steps = [step for step in chosen.steps if not may_be_left_out(step, self._targets, target)]
        if run.holds_grants_back:
            # They come last in every plan. Of a second plan for the same account these are the ones.
            run.granting = tuple(step for step in steps if isinstance(step, Grant))
            steps = [step for step in steps if not isinstance(step, Grant)]
        for step in steps:
            run.keep_lease(self._work)
            entry = carry_out(step, self._targets, run.snapshot, entry)
            if isinstance(step, Grant | Revoke):
                run.memberships.append(step)
        return steps, entry

    def _issued(self, run: Run, entry: RemoteAccount) -> RemoteAccount:
        run.keep_lease(self._work)
        target = run.snapshot.target
        calling = self._targets.calling(target, "set_password", run.snapshot.account.id)
        return self._clear_text.issue(run.claim, entry, self._targets.setting(target), calling)


def _marker(entry: RemoteAccount) -> Marker:
    if entry.marker is None:  # pragma: no cover  (only what carries our marker is looked at that closely)
        raise AssertionError("the entry carries no marker")
    return entry.marker
