"""How runs end: what is recorded, what is given back, and what nobody could record."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from provisioner.connector import ConnectorError
from provisioner.convergence.record import Recorder, Success
from provisioner.convergence.run import Run
from provisioner.convergence.worklist import LeaseLost, WorkList
from provisioner.errors import StoreUnavailable
from provisioner.observation.reference import referring_to

_log = logging.getLogger(__name__)

Done = TypeVar("Done")


class Ending:
    """Ends runs. Never raises for what a target does. What cannot be recorded, since the store is away, raises
    :class:`StoreUnavailable`: the lease runs out, and whoever comes next reads the target again.
    """

    def __init__(self, work: WorkList, recorder: Recorder) -> None:
        self._work, self._recorder = work, recorder

    def attempt(self, run: Run, act: Callable[[], Done]) -> Done | None:
        """None: it was not done, and why is recorded."""
        with referring_to(run.claim.reference):
            try:
                return act()
            except Exception as error:
                self._ended_in(run, error)
            return None

    def doubt(self, success: Success, error: Exception) -> None:
        """What the target said that it had done, it does not show, or could not be asked for."""
        with referring_to(success.claim.reference):
            self._ended_in(_wrote(success), error)

    def fail(self, run: Run, error: ConnectorError) -> None:
        """The target did not do it, or may not have."""
        try:
            self._recorder.failed(run.claim, run.snapshot, error, run.memberships)
        except LeaseLost:
            self._lease_lost(run)

    def record(self, successes: Sequence[Success]) -> None:
        """Together; when that fails, one by one, so that one which cannot be recorded does not hold back the others."""
        if not successes:
            return
        try:
            lost = self._recorder.succeeded(successes)
        except Exception as error:
            if len(successes) > 1:
                for success in successes:
                    self.record([success])
            else:
                self._ended_in(_wrote(successes[0]), error)
            return
        for success in successes:
            if success.claim in lost:
                self._lease_lost(_wrote(success))

    def give_back(self, runs: Sequence[Run]) -> None:
        """What was not begun or not ended, but for what was done for several at once."""
        changed = [(run.claim, run.snapshot, run.memberships) for run in runs if run.memberships]
        if changed:
            self._recorder.memberships(changed)
        if runs:
            self._work.give_back([run.claim for run in runs])

    def _ended_in(self, run: Run, error: Exception) -> None:
        match error:
            case ConnectorError():
                self.fail(run, error)
            case LeaseLost():
                self._lease_lost(run)
            case StoreUnavailable():
                self._left(run, error)
            case _:
                self._broken(run, error)

    def _broken(self, run: Run, error: Exception) -> None:
        # Only the kind of error: a driver's text may quote what was to be written.
        _log.error("a run over link %s ended in %s", run.claim.link_id, type(error).__name__)
        try:
            self._recorder.broken(run.claim, run.snapshot, error, run.memberships)
        except LeaseLost:
            self._lease_lost(run)

    def _left(self, run: Run, error: Exception) -> None:
        """The store could not be asked or told, which is nobody's fault here: whoever comes next reads the target
        again, at the latest when the lease is over.
        """
        _log.error("a run over link %s was left: the store met %s", run.claim.link_id, type(error).__name__)
        with suppress(StoreUnavailable):
            self._work.give_back([run.claim])

    def _lease_lost(self, run: Run) -> None:
        _log.warning("a run over link %s lost its lease", run.claim.link_id)
        if run.wrote:
            self._work.look_again(run.claim.link_id)


def _wrote(success: Success) -> Run:
    return Run(success.claim, success.snapshot, wrote=True)
