"""Systems that take clear text only get the operator's own password while it is at hand: in the request in which it was
changed, or at a later sign-in. It is kept nowhere, so a system that cannot be reached stays behind until then.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from provisioner.account import OPEN, AccountState
from provisioner.connector import (
    ConnectorError,
    InDoubt,
    Marker,
    PolicyViolation,
    RemoteAccount,
    StaleVersion,
    TargetUnavailable,
)
from provisioner.convergence.readiness import Readiness
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import WorkList, due_now, left_alone
from provisioner.credential.own_password import OwnPasswords
from provisioner.dispatch.wakeup import WakeUp
from provisioner.provisioning.context import Context
from provisioner.restoration import dispatch_held
from provisioner.store.tables import AccountRow, LinkRow

_log = logging.getLogger(__name__)

_TRIES = 3
"""A run of convergence may write in between; then it is read again."""


@dataclass(frozen=True)
class Laggard:
    """A system that has not got the operator's own password yet."""

    link_id: str
    target: str
    generation: int
    """Of the password that it is to get."""
    lease: str
    """Keeps the runner away meanwhile; empty where it is at work already."""


@dataclass(frozen=True)
class Following:
    """Systems that are behind after all."""

    unreached: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Their rules do not allow this password."""


class PasswordFollowing:
    """Sets a password under the same conditions as every write: on the marker that was read, with a newer one."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        own: OwnPasswords,
        work: WorkList,
        readiness: Readiness,
        wakeup: WakeUp,
    ) -> None:
        self._context = context
        self._targets = targets
        self._own = own
        self._work = work
        self._readiness = readiness
        self._wakeup = wakeup
        self._lease = timedelta(seconds=context.settings.runner.lease_seconds)

    def catch_up(self, account_id: str, password: str) -> None:
        """``password`` was just accepted by the sign-in target, and is the operator's own."""
        if not self._targets.clear_text:
            return
        with self._context.store.read() as session:
            account = session.get_one(AccountRow, account_id)
            behind = self._behind(account)
            if not behind or not self._own.is_known(account, password):
                return
        meant = {number for _, number in behind}
        with self._context.store.begin() as session:
            # One that was chosen in the meantime is another one: it is not this password's to be.
            begun = self.begin(session.get_one(AccountRow, account_id, with_for_update=True), meant)
        self.carry(begun, account_id, password)

    def begin(self, account: AccountRow, meant: Collection[int] | None = None) -> Sequence[Laggard]:
        """Who is behind; with ``meant``, with one of these generations. Called in the unit of work that makes them so,
        so that no runner comes in between.
        """
        behind = self._behind(account)
        return [self._begun(link, number) for link, number in behind if meant is None or number in meant]

    def carry(self, laggards: Sequence[Laggard], account_id: str, password: str) -> Following:
        """Set it, one after another. A system that rests after failures, or is paused, is not tried."""
        unreached, refused = [], []
        for laggard in laggards:
            try:
                followed = self._carry(laggard, account_id, password)
            except PolicyViolation:
                refused.append(laggard.target)
                self._give_back(laggard)
            except ConnectorError as error:
                _log.warning("an own password did not reach %s: %s", laggard.target, type(error).__name__)
                unreached.append(laggard.target)
                self._give_back(laggard, error)
            except Exception as error:  # A fault of this connector: the operator is in all the same.
                _log.error("carrying an own password to %s ended in %s", laggard.target, type(error).__name__)
                unreached.append(laggard.target)
                self._give_back(laggard)
            else:
                if not followed:
                    unreached.append(laggard.target)
                    self._give_back(laggard)
        return Following(tuple(unreached), tuple(refused))

    def _behind(self, account: AccountRow) -> list[tuple[LinkRow, int]]:
        if AccountState(account.state) not in OPEN:
            return []
        return [each for each in self._own.behind_links(account) if each[0].target in self._targets.clear_text]

    def _begun(self, link: LinkRow, number: int) -> Laggard:
        now = self._context.clock()
        held = link.lease_until is not None and link.lease_until > now
        token = "" if held else uuid4().hex
        if token:
            link.lease_token, link.lease_until = token, now + self._lease
        return Laggard(link.id, link.target, number, token)

    def _carry(self, laggard: Laggard, account_id: str, password: str) -> bool:
        connector = self._targets.setting(laggard.target)
        for last in (False,) * (_TRIES - 1) + (True,):
            entry = self._entry(laggard, account_id)
            if entry is None or entry.marker is None:
                return False
            generation = max(entry.marker.generation, laggard.generation)
            marker = Marker(account_id, entry.marker.version, generation)
            try:
                with self._targets.calling(laggard.target, "set_password", account_id):
                    connector.set_password(entry, password, marker, must_change=False)
            except StaleVersion:
                if last:
                    raise
                continue
            break
        self._note(laggard, account_id)
        return True

    def _entry(self, laggard: Laggard, account_id: str) -> RemoteAccount | None:
        """The account's entry, read now; None if there is none, or the password is not to be set any more."""
        with self._context.store.read() as session:
            account, link = session.get_one(AccountRow, account_id), session.get_one(LinkRow, laggard.link_id)
            still = [number for each, number in self._behind(account) if each.id == laggard.link_id]
            alone = dispatch_held(session) or laggard.target in left_alone(session, self._context.clock())
            remote_id = link.remote_id
        if still != [laggard.generation] or alone:
            return None
        with self._targets.calling(laggard.target, "find", account_id):
            found = self._targets[laggard.target].connector.find(account_id)
        if len(found) != 1 or remote_id not in (None, found[0].remote_id):
            return None
        return found[0]

    def _note(self, laggard: Laggard, account_id: str) -> None:
        with self._context.store.begin() as session:
            account = session.get_one(AccountRow, account_id, with_for_update=True)
            link = session.get_one(LinkRow, laggard.link_id, with_for_update=True)
            self._work.answered(link)
            link.applied_generation = max(link.applied_generation, laggard.generation)
            link.waits_for_credential = False
            # A run that is under way planned without it: what it finds is not to be recorded over this.
            link.lease_token = link.lease_until = None
            due_now(link, account.desired_version, self._context.clock())
            session.flush()
            self._readiness.applied(session, [link])
            self._wakeup.after_commit(session)

    def _give_back(self, laggard: Laggard, error: ConnectorError | None = None) -> None:
        with self._context.store.begin() as session:
            link = session.get_one(LinkRow, laggard.link_id, with_for_update=True)
            if laggard.lease and link.lease_token == laggard.lease:
                link.lease_token = link.lease_until = None
            if isinstance(error, TargetUnavailable | InDoubt):
                self._work.unavailable(session, laggard.target)
            self._wakeup.after_commit(session)
