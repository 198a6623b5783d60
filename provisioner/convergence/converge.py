"""Bring one account at one target to what it should be: read, plan, apply, record. May run any number of times."""

import logging
from dataclasses import dataclass

from provisioner.account import Traits, desired
from provisioner.connector import ConnectorError, EndsSessions, Entitles, Marker, Profile, RemoteAccount
from provisioner.convergence.plan import (
    Create,
    Delete,
    Disconnect,
    Grant,
    Plan,
    Revoke,
    Step,
    Update,
    entry_of,
    forgotten,
    plan,
)
from provisioner.convergence.record import Applied, Recorder
from provisioner.convergence.snapshot import Snapshot, Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import Claim, LeaseLost, WorkList
from provisioner.store import Store

_log = logging.getLogger(__name__)


@dataclass
class _Run:
    """One run over one claim; keeps the lease alive."""

    claim: Claim
    snapshot: Snapshot
    wrote: bool = False


class Converger:
    """Works on claims. Safe for several threads; holds no state of its own."""

    def __init__(
        self, store: Store, targets: TargetSet, work: WorkList, snapshots: Snapshots, recorder: Recorder
    ) -> None:
        self._store = store
        self._targets = targets
        self._work = work
        self._snapshots = snapshots
        self._recorder = recorder

    def converge(self, claim: Claim) -> bool:
        """Whether the target took it. Never raises for what a target does: that is recorded with the link."""
        with self._store.read() as session:
            run = _Run(claim, self._snapshots.load(session, claim.link_id))
        try:
            try:
                applied = self._apply(run)
            except ConnectorError as error:
                self._recorder.failed(run.claim, run.snapshot, error)
            else:
                self._recorder.succeeded(run.claim, run.snapshot, applied)
                return True
        except LeaseLost:
            _log.warning("a run over link %s lost its lease", claim.link_id)
            if run.wrote:
                self._work.look_again(claim.link_id)
        except Exception as error:
            # Only the kind of error: a driver's text may quote what was to be written.
            _log.error("a run over link %s ended in %s", claim.link_id, type(error).__name__)
            self._recorder.broken(run.claim, run.snapshot, error)
        return False

    def planned(self, snapshot: Snapshot) -> Plan:
        """The plan, not applied: a dry run.

        :raises ConnectorError: the target cannot be read, or holds something that is not ours.
        """
        traits = self._targets.traits(snapshot.target)
        return self._plan(snapshot, traits, self._read(snapshot, traits))

    def _apply(self, run: _Run) -> Applied:
        snapshot = run.snapshot
        traits = self._targets.traits(snapshot.target)
        entry = self._read(snapshot, traits)
        if entry is not None and forgotten(snapshot.account, snapshot.link, entry):
            self._recorder.caught_up(run.claim, snapshot, _marker(entry))
            with self._store.read() as session:
                snapshot = run.snapshot = self._snapshots.load(session, run.claim.link_id)
        chosen = self._plan(snapshot, traits, entry)
        if chosen.lost and not snapshot.link.waits_for_credential:
            self._recorder.lost(run.claim, snapshot, entry)
        done: list[Step] = []
        for step in chosen.steps:
            run.claim = self._work.renewed(run.claim)
            run.wrote = True
            entry = self._carry_out(snapshot.target, step, entry)
            if not isinstance(step, Disconnect) or self._ends_sessions(snapshot.target):
                done.append(step)
        # People are asked by every change; without one, what was still asked of them is not wanted any more.
        asked = traits.asks_people and any(isinstance(step, Create | Update | Delete) for step in done)
        return Applied(tuple(done), entry, chosen.waits, asked)

    def _ends_sessions(self, target: str) -> bool:
        return isinstance(self._targets[target].connector, EndsSessions)

    def _read(self, snapshot: Snapshot, traits: Traits) -> RemoteAccount | None:
        connector = self._targets[snapshot.target].connector
        found = connector.find(snapshot.account.id)
        # People enter the name another system gave: there the account's own name means nothing.
        named = None if found or traits.asks_people else connector.get(snapshot.account.username)
        return entry_of(found, named, desired(snapshot.account, snapshot.credential, traits), snapshot.link)

    def _plan(self, snapshot: Snapshot, traits: Traits, entry: RemoteAccount | None) -> Plan:
        wanted = desired(snapshot.account, snapshot.credential, traits)
        return plan(wanted, snapshot.link, entry, traits, self._entitlements(snapshot.target, wanted.profile))

    def _entitlements(self, target: str, profile: Profile) -> frozenset[str]:
        connector = self._targets[target].connector
        return connector.entitlements_for(profile) if isinstance(connector, Entitles) else frozenset()

    def _carry_out(self, target: str, step: Step, entry: RemoteAccount | None) -> RemoteAccount | None:
        connector = self._targets[target].connector
        match step:
            case Create(new):
                return connector.create(new)
            case Update(changes, marker):
                return connector.update(_present(entry), changes, marker)
            case Grant(name) if isinstance(connector, Entitles):
                connector.grant(_present(entry), name)
            case Revoke(name) if isinstance(connector, Entitles):
                connector.revoke(_present(entry), name)
            case Disconnect() if isinstance(connector, EndsSessions):
                connector.end_sessions(_present(entry))
            case Delete():
                connector.delete(_present(entry))
                return None
        return entry


def _marker(entry: RemoteAccount) -> Marker:
    if entry.marker is None:  # pragma: no cover  (only what carries our marker is looked at that closely)
        raise AssertionError("the entry carries no marker")
    return entry.marker


def _present(entry: RemoteAccount | None) -> RemoteAccount:
    if entry is None:  # pragma: no cover  (a plan never changes what is not there)
        raise AssertionError("the plan changes an entry that is not there")
    return entry
