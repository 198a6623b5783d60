"""The link table as the list of work: claiming with a lease, and giving back.

Wake-ups are hints only: whatever is due is found here by anybody who looks. Everything that several runners must agree
on (leases, back-off, the limit per target, the circuit breaker) stands in the tables.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from provisioner.clock import Clock
from provisioner.errors import WrongState
from provisioner.observation.reference import current_reference
from provisioner.restoration import dispatch_held, held_condition
from provisioner.settings import RunnerSettings
from provisioner.store import Store
from provisioner.store.agreement import insert_if_missing
from provisioner.store.locking import alone, is_locking
from provisioner.store.tables import AccountRow, CredentialRow, LinkRow, RequestRow, TargetHealthRow

DUE, DONE, ASKED, FAILED, GONE, LEFT_OUT = "due", "done", "asked", "failed", "gone", "left-out"
AT_REST = frozenset({GONE, LEFT_OUT})
"""States in which a link takes no part any more."""


class LeaseLost(WrongState):
    """Somebody else took the link over: what this run has not recorded yet is theirs."""


@dataclass(frozen=True)
class Claim:
    """The right to work on one link for a while."""

    link_id: str
    token: str
    until: datetime
    reference: str | None = None
    """What the change came from that is to be carried out."""


class WorkList:
    """Hands out what is due."""

    def __init__(self, store: Store, clock: Clock, settings: RunnerSettings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._call = timedelta(seconds=settings.call_timeout_seconds)

    def claim(self, target: str, limit: int) -> list[Claim]:
        """Take up to ``limit`` links of one target that are due, oldest first, to work on one after another. Empty:
        nothing is due, as many as the target may have are at work, or it rests: after failures, or because somebody
        has paused it; or nothing at all is dispatched, see :mod:`provisioner.restoration`.
        """
        now = self._clock()
        with self._store.read() as session:
            # Every wake-up comes by here: one that is left alone must not take turns at writing from the others.
            if dispatch_held(session) or target in left_alone(session, now):
                return []
        with self._store.begin() as session:
            alone(session, "claim", target)  # Or two who count at once would take more than the target may have.
            room = self._room(session, target, now, limit)
            if not room:
                return []
            token, until = uuid4().hex, now + self._lease
            # Named first, so that it is carried out once: a planner may repeat a question inside a condition.
            due = self._due(target, now).limit(room).with_for_update(key_share=True, skip_locked=True).cte("due")
            taken = (
                update(LinkRow)
                .where(LinkRow.id.in_(select(due.c.id)))
                .values(lease_token=token, lease_until=until)
                .returning(LinkRow.id, LinkRow.reference)
                .execution_options(synchronize_session=False)
            )
            return [Claim(link_id, token, until, reference) for link_id, reference in session.execute(taken)]

    def give_back(self, claims: Sequence[Claim]) -> None:
        """What was taken and not begun is anybody's again."""
        with self._store.begin() as session:
            for claim in claims:
                session.execute(update(LinkRow).where(_ours(claim)).values(lease_token=None, lease_until=None))

    def renewed(self, claim: Claim) -> Claim:
        """The claim, good for at least one more call; its lease is lengthened when it runs out too soon.

        :raises LeaseLost: somebody else has the link now.
        """
        now = self._clock()
        if claim.until - now > self._call:
            return claim
        until = now + self._lease
        with self._store.begin() as session:
            kept = session.scalars(
                update(LinkRow).where(_ours(claim)).values(lease_until=until).returning(LinkRow.id)
            ).all()
        if not kept:
            raise LeaseLost("lease-lost")
        return replace(claim, until=until)

    def held(self, session: Session, claim: Claim) -> LinkRow:
        """The link, on condition that the lease is still ours; locked until the unit of work ends.

        :raises LeaseLost: it is not.
        """
        links = self.all_held(session, [claim])
        if not links:
            raise LeaseLost("lease-lost")
        return links[claim.link_id]

    def all_held(self, session: Session, claims: Sequence[Claim]) -> Mapping[str, LinkRow]:
        """As :meth:`held`, by id; without those whose lease is not ours any more."""
        # With everything that a success touches: one question instead of six for each.
        credentials = joinedload(LinkRow.account).joinedload(AccountRow.credentials)
        together = credentials.options(joinedload(CredentialRow.generations), joinedload(CredentialRow.links))
        tokens = {claim.link_id: claim.token for claim in claims}
        lock_accounts(session, select(LinkRow.account_id).where(LinkRow.id.in_(tokens)))
        ours = (
            select(LinkRow)
            .where(LinkRow.id.in_(tokens), LinkRow.lease_token.in_(set(tokens.values())))
            .order_by(LinkRow.id)
            .options(together, joinedload(LinkRow.health))
        )
        links = session.scalars(ours.with_for_update(key_share=True, of=LinkRow)).unique()
        return {link.id: link for link in links if link.lease_token == tokens[link.id]}

    def look_again(self, link_id: str) -> None:
        """A run that had lost its lease may have written: whoever comes next reads the target again."""
        with self._store.begin() as session:
            session.execute(
                update(LinkRow)
                .where(LinkRow.id == link_id, LinkRow.state.not_in(AT_REST))
                .values(state=DUE, next_try_at=self._clock())
            )

    def release_all(self) -> int:
        """Give back every lease. Only for somebody who knows that no other runner is alive."""
        with self._store.begin() as session:
            released = (
                update(LinkRow).where(LinkRow.lease_token.is_not(None)).values(lease_token=None, lease_until=None)
            )
            return len(session.scalars(released.returning(LinkRow.id)).all())

    def answered(self, link: LinkRow) -> None:
        """The link's target answered: its breaker closes."""
        health = link.health
        if health is not None and health.failures:
            health.failures, health.rests_until, health.failing_since = 0, None, None

    def unavailable(self, session: Session, target: str) -> None:
        """The target did not answer. After several times in a row it is left alone for a while."""
        health = health_of(session, target)
        health.failures += 1
        health.failing_since = health.failing_since or self._clock()
        if health.failures >= self._settings.breaker_failures:
            health.rests_until = self._clock() + timedelta(seconds=self._settings.breaker_seconds)

    def back_off(self, attempts: int) -> timedelta:
        """How long to wait after so many failures in a row, before jitter."""
        doubled = self._settings.backoff_first_seconds * 2.0 ** min(attempts - 1, 30)
        return timedelta(seconds=min(self._settings.backoff_max_seconds, doubled))

    def _due(self, target: str, now: datetime):  # type: ignore[no-untyped-def]  # Select's own type says no more here.
        return (
            select(LinkRow.id)
            .where(
                LinkRow.target == target,
                LinkRow.state == DUE,
                LinkRow.next_try_at <= now,
                or_(LinkRow.lease_until.is_(None), LinkRow.lease_until <= now),
            )
            .order_by(LinkRow.next_try_at)
        )

    def _room(self, session: Session, target: str, now: datetime, limit: int) -> int:
        """How many links one more worker may take."""
        health = select(TargetHealthRow).where(TargetHealthRow.target == target)
        busy, failures, rests_until, paused_at, held = session.execute(
            select(
                select(func.count(LinkRow.lease_token.distinct()))
                # Who has a lease has a token too: SQLite sees only by that that an index has just these.
                .where(LinkRow.target == target, LinkRow.lease_token.is_not(None), LinkRow.lease_until > now)
                .scalar_subquery(),
                health.with_only_columns(TargetHealthRow.failures).scalar_subquery(),
                health.with_only_columns(TargetHealthRow.rests_until).scalar_subquery(),
                health.with_only_columns(TargetHealthRow.paused_at).scalar_subquery(),
                held_condition(),
            )
        ).one()
        if held or paused_at is not None or (rests_until is not None and rests_until > now):
            return 0
        if (failures or 0) >= self._settings.breaker_failures:
            return 0 if busy else 1
        return limit if busy < self._settings.per_target else 0


def lock_accounts(session: Session, ids: Select[str]) -> None:
    """Have these accounts to oneself, each after its request, before anything of theirs is locked, as everybody does
    who decides about them: two units of work that begin at different ends would wait for each other. What is read
    after it belongs together.
    """
    if is_locking(session):
        theirs = select(AccountRow.id).join(RequestRow, AccountRow.request_id == RequestRow.id)
        theirs = theirs.where(AccountRow.id.in_(ids)).order_by(AccountRow.id)
        # PostgreSQL locks the rows of one line in the order in which they are named here.
        session.execute(theirs.with_for_update(key_share=True, of=(RequestRow, AccountRow)))


def lock_account(session: Session, account_id: str) -> None:
    """As :func:`lock_accounts`, for who goes on to look it up and may need its request or a pact too."""
    lock_accounts(session, select(AccountRow.id).where(AccountRow.id == account_id))


def health_of(session: Session, target: str) -> TargetHealthRow:
    """What is noted of a target, to be changed."""
    alone(session, "target-health", target)
    health = session.get(TargetHealthRow, target, with_for_update=True)
    if health is None:
        insert_if_missing(session, TargetHealthRow, target=target, failures=0)
        health = session.get_one(TargetHealthRow, target, with_for_update=True)
    return health


def anything_due(session: Session, now: datetime) -> bool:
    """Whether an account is being worked on at some target, or could be now. What waits to be tried again does not
    count, and neither does a target that is left alone.
    """
    if dispatch_held(session):
        return False
    at_work = select(LinkRow.id).where(LinkRow.lease_token.is_not(None), LinkRow.lease_until > now).limit(1)
    if session.scalars(at_work).first() is not None:
        return True
    resting = left_alone(session, now)
    due = and_(LinkRow.state == DUE, LinkRow.next_try_at <= now)
    return any(
        session.scalars(select(LinkRow.id).where(LinkRow.target == target, due).limit(1)).first() is not None
        for target in _targets_in_use(session)
        if target not in resting
    )


def _targets_in_use(session: Session) -> Iterator[str]:
    """From one to the next along the index of due links, which begins with them: reading every link would take long."""
    target = session.scalar(select(func.min(LinkRow.target)))
    while target is not None:
        yield target
        target = session.scalar(select(func.min(LinkRow.target)).where(LinkRow.target > target))


def left_alone(session: Session, now: datetime) -> frozenset[str]:
    """The targets to which nothing is sent now: they rest after failures, or somebody has paused them."""
    resting = TargetHealthRow.rests_until > now
    return frozenset(
        session.scalars(select(TargetHealthRow.target).where(or_(resting, TargetHealthRow.paused_at.is_not(None))))
    )


def retry_target(session: Session, target: str, at: datetime) -> int:
    """Its rest ends, and everything that was put off there after a failure, or given up, is due at once. Gives how many
    accounts that are.
    """
    health = session.get(TargetHealthRow, target, with_for_update=True)
    if health is not None:
        health.rests_until = None
    put_off = and_(LinkRow.state == DUE, LinkRow.next_try_at > at)
    retried = (
        update(LinkRow)
        .where(LinkRow.target == target, or_(put_off, LinkRow.state == FAILED))
        .values(state=DUE, next_try_at=at, attempts=0)
        .returning(LinkRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(retried).all())


def due_now(link: LinkRow, version: int, at: datetime) -> None:
    """The account changed: the link has to catch up with ``version``, whatever it was waiting for."""
    if link.state in AT_REST:
        return
    link.desired_version = version
    link.state, link.next_try_at, link.attempts = DUE, at, 0
    link.desired_at = link.desired_at or at
    link.reference = current_reference()


def count_up(session: Session, account_ids: Sequence[str]) -> None:
    """These accounts changed: the versions that they should have, in one statement. They must be locked
    (:func:`lock_accounts`); rows that were read before do not show it.
    """
    session.execute(
        update(AccountRow)
        .where(AccountRow.id.in_(account_ids))
        .values(desired_version=AccountRow.desired_version + 1, revision=AccountRow.revision + 1)
        .execution_options(synchronize_session=False)
    )


def all_due(session: Session, account_ids: Sequence[str], at: datetime) -> None:
    """As :func:`due_now` for every link of these accounts, at the versions that the store has, in one statement; links
    that were read before do not show it. They refer to what their credential was wanted by.
    """
    wanted_by = select(CredentialRow.reference).where(CredentialRow.id == LinkRow.credential_id).scalar_subquery()
    version = select(AccountRow.desired_version).where(AccountRow.id == LinkRow.account_id).scalar_subquery()
    session.execute(
        update(LinkRow)
        .where(LinkRow.account_id.in_(account_ids), LinkRow.state.not_in(AT_REST))
        .values(
            desired_version=version,
            state=DUE,
            next_try_at=at,
            attempts=0,
            desired_at=func.coalesce(LinkRow.desired_at, at),
            reference=func.coalesce(wanted_by, LinkRow.reference),
        )
        .execution_options(synchronize_session=False)
    )


def _ours(claim: Claim) -> ColumnElement[bool]:
    return and_(LinkRow.id == claim.link_id, LinkRow.lease_token == claim.token)
