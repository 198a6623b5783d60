"""How the runs over several claims of one target are settled: what was held back is given, and what the target shows
is recorded. The rest is in doubt: it is read again before anything is done about it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from provisioner.connector import InDoubt, RemoteAccount
from provisioner.convergence.carry_out import carry_out, present
from provisioner.convergence.confirmation import confirmed, read_back, wrote
from provisioner.convergence.ending import Ending
from provisioner.convergence.plan import Grant, Revoke
from provisioner.convergence.record import Success
from provisioner.convergence.run import Run
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.together import given, together
from provisioner.convergence.worklist import WorkList


class Settling:
    """After the runs, before how they ended is written down."""

    def __init__(self, targets: TargetSet, work: WorkList, ending: Ending) -> None:
        self._targets, self._work, self._ending = targets, work, ending

    def settle(self, successes: Sequence[Success]) -> bool:
        """Successes of one target. False: it did not give or show all of it; why is recorded with whom it is about."""
        successes, all_granted = self._granted(successes)
        return self._confirmed(successes) and all_granted

    def _granted(self, successes: Sequence[Success]) -> tuple[Sequence[Success], bool]:
        """With the groups and roles that were held back. False: of one that is left out the failure was recorded, and
        those that would come after it were given back.
        """
        waiting = [each for each in successes if each.applied.granting]
        if not waiting:
            return successes, True
        by_link = self._granted_together(waiting)
        granted, left, went_well = list[Success](), list[Run](), True
        for success in (by_link.get(each.claim.link_id, each) for each in successes):
            if not success.applied.granting:
                granted.append(success)
            elif not went_well:
                left.append(_unfinished(success))
            elif (alone := self._granted_alone(success)) is not None:
                granted.append(alone)
            else:
                went_well = False
        self._ending.give_back(left)
        return granted, went_well

    def _granted_together(self, waiting: Sequence[Success]) -> Mapping[str, Success]:
        """By the link; some may still wait for some of it."""
        several = together(self._targets, waiting[0].snapshot.target)
        by_link = {each.claim.link_id: each for each in waiting}
        runs = {link: Run(each.claim, each.snapshot) for link, each in by_link.items()}
        wanted: dict[str, dict[str, RemoteAccount]] = defaultdict(dict)
        for link, each in by_link.items():
            for step in each.applied.granting:
                wanted[step.entitlement][link] = present(each.applied.entry)
        got = several.granted(wanted, lambda link: runs[link].keeps_lease(self._work)) if several is not None else {}
        for link, each in by_link.items():
            by_link[link] = replace(each, claim=runs[link].claim)
            for entitlement in got.get(link, ()):
                by_link[link] = given(by_link[link], Grant(entitlement))
        return by_link

    def _granted_alone(self, success: Success) -> Success | None:
        """None: it was not, and why is recorded."""
        run = _unfinished(success)

        def act() -> Success:
            done = success
            for step in success.applied.granting:
                run.keep_lease(self._work)
                carry_out(step, self._targets, run.snapshot, present(success.applied.entry))
                run.memberships.append(step)
                done = given(replace(done, claim=run.claim), step)
            return done

        return self._ending.attempt(run, act)

    def _confirmed(self, successes: Sequence[Success]) -> bool:
        self._ending.record([each for each in successes if not wrote(each.applied)])
        written = [each for each in successes if wrote(each.applied)]
        if not written:
            return True
        try:
            found = read_back(self._targets, written[0].snapshot.target, written)
        except Exception as error:
            # The target did not answer: charged to the first, as if that one had asked.
            self._ending.doubt(written[0], error)
            self._work.give_back([each.claim for each in written[1:]])
            return False
        shown: list[Success] = []
        for success, entries in zip(written, found, strict=True):
            try:
                shown.append(confirmed(success, entries))
            except InDoubt as error:
                self._ending.doubt(success, error)
        self._ending.record(shown)
        return len(shown) == len(written)


def _unfinished(success: Success) -> Run:
    """A run that is not all it seemed. The next one finds the groups and roles as this one has left them."""
    memberships = [step for step in success.applied.steps if isinstance(step, Grant | Revoke)]
    return Run(success.claim, success.snapshot, wrote=True, memberships=memberships)
