"""What came of a run, written down on condition that the lease is still ours, with its audit events."""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.connector import ConnectorError, InDoubt, Marker, RemoteAccount, TargetUnavailable
from provisioner.convergence.plan import Adopt, Create, Delete, Disconnect, Grant, Revoke, Step, Superseded, Update
from provisioner.convergence.readiness import Readiness
from provisioner.convergence.snapshot import Snapshot
from provisioner.convergence.worklist import ASKED, DONE, DUE, FAILED, GONE, Claim, WorkList, due_now
from provisioner.credential.generation import GenerationState, newest, supersede, want
from provisioner.observation.observer import UNOBSERVED, Observer
from provisioner.store import Store
from provisioner.store.tables import LinkRow

_log = logging.getLogger(__name__)

_READ_AGAIN = frozenset({"StaleVersion", "UnknownAccount", "Superseded"})
"""What was read is not the case any more. That is no fault of anybody: the next run reads again."""


@dataclass(frozen=True)
class Applied:
    """A run that ended well."""

    steps: tuple[Step, ...]
    entry: RemoteAccount | None
    waits: bool
    asked: bool
    """A person has to act before it is done."""
    granting: tuple[Grant, ...] = ()
    """Not done yet: held back to be given to several accounts at once."""


@dataclass(frozen=True)
class Success:
    """One run that ended well, to be recorded."""

    claim: Claim
    snapshot: Snapshot
    applied: Applied


class Recorder:
    """Writes results into the link table. Methods about one run raise :class:`LeaseLost` when the link is somebody
    else's.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        trail: AuditTrail,
        work: WorkList,
        readiness: Readiness,
        jitter: Callable[[], float] = random.random,
        observer: Observer = UNOBSERVED,
    ) -> None:
        """``jitter`` answers a number from 0 to 1 by which waits are spread."""
        self._observer = observer
        self._store = store
        self._clock = clock
        self._trail = trail
        self._work = work
        self._readiness = readiness
        self._jitter = jitter

    def succeeded(self, successes: Sequence[Success]) -> list[Claim]:
        """Targets hold what they should (or a person was asked to see to it): recorded in one unit of work. What is
        somebody else's by now is left to them, and returned.
        """
        # Everything is written in one go before the audit events, not piece by piece before each question.
        with self._store.begin() as session, session.no_autoflush:
            links = self._work.all_held(session, [each.claim for each in successes])
            ours = [each for each in successes if each.claim.link_id in links]
            behind_since = {link.id: link.desired_at for link in links.values()}
            for each in ours:
                self._note_success(session, links[each.claim.link_id], each)
            newer = [links[each.claim.link_id] for each in ours if self._note_applied(links[each.claim.link_id], each)]
            self._readiness.applied(session, newer)
            self._readiness.adopted(session, [links[each.claim.link_id] for each in ours])
        for each in ours:
            self._tell_success(links[each.claim.link_id], each, behind_since[each.claim.link_id])
        return [each.claim for each in successes if each.claim.link_id not in links]

    def lost(self, claim: Claim, snapshot: Snapshot, entry: RemoteAccount | None) -> None:
        """The entry went missing (``entry`` None) or came back older. Recorded before it is restored, so that a run
        after a crash does not take the restored entry for another one.
        """
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            link.waits_for_credential = True
            if entry is None:
                link.remote_id = None
            self._readiness.lost(link)
            self._record(
                session, "difference-found", snapshot, count=1, differences=["missing" if entry is None else "older"]
            )

    def caught_up(self, claim: Claim, snapshot: Snapshot, marker: Marker) -> None:
        """The target carries what this store has forgotten (see :func:`~provisioner.convergence.plan.forgotten`): count
        on from there. A sealed slip of a number that was given before holds a password nobody can use: it is void, and
        another one is issued.
        """
        now = self._clock()
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            account, credential = link.account, link.credential
            remembered = account.desired_version if link.restored_version is None else link.restored_version
            if marker.version > remembered and account.desired_version == snapshot.account.version:
                account.desired_version = max(account.desired_version, marker.version) + 1
                link.restored_version = None
                for each in account.links:
                    due_now(each, account.desired_version, now)
            if credential is not None and marker.generation > link.applied_generation:
                link.applied_generation = marker.generation
                credential.generation = max(credential.generation, marker.generation)
                current = newest(credential.generations)
                if (
                    current is not None
                    and current.state == GenerationState.SEALED
                    and current.number <= marker.generation
                ):
                    supersede(current)
                    want(credential)
            self._record(session, "difference-found", snapshot, count=1, differences=["newer"])

    def read_since_restoration(self, claim: Claim) -> None:
        """The target shows nothing of the time that was lost with a restoration, or was caught up with."""
        with self._store.begin() as session:
            self._work.held(session, claim).restored_version = None

    def memberships(self, changed: Sequence[tuple[Claim, Snapshot, Sequence[Grant | Revoke]]]) -> None:
        """Groups and roles that these accounts got and lost before their runs were left, by what the target said:
        whoever comes next finds it done, and would not tell.
        """
        with self._store.begin() as session:
            links = self._work.all_held(session, [claim for claim, _, _ in changed])
            for claim, snapshot, steps in changed:
                if claim.link_id in links:
                    self._note_memberships(session, snapshot, steps)

    def failed(
        self, claim: Claim, snapshot: Snapshot, error: ConnectorError, memberships: Sequence[Grant | Revoke] = ()
    ) -> None:
        """The target did not allow it. Retryable faults come back by themselves; others wait for a person.

        :param memberships: what was done of it before.
        """
        meaning = type(error).__name__
        again = error.retryable or meaning in _READ_AGAIN or _ours_already(error, snapshot)
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            if isinstance(error, Superseded) and link.desired_version <= snapshot.account.version:
                # Nothing newer was decided here: the target knows a future that this store has forgotten.
                again = False
            if isinstance(error, TargetUnavailable | InDoubt):
                self._work.unavailable(session, link.target)
            else:
                self._work.answered(link)
            self._note_memberships(session, snapshot, memberships)
            link.in_doubt = isinstance(error, InDoubt) or (link.in_doubt and isinstance(error, TargetUnavailable))
            self._note_failure(session, link, snapshot, meaning, str(error), again=again)
        self._tell_failure(claim, snapshot, meaning, again=again)

    def broken(
        self, claim: Claim, snapshot: Snapshot, error: Exception, memberships: Sequence[Grant | Revoke] = ()
    ) -> None:
        """A fault of ours or of the connector. It is parked, so that it does not come back for ever.

        :param memberships: what was done before.
        """
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            self._note_memberships(session, snapshot, memberships)
            self._note_failure(session, link, snapshot, "ProtocolError", type(error).__name__, again=False)
        self._tell_failure(claim, snapshot, "ProtocolError", again=False)

    def _tell_failure(self, claim: Claim, snapshot: Snapshot, meaning: str, *, again: bool) -> None:
        self._observer.failed(snapshot.target, meaning)
        told = {
            "target": snapshot.target,
            "account": snapshot.account.id,
            "link": claim.link_id,
            "version": snapshot.account.version,
            "error": meaning,
            "again": again,
            "reference": claim.reference,
        }
        _log.log(logging.INFO if again else logging.WARNING, "account not converged", extra={"facts": told})

    def _tell_success(self, link: LinkRow, success: Success, since: datetime | None) -> None:
        """To whoever observes, now that it is committed."""
        reached = since is not None and link.desired_at is None
        seconds = (self._clock() - since).total_seconds() if since is not None and reached else None
        if seconds is not None:
            self._observer.converged(link.target, seconds)
        if not _log.isEnabledFor(logging.INFO):
            return
        told = {
            "target": link.target,
            "account": link.account_id,
            "link": link.id,
            "version": success.snapshot.account.version,
            "steps": [type(step).__name__.lower() for step in success.applied.steps],
            "state": link.state,
            "seconds": round(seconds, 3) if seconds is not None else None,
            "reference": success.claim.reference,
        }
        _log.info("account converged", extra={"facts": told})

    def _note_success(self, session: Session, link: LinkRow, success: Success) -> None:
        snapshot, applied = success.snapshot, success.applied
        self._work.answered(link)
        self._trace(session, snapshot, applied, recovered=link.failing_since is not None)
        link.state, link.next_try_at = self._state_after(link, snapshot, applied), self._clock()
        link.lease_token = link.lease_until = link.failing_since = None
        link.error = link.error_message = ""
        link.attempts, link.in_doubt = 0, False
        if link.state in (DONE, GONE):
            link.desired_at = None
        if snapshot.account.state is AccountState.REVOKED and link.state in (DONE, GONE):
            link.closed_at = link.closed_at or self._clock()

    def _note_applied(self, link: LinkRow, success: Success) -> bool:
        """Whether a newer password was among it."""
        snapshot, applied = success.snapshot, success.applied
        if applied.asked:
            return False
        marker = applied.entry.marker if applied.entry is not None else None
        written = marker.generation if marker is not None else 0
        newer = written > link.applied_generation
        link.applied_version = max(link.applied_version, snapshot.account.version)
        link.applied_generation = max(link.applied_generation, written)
        link.applied_at = self._clock()
        if applied.entry is not None:
            link.remote_id = applied.entry.remote_id
        if newer:
            link.waits_for_credential = applied.waits
        return newer

    def _state_after(self, link: LinkRow, snapshot: Snapshot, applied: Applied) -> str:
        if link.desired_version > snapshot.account.version:
            return DUE
        if applied.asked:
            return ASKED
        deleted = any(isinstance(step, Delete) for step in applied.steps)
        return GONE if deleted or (snapshot.account.deletion_due and applied.entry is None) else DONE

    def _note_failure(
        self, session: Session, link: LinkRow, snapshot: Snapshot, meaning: str, message: str, *, again: bool
    ) -> None:
        now = self._clock()
        first = link.failing_since is None or link.error != meaning
        link.attempts += 1
        link.failing_since = link.failing_since or now
        link.error, link.error_message = meaning, message[:1000]
        link.lease_token = link.lease_until = None
        if link.desired_version > snapshot.account.version:
            link.state, link.next_try_at = DUE, now
        elif again:
            wait = timedelta(0) if meaning in _READ_AGAIN and link.attempts <= 2 else self._wait(link.attempts)
            link.state, link.next_try_at = DUE, now + wait
        else:
            link.state, link.next_try_at = FAILED, None
        if first:
            self._record(
                session,
                "target-failed",
                snapshot,
                code=meaning,
                attempt=link.attempts,
                version=snapshot.account.version,
            )

    def _wait(self, attempts: int) -> timedelta:
        return self._work.back_off(attempts) * (0.5 + self._jitter() / 2)

    def _trace(self, session: Session, snapshot: Snapshot, applied: Applied, *, recovered: bool) -> None:
        version = snapshot.account.version
        if recovered:
            self._trail.record(
                session,
                "target-recovered",
                actor=Actor.system(),
                subjects=_subjects(snapshot),
                target=snapshot.target,
            )
        if applied.asked:
            return  # What people do is recorded when they say so.
        for step in applied.steps:
            self._trace_step(session, snapshot, step)
        if _was_made_before(snapshot, applied):
            self._record(session, "account-created-in-target", snapshot, version=version)
        self._note_memberships(session, snapshot, applied.steps)

    def _note_memberships(self, session: Session, snapshot: Snapshot, steps: Sequence[Step]) -> None:
        version = snapshot.account.version
        if granted := [step.entitlement for step in steps if isinstance(step, Grant)]:
            self._record(session, "entitlements-granted", snapshot, entitlements=granted, version=version)
        if revoked := [step.entitlement for step in steps if isinstance(step, Revoke)]:
            self._record(session, "entitlements-revoked", snapshot, entitlements=revoked, version=version)

    def _trace_step(self, session: Session, snapshot: Snapshot, step: Step) -> None:
        version = snapshot.account.version
        match step:
            case Create(new) if new.enabled or not snapshot.link.applied_version:
                self._record(session, "account-created-in-target", snapshot, version=version)
            case Create():
                self._record(session, "account-restored-in-target", snapshot, version=version)
            case Adopt():
                self._record(session, "account-adopted-in-target", snapshot, version=version)
            case Update():
                self._trace_update(session, snapshot, step)
            case Delete():
                self._record(session, "account-deleted-in-target", snapshot, version=version)
            case Disconnect():
                self._record(session, "sessions-ended-in-target", snapshot)
            case Grant() | Revoke():
                pass  # Told together, see above.

    def _trace_update(self, session: Session, snapshot: Snapshot, step: Update) -> None:
        changes, version = step.changes, snapshot.account.version
        if changes.enabled is False:
            self._record(session, "account-disabled-in-target", snapshot, version=version)
        elif changes.enabled and snapshot.link.applied_version:
            self._record(session, "account-reactivated-in-target", snapshot, version=version)
        changed = [name for name in ("username", "profile") if getattr(changes, name) is not None]
        if changed:
            self._record(session, "account-changed-in-target", snapshot, changed=changed, version=version)

    def _record(self, session: Session, kind: str, snapshot: Snapshot, **fields: str | int | list[str]) -> None:
        self._trail.record(
            session,
            kind,
            actor=Actor.system(),
            subjects=_subjects(snapshot),
            target=snapshot.target,
            username=snapshot.account.username,
            **fields,
        )


def _subjects(snapshot: Snapshot) -> Subjects:
    return Subjects(request=snapshot.request_id, account=snapshot.account.id)


def _ours_already(error: ConnectorError, snapshot: Snapshot) -> bool:
    """The name is taken by this very account: an earlier, interrupted run made the entry."""
    marker = getattr(error, "marker", None)
    return marker is not None and marker.account_id == snapshot.account.id


def _was_made_before(snapshot: Snapshot, applied: Applied) -> bool:
    """An earlier run made the entry and could not write that down: it died, or the store was away."""
    unknown = not snapshot.link.applied_version and snapshot.link.remote_id is None
    return unknown and applied.entry is not None and not any(isinstance(s, Create | Adopt) for s in applied.steps)
