"""How the runs over several claims of one target begin: what can be asked and taken away for all of them at once."""

import logging
from collections import defaultdict, deque
from collections.abc import Sequence

from provisioner.connector import ConnectorError, ReadsSeveral, RemoteAccount, Sought
from provisioner.convergence.ending import Ending
from provisioner.convergence.plan import Revoke, forgotten
from provisioner.convergence.planner import Planner
from provisioner.convergence.run import Run
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.together import leading_revocations, together, without
from provisioner.convergence.worklist import WorkList

_log = logging.getLogger(__name__)


class Beginning:
    """Before each run goes on alone."""

    def __init__(self, targets: TargetSet, work: WorkList, planner: Planner, ending: Ending) -> None:
        self._targets, self._work, self._planner, self._ending = targets, work, planner, ending

    def begin(self, runs: deque[Run]) -> bool:
        """Of runs at one target. False: it did not answer, which is recorded with the first, taken out of ``runs``."""
        if not self._looked(runs):
            return False
        self._take_away(runs)
        return True

    def _looked(self, runs: deque[Run]) -> bool:
        """Ask the target about all of them at once, where it can tell. False: it did not answer, which is recorded with
        the first, as if that one had asked. A question that it refuses is put for each alone, so that one account's
        fault is not charged to another.
        """
        connector = self._targets[runs[0].snapshot.target].connector
        if len(runs) == 1 or not isinstance(connector, ReadsSeveral):
            return True
        sought = [Sought(run.snapshot.account.id, run.snapshot.account.username) for run in runs]
        try:
            with self._targets.calling(runs[0].snapshot.target, "read_several"):
                several = connector.read_several(sought)
            for run, seen in zip(runs, several, strict=True):
                run.seen = seen
        except ConnectorError as error:
            if error.retryable:
                self._ending.fail(runs.popleft(), error)
                return False
        except Exception as error:
            _log.error("asking a target about %d accounts ended in %s", len(runs), type(error).__name__)
        return True

    def _take_away(self, runs: Sequence[Run]) -> None:
        """Take away first what several lose; what each is given comes at the end. Whatever is the matter with one of
        them, its own run meets it again.
        """
        several = together(self._targets, runs[0].snapshot.target) if len(runs) > 1 else None
        if several is None:
            return
        losing: dict[str, dict[str, RemoteAccount]] = defaultdict(dict)
        by_link = {run.claim.link_id: run for run in runs}
        for link, run in by_link.items():
            run.holds_grants_back = True
            for entry, step in self._to_revoke(run):
                losing[step.entitlement][link] = entry
        for link, lost in several.revoked(losing, lambda link: by_link[link].keeps_lease(self._work)).items():
            run = by_link[link]
            run.memberships = [Revoke(entitlement) for entitlement in lost]
            run.seen = without(run.seen, lost)

    def _to_revoke(self, run: Run) -> list[tuple[RemoteAccount, Revoke]]:
        """What its plan takes away before anything else, with the entry; nothing where something is to be recorded
        before the first write.
        """
        snapshot, seen = run.snapshot, run.seen
        if seen is None or not any(entry.entitlements for entry in seen.found):
            return []
        try:
            traits = self._targets.traits(snapshot.target)
            entry = self._planner.read(snapshot, traits, seen)
            if entry is None or snapshot.link.restored_version is not None:
                return []
            if forgotten(snapshot.account, snapshot.link, entry, traits):
                return []
            chosen = self._planner.over(snapshot, traits, entry)
        except Exception:  # Its own run meets it too, and records it.
            return []
        if chosen.lost or chosen.issues:
            return []
        return [(entry, step) for step in leading_revocations(chosen.steps)]
