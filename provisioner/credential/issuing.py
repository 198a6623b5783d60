"""Issuing an initial password: a step of its own, apart from convergence.

The password exists only inside :meth:`Issuer.draw`: drawn, turned into one verifier per target and one sealed slip,
forgotten. Hashing happens before the transaction; the transaction checks that nothing was decided in between. Several
are committed at once: what a commit costs is the same for one and for twenty.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import Session, joinedload

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.connector import Verifier
from provisioner.convergence.readiness import living
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import AT_REST, all_due, count_up, lock_accounts
from provisioner.credential.generation import GenerationState, Kind, packed, supersede_all, takes_ticket
from provisioner.envelope import SlipContext, seal
from provisioner.initial_password import initial_password
from provisioner.keyring import Keyring
from provisioner.restoration import dispatch_held
from provisioner.store import Store
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow, RequestRow
from provisioner.store.tables.credentials import WANTED

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """What was the case when the password was drawn."""

    credential_id: str
    generation: int
    """The new number."""
    verified: tuple[str, ...]
    """Targets that get a verifier; those in withheld mode get none."""
    targets: tuple[str, ...]
    opening_key: bytes
    ticket_fingerprint: str
    context: SlipContext
    reference: str | None = field(default=None, compare=False)
    """What it was wanted by."""


@dataclass(frozen=True)
class Slip:
    """What an initial password leaves behind."""

    order: Order
    sealed: bytes
    verifiers: Mapping[str, Verifier]


class Issuer:
    """Issues what is wanted."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        trail: AuditTrail,
        keyring: Keyring,
        targets: TargetSet,
        office: str,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        """``office`` is bound into every seal. ``lease``: how long nobody else draws what was claimed here."""
        self._store = store
        self._clock = clock
        self._trail = trail
        self._keyring = keyring
        self._targets = targets
        self._office = office
        self._lease = lease
        self._token = uuid4().hex

    def due(self, limit: int = 50) -> list[str]:
        """Ids of credentials whose initial password is wanted and has a ticket to be sealed to."""
        return [order.credential_id for order in self.orders(limit)]

    def orders(self, limit: int = 50) -> list[Order]:
        """What is to be issued and nobody is drawing, in two questions. Columns, not rows: it is read again, whole,
        when it is issued. Nothing while nothing is dispatched, see :mod:`provisioner.restoration`.
        """
        wanted = self._wanted().with_only_columns(
            CredentialRow.id,
            CredentialRow.name,
            CredentialRow.generation,
            AccountRow.id,
            RequestRow.id,
            RequestRow.opening_key,
            RequestRow.ticket_fingerprint,
            CredentialRow.reference,
        )
        with self._store.read() as session:
            if dispatch_held(session):
                return []
            found = session.execute(wanted.order_by(AccountRow.state_at).limit(limit)).all()
            links = select(LinkRow.credential_id, LinkRow.target).where(
                LinkRow.credential_id.in_([row[0] for row in found]), LinkRow.state.not_in(AT_REST)
            )
            targets: dict[str | None, list[str]] = {}
            for credential_id, target in session.execute(links.order_by(LinkRow.target)):
                targets.setdefault(credential_id, []).append(target)
        orders = (self._ordered(*row[:7], targets.get(row[0], ()), reference=row[7]) for row in found)
        return [order for order in orders if order is not None]

    def claim(self, limit: int) -> list[Order]:
        """As :meth:`orders`, for many workers: nobody else draws them while the lease lasts. It saves work, and no
        more: a password is issued once however many were drawn for it.
        """
        while orders := self.orders(limit):
            now = self._clock()
            free = (
                select(CredentialRow.id)
                .where(CredentialRow.id.in_([order.credential_id for order in orders]), _not_drawn(now))
                .with_for_update(key_share=True, skip_locked=True)
                .cte()
            )
            taken = (
                update(CredentialRow)
                .where(CredentialRow.id.in_(select(free.c.id)))
                .values(drawing_token=self._token, drawing_until=now + self._lease)
                .returning(CredentialRow.id)
                .execution_options(synchronize_session=False)
            )
            with self._store.begin() as session:
                ours = set(session.scalars(taken))
            if ours:
                return [order for order in orders if order.credential_id in ours]
        return []

    def give_back(self, orders: Sequence[Order]) -> None:
        """What was claimed and will not be drawn is anybody's again."""
        ids = [order.credential_id for order in orders]
        with self._store.begin() as session:
            session.execute(
                update(CredentialRow)
                .where(CredentialRow.id.in_(ids), CredentialRow.drawing_token == self._token)
                .values(drawing_token=None, drawing_until=None)
                .execution_options(synchronize_session=False)
            )

    def _wanted(self) -> Select[Any]:
        spent = exists().where(
            GenerationRow.credential_id == CredentialRow.id,
            GenerationRow.ticket_fingerprint == RequestRow.ticket_fingerprint,
            or_(GenerationRow.opened_at.is_not(None), GenerationRow.state == GenerationState.LAPSED),
        )
        taking = exists().where(
            LinkRow.credential_id == CredentialRow.id,
            LinkRow.state.not_in(AT_REST),
            LinkRow.target.in_([name for name in self._targets if self._targets.takes_verifiers(name)]),
        )
        return (
            select(CredentialRow)
            .join(AccountRow, CredentialRow.account_id == AccountRow.id)
            .join(RequestRow, AccountRow.request_id == RequestRow.id)
            .where(
                WANTED,
                _not_drawn(self._clock()),
                AccountRow.state.in_([state.value for state in OPEN]),
                RequestRow.opening_key.is_not(None),
                ~spent,
                taking,
            )
        )

    def issue(self, credential_id: str) -> bool:
        """Issue the next generation. False: it is not wanted (any more), or no ticket is there for it."""
        with self._store.read() as session:
            orders = [self._order(concerned) for concerned in _concerned(session, [credential_id])]
        return any(self.commit([self.draw(order)]) for order in orders if order is not None)

    def draw(self, order: Order) -> Slip:
        """Draw a password for an order and keep what it leaves behind. Takes a hash, and one for every target that
        has a form of its own.
        """
        password = initial_password()
        verifiers = self._targets.verifiers(order.verified, password)
        return Slip(order, seal(order.opening_key, order.context, password.encode()), verifiers)

    def commit(self, slips: Sequence[Slip]) -> int:
        """Issue what was drawn, in one unit of work; how many were issued. What is not the case any more is not."""
        drawn = {slip.order.credential_id: slip for slip in slips}
        # Everything is written in one go before the audit events, not piece by piece before each question.
        with self._store.begin() as session, session.no_autoflush:
            now = self._clock()
            if dispatch_held(session):
                return 0
            issued: list[Order] = []
            for concerned in _concerned(session, list(drawn), lock=True):
                credential, account, _ = concerned
                slip = drawn[credential.id]
                credential.drawing_token = credential.drawing_until = None
                if self._order(concerned) == slip.order:
                    self._issue(session, credential, account, slip, now)
                    issued.append(slip.order)
            session.flush()
            changed = [order.context.account_id for order in issued]
            count_up(session, changed)
            all_due(session, changed, now)
        for order in issued:
            told = {"credential": order.credential_id, "generation": order.generation, "reference": order.reference}
            _log.info("password issued", extra={"facts": {"account": order.context.account_id, **told}})
        return len(issued)

    def _order(self, concerned: "_Concerned") -> Order | None:
        credential, account, request = concerned
        if not credential.wanted or AccountState(account.state) not in OPEN or not takes_ticket(credential, request):
            return None
        return self._ordered(
            credential.id,
            credential.name,
            credential.generation,
            account.id,
            request.id,
            request.opening_key,
            request.ticket_fingerprint,
            sorted(link.target for link in living(credential)),
            reference=credential.reference,
        )

    def _ordered(
        self,
        credential_id: str,
        name: str,
        generation: int,
        account_id: str,
        request_id: str,
        opening_key: bytes | None,
        fingerprint: str | None,
        linked: Sequence[str],
        *,
        reference: str | None,
    ) -> Order | None:
        targets = tuple(target for target in linked if target in self._targets)
        taking = [target for target in targets if self._targets.takes_verifiers(target)]
        if not taking or opening_key is None or fingerprint is None:
            return None
        number = generation + 1
        context = SlipContext(self._office, request_id, account_id, name, number)
        verified = tuple(target for target in taking if self._targets.traits(target).enforces_first_change)
        return Order(credential_id, number, verified, targets, opening_key, fingerprint, context, reference)

    def _issue(
        self, session: Session, credential: CredentialRow, account: AccountRow, slip: Slip, now: datetime
    ) -> None:
        verifiers = packed(self._keyring, slip.verifiers)
        generation = sealed_generation(credential, slip.order.ticket_fingerprint, slip.sealed, now, verifiers)
        self._trail.record(
            session,
            "password-issued",
            actor=Actor.system(),
            subjects=Subjects(request=account.request_id, account=account.id),
            credential=credential.name,
            generation=generation.number,
            targets=sorted(slip.order.targets),
            username=account.username,
        )


def _not_drawn(now: datetime) -> ColumnElement[bool]:
    return or_(CredentialRow.drawing_until.is_(None), CredentialRow.drawing_until <= now)


_Concerned = tuple[CredentialRow, AccountRow, RequestRow]


def _concerned(session: Session, credential_ids: Sequence[str], *, lock: bool = False) -> list[_Concerned]:
    """Credentials with account and request in one question; with ``lock`` nobody else changes them meanwhile."""
    asked = (
        select(CredentialRow, AccountRow, RequestRow)
        .join(AccountRow, CredentialRow.account_id == AccountRow.id)
        .join(RequestRow, AccountRow.request_id == RequestRow.id)
        .options(joinedload(CredentialRow.generations), joinedload(CredentialRow.links))
        .where(CredentialRow.id.in_(credential_ids))
        .order_by(AccountRow.state_at, CredentialRow.id)
    )
    if lock:
        lock_accounts(session, select(CredentialRow.account_id).where(CredentialRow.id.in_(credential_ids)))
        asked = asked.with_for_update(key_share=True, of=CredentialRow)
    return [(credential, account, request) for credential, account, request in session.execute(asked).unique()]


def sealed_generation(
    credential: CredentialRow,
    fingerprint: str,
    slip: bytes,
    at: datetime,
    verifiers: bytes | None = None,
) -> GenerationRow:
    """Add the next generation, an initial password that lies sealed. What was sealed before is void."""
    supersede_all(credential.generations)
    credential.generation += 1
    credential.wanted = False
    generation = GenerationRow(
        number=credential.generation,
        kind=Kind.INITIAL,
        state=GenerationState.SEALED,
        slip=slip,
        verifiers=verifiers,
        ticket_fingerprint=fingerprint,
        issued_at=at,
    )
    credential.generations.append(generation)
    return generation
