"""Bring one account at one target to what it should be: read, plan, apply, record. May run any number of times."""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TypeVar

from provisioner.account import Traits, desired
from provisioner.connector import (
    Adopts,
    Connector,
    ConnectorError,
    EndsSessions,
    Entitles,
    InDoubt,
    Marker,
    PermissionDenied,
    Profile,
    ReadsSeveral,
    RemoteAccount,
    Seen,
    Sought,
)
from provisioner.convergence.confirmation import confirmed, read_back, wrote
from provisioner.convergence.plan import (
    Adopt,
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
from provisioner.convergence.record import Applied, Recorder, Success
from provisioner.convergence.snapshot import Snapshot, Snapshots
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.together import given, leading_revocations, together, without
from provisioner.convergence.worklist import Claim, LeaseLost, WorkList
from provisioner.credential.clear_text import ClearTextIssuer
from provisioner.errors import StoreUnavailable
from provisioner.observation.reference import referring_to
from provisioner.store import Store

_log = logging.getLogger(__name__)


Done = TypeVar("Done")

_CALLS: dict[type[Step], str] = {
    Create: "create",
    Adopt: "adopt",
    Update: "update",
    Grant: "grant",
    Revoke: "revoke",
    Disconnect: "end_sessions",
    Delete: "delete",
}
"""The port's method that carries out a step."""

_TOGETHER_SECONDS = 0.25
"""What a target took is recorded together for so long: a slow one does not hold back what others wait for."""


@dataclass
class _Run:
    """One run over one claim; keeps the lease alive."""

    claim: Claim
    snapshot: Snapshot
    seen: Seen | None = None
    """What was read for several at once."""
    wrote: bool = False
    before: list[Revoke] = field(default_factory=list)
    """Done already, for several at once."""
    holds_grants_back: bool = False
    granting: tuple[Grant, ...] = ()
    """Held back, to be given to several at once."""


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

    def converge(self, claims: Sequence[Claim], stopping: Callable[[], bool] = bool) -> bool:
        """Work on claims of one target, one after another. Whether the target took all that were begun.

        After a failure, or when ``stopping`` says so, those not begun yet are given back: they would wait for the same
        answer, or hold up the end. Never raises for what a target does: that is recorded with the link.
        """
        with self._store.read() as session:
            snapshots = self._snapshots.load_all(session, [claim.link_id for claim in claims])
        runs = deque(_Run(claim, snapshots[claim.link_id]) for claim in claims)
        successes: list[Success] = []
        until = monotonic() + _TOGETHER_SECONDS
        went_well = self._looked(runs)
        if went_well:
            self._begun_together(runs)
        while went_well and runs and not (stopping() and len(runs) < len(claims)):
            run = runs.popleft()
            applied = self._carried_out(run)
            went_well = applied is not None
            if applied is not None:
                successes.append(Success(run.claim, run.snapshot, applied))
            if monotonic() > until:
                went_well = self._settle(successes) and went_well
                successes, until = [], monotonic() + _TOGETHER_SECONDS
        went_well = self._settle(successes) and went_well
        self._give_back(runs)
        return went_well

    def _give_back(self, runs: Sequence[_Run]) -> None:
        """What was not begun, but for what was taken away from several at once."""
        taken_away = [(run.claim, run.snapshot, run.before) for run in runs if run.before]
        if taken_away:
            self._recorder.taken_away(taken_away)
        if runs:
            self._work.give_back([run.claim for run in runs])

    def _looked(self, runs: deque[_Run]) -> bool:
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
                self._failed(runs.popleft(), error)
                return False
        except Exception as error:
            _log.error("asking a target about %d accounts ended in %s", len(runs), type(error).__name__)
        return True

    def _begun_together(self, runs: Sequence[_Run]) -> None:
        """Take away first what several lose; what each is given comes at the end. Whatever is the matter with one of
        them, its own run meets it again.
        """
        target = runs[0].snapshot.target if runs else ""
        several = together(self._targets, target) if len(runs) > 1 else None
        if several is None:
            return
        losing: dict[str, dict[str, RemoteAccount]] = defaultdict(dict)
        by_link = {run.claim.link_id: run for run in runs}
        for link, run in by_link.items():
            run.holds_grants_back = True
            for entry, step in self._to_revoke(run):
                losing[step.entitlement][link] = entry
        for link, lost in several.revoked(losing, lambda link: self._may_write(by_link[link])).items():
            run = by_link[link]
            run.before = [Revoke(entitlement) for entitlement in lost]
            run.seen = without(run.seen, lost)

    def _to_revoke(self, run: _Run) -> list[tuple[RemoteAccount, Revoke]]:
        """What its plan takes away before anything else, with the entry; nothing where something is to be recorded
        before the first write.
        """
        snapshot, seen = run.snapshot, run.seen
        if seen is None or not any(entry.entitlements for entry in seen.found):
            return []
        try:
            traits = self._targets.traits(snapshot.target)
            entry = self._read(snapshot, traits, seen)
            if entry is None or snapshot.link.restored_version is not None:
                return []
            if forgotten(snapshot.account, snapshot.link, entry, traits):
                return []
            chosen = self._plan(snapshot, traits, entry)
        except Exception:  # Its own run meets it too, and records it.
            return []
        if chosen.lost or chosen.issues:
            return []
        return [(entry, step) for step in leading_revocations(chosen.steps)]

    def _may_write(self, run: _Run) -> bool:
        """Whether the link is ours for one more call. If not, its own run finds that out too, and says so."""
        try:
            run.claim = self._work.renewed(run.claim)
        except (LeaseLost, StoreUnavailable):
            return False
        run.wrote = True
        return True

    def _carried_out(self, run: _Run) -> Applied | None:
        """None: it was not, and why is recorded."""
        return self._guarded(run, lambda: self._apply(run))

    def _guarded(self, run: _Run, act: Callable[[], Done]) -> Done | None:
        """None: it was not done, and why is recorded."""
        with referring_to(run.claim.reference):
            try:
                return act()
            except ConnectorError as error:
                self._failed(run, error)
            except LeaseLost:
                self._lease_lost(run.claim, wrote=run.wrote)
            except StoreUnavailable as error:
                self._left(run.claim, error)
            except Exception as error:
                self._broken(run.claim, run.snapshot, error, wrote=run.wrote, taken_away=run.before)
            return None

    def _settle(self, successes: Sequence[Success]) -> bool:
        """Give what was held back, and record what the target shows. The rest is in doubt: it is read again before
        anything is done about it.
        """
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
        granted, left, went_well = list[Success](), list[Claim](), True
        for success in (by_link.get(each.claim.link_id, each) for each in successes):
            if not success.applied.granting:
                granted.append(success)
            elif not went_well:
                left.append(success.claim)
            elif (alone := self._granted_alone(success)) is not None:
                granted.append(alone)
            else:
                went_well = False
        if left:
            self._work.give_back(left)
        return granted, went_well

    def _granted_together(self, waiting: Sequence[Success]) -> Mapping[str, Success]:
        """By the link; some may still wait for some of it."""
        several = together(self._targets, waiting[0].snapshot.target)
        by_link = {each.claim.link_id: each for each in waiting}
        runs = {link: _Run(each.claim, each.snapshot) for link, each in by_link.items()}
        wanted: dict[str, dict[str, RemoteAccount]] = defaultdict(dict)
        for link, each in by_link.items():
            for step in each.applied.granting:
                wanted[step.entitlement][link] = _present(each.applied.entry)
        got = several.granted(wanted, lambda link: self._may_write(runs[link])) if several is not None else {}
        for link, each in by_link.items():
            by_link[link] = replace(each, claim=runs[link].claim)
            for entitlement in got.get(link, ()):
                by_link[link] = given(by_link[link], Grant(entitlement))
        return by_link

    def _granted_alone(self, success: Success) -> Success | None:
        run = _Run(success.claim, success.snapshot, wrote=True)

        def act() -> Success:
            done = success
            for step in success.applied.granting:
                run.claim = self._work.renewed(run.claim)
                self._carry_out(run, step, _present(success.applied.entry))
                done = given(replace(done, claim=run.claim), step)
            return done

        return self._guarded(run, act)

    def _confirmed(self, successes: Sequence[Success]) -> bool:
        self._record([each for each in successes if not wrote(each.applied)])
        written = [each for each in successes if wrote(each.applied)]
        if not written:
            return True
        try:
            found = read_back(self._targets, written[0].snapshot.target, written)
        except Exception as error:
            # The target did not answer: charged to the first, as if that one had asked.
            self._unconfirmed(written[0], error)
            self._work.give_back([each.claim for each in written[1:]])
            return False
        shown: list[Success] = []
        for success, entries in zip(written, found, strict=True):
            try:
                shown.append(confirmed(success, entries))
            except InDoubt as error:
                self._unconfirmed(success, error)
        self._record(shown)
        return len(shown) == len(written)

    def _unconfirmed(self, success: Success, error: Exception) -> None:
        run = _Run(success.claim, success.snapshot, wrote=True)
        with referring_to(run.claim.reference):
            if isinstance(error, ConnectorError):
                self._failed(run, error)
            else:
                self._broken(run.claim, run.snapshot, error, wrote=True)

    def _record(self, successes: Sequence[Success]) -> None:
        """Together; when that fails, one by one, so that one which cannot be recorded does not hold back the others."""
        if not successes:
            return
        try:
            lost = self._recorder.succeeded(successes)
        except Exception as error:
            if len(successes) > 1:
                for success in successes:
                    self._record([success])
            elif isinstance(error, StoreUnavailable):
                self._left(successes[0].claim, error)
            else:
                self._broken(successes[0].claim, successes[0].snapshot, error, wrote=True)
            return
        for claim in lost:
            self._lease_lost(claim, wrote=True)

    def _failed(self, run: _Run, error: ConnectorError) -> None:
        try:
            self._recorder.failed(run.claim, run.snapshot, error, run.before)
        except LeaseLost:
            self._lease_lost(run.claim, wrote=run.wrote)

    def _broken(
        self, claim: Claim, snapshot: Snapshot, error: Exception, *, wrote: bool, taken_away: Sequence[Revoke] = ()
    ) -> None:
        # Only the kind of error: a driver's text may quote what was to be written.
        _log.error("a run over link %s ended in %s", claim.link_id, type(error).__name__)
        try:
            self._recorder.broken(claim, snapshot, error, taken_away)
        except LeaseLost:
            self._lease_lost(claim, wrote=wrote)

    def _left(self, claim: Claim, error: Exception) -> None:
        """The store could not be asked or told, which is nobody's fault here: whoever comes next reads the target
        again, at the latest when the lease is over.
        """
        _log.error("a run over link %s was left: the store met %s", claim.link_id, type(error).__name__)
        with suppress(StoreUnavailable):
            self._work.give_back([claim])

    def _lease_lost(self, claim: Claim, *, wrote: bool) -> None:
        _log.warning("a run over link %s lost its lease", claim.link_id)
        if wrote:
            self._work.look_again(claim.link_id)

    def planned(self, snapshot: Snapshot) -> Plan:
        """The plan, not applied: a dry run.

        :raises ConnectorError: the target cannot be read, or holds something that is not ours.
        """
        traits = self._targets.traits(snapshot.target)
        return self._plan(snapshot, traits, self._read(snapshot, traits))

    def planned_over(self, snapshot: Snapshot, entry: RemoteAccount | None) -> Plan:
        """The plan, were this entry there.

        :raises ConnectorError: as :meth:`planned`.
        """
        return self._plan(snapshot, self._targets.traits(snapshot.target), entry)

    def _apply(self, run: _Run) -> Applied:
        snapshot = run.snapshot
        traits = self._targets.traits(snapshot.target)
        entry = self._read(snapshot, traits, run.seen)
        if entry is not None and forgotten(snapshot.account, snapshot.link, entry, traits):
            self._recorder.caught_up(run.claim, snapshot, _marker(entry))
            snapshot = self._read_again(run)
        chosen = self._plan(snapshot, traits, entry)
        if snapshot.link.restored_version is not None:
            # Read before the first write, so that what this store writes is never taken for the time that is lost.
            self._recorder.read_since_restoration(run.claim)
            chosen = self._plan(self._read_again(run), traits, entry)
        if chosen.lost and not snapshot.link.waits_for_credential:
            self._recorder.lost(run.claim, snapshot, entry)
            chosen = self._plan(self._read_again(run), traits, entry)
        done, entry = self._carried_out_all(run, chosen, entry)
        while chosen.issues:
            entry = self._issued(run, _present(entry))
            chosen = self._plan(self._read_again(run), traits, entry)
            more, entry = self._carried_out_all(run, chosen, entry)
            done += more
        # People are asked by every change; without one, what was still asked of them is not wanted any more.
        asked = traits.asks_people and any(isinstance(step, Create | Update | Delete) for step in done)
        return Applied((*run.before, *done), entry, chosen.waits, asked, run.granting)

    def _read_again(self, run: _Run) -> Snapshot:
        with self._store.read() as session:
            run.snapshot = self._snapshots.load(session, run.claim.link_id)
        return run.snapshot

    def _carried_out_all(
        self, run: _Run, chosen: Plan, entry: RemoteAccount | None
    ) -> tuple[list[Step], RemoteAccount | None]:
        target, done = run.snapshot.target, list[Step]()
        steps = chosen.steps
        if run.holds_grants_back:
            # They come last in every plan. Of a second plan for the same account these are the ones.
            run.granting = tuple(step for step in steps if isinstance(step, Grant))
            steps = tuple(step for step in steps if not isinstance(step, Grant))
        for step in steps:
            run.claim = self._work.renewed(run.claim)
            run.wrote = True
            entry = self._carry_out(run, step, entry)
            if not isinstance(step, Disconnect) or self._ends_sessions(target):
                done.append(step)
        return done, entry

    def _issued(self, run: _Run, entry: RemoteAccount) -> RemoteAccount:
        run.claim = self._work.renewed(run.claim)
        run.wrote = True
        target = run.snapshot.target
        calling = self._targets.calling(target, "set_password", run.snapshot.account.id)
        return self._clear_text.issue(run.claim, entry, self._targets.setting(target), calling)

    def _ends_sessions(self, target: str) -> bool:
        return isinstance(self._targets[target].connector, EndsSessions)

    def _read(self, snapshot: Snapshot, traits: Traits, seen: Seen | None = None) -> RemoteAccount | None:
        seen = self._seen(snapshot, traits) if seen is None else seen
        # People enter the name another system gave: there the account's own name means nothing.
        found, named = seen.found, None if seen.found or traits.asks_people else seen.named
        return entry_of(found, named, desired(snapshot.account, snapshot.credential, traits), snapshot.link)

    def _seen(self, snapshot: Snapshot, traits: Traits) -> Seen:
        target, account = snapshot.target, snapshot.account
        connector = self._targets[target].connector
        with self._targets.calling(target, "find", account.id):
            found = connector.find(account.id)
        if found or traits.asks_people:
            return Seen(found, None)
        with self._targets.calling(target, "get", account.id):
            return Seen(found, connector.get(account.username))

    def _plan(self, snapshot: Snapshot, traits: Traits, entry: RemoteAccount | None) -> Plan:
        wanted = desired(snapshot.account, snapshot.credential, traits)
        return plan(wanted, snapshot.link, entry, traits, self._entitlements(snapshot.target, wanted.profile))

    def _entitlements(self, target: str, profile: Profile) -> frozenset[str]:
        connector = self._targets[target].connector
        return connector.entitlements_for(profile) if isinstance(connector, Entitles) else frozenset()

    def _carry_out(self, run: _Run, step: Step, entry: RemoteAccount | None) -> RemoteAccount | None:
        target = run.snapshot.target
        if isinstance(step, Disconnect) and not self._ends_sessions(target):
            return entry
        with self._targets.calling(target, _CALLS[type(step)], run.snapshot.account.id):
            return _called(self._targets[target].connector, step, entry)


def _called(connector: Connector, step: Step, entry: RemoteAccount | None) -> RemoteAccount | None:
    match step:
        case Create(new):
            return connector.create(new)
        case Adopt(marker) if isinstance(connector, Adopts):
            return connector.adopt(_present(entry), marker)
        case Adopt():
            raise PermissionDenied("entries of this kind of system cannot be taken over")
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
