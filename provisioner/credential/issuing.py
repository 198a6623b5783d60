"""Issuing an initial password: a step of its own, apart from convergence.

The password exists only inside :meth:`Issuer.issue`: drawn, turned into one verifier per target and one sealed slip,
forgotten. Hashing happens before the transaction; the transaction checks that nothing was decided in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.connector import Verifier
from provisioner.convergence.readiness import living
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import AT_REST, all_due
from provisioner.credential.generation import GenerationState, Kind, packed, supersede, takes_ticket
from provisioner.envelope import SlipContext, seal
from provisioner.initial_password import initial_password
from provisioner.keyring import Keyring
from provisioner.store import Store
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow, RequestRow


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
        hashing_at_once: int = 1,
    ) -> None:
        """``office`` is bound into every seal. ``hashing_at_once``: passwords that may be hashed at the same time."""
        self._store = store
        self._clock = clock
        self._trail = trail
        self._keyring = keyring
        self._targets = targets
        self._office = office
        self._hashing = BoundedSemaphore(hashing_at_once)

    def due(self, limit: int = 50) -> list[str]:
        """Ids of credentials whose initial password is wanted and has a ticket to be sealed to."""
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
        wanted = (
            select(CredentialRow.id)
            .join(AccountRow, CredentialRow.account_id == AccountRow.id)
            .join(RequestRow, AccountRow.request_id == RequestRow.id)
            .where(
                CredentialRow.wanted,
                AccountRow.state.in_([state.value for state in OPEN]),
                RequestRow.opening_key.is_not(None),
                ~spent,
                taking,
            )
            .order_by(AccountRow.state_at)
            .limit(limit)
        )
        with self._store.read() as session:
            return list(session.scalars(wanted))

    def orders(self, limit: int = 50) -> list[Order]:
        """What is to be issued, read in two questions."""
        ids = self.due(limit)
        with self._store.read() as session:
            orders = [self._order(concerned) for concerned in _concerned(session, ids)]
        return [order for order in orders if order is not None]

    def issue(self, credential_id: str) -> bool:
        """Issue the next generation. False: it is not wanted (any more), or no ticket is there for it."""
        with self._store.read() as session:
            orders = [self._order(concerned) for concerned in _concerned(session, [credential_id])]
        return any(self.carry_out(order) for order in orders if order is not None)

    def carry_out(self, order: Order) -> bool:
        """Issue what was read before. False: it is not the case any more; nothing was issued."""
        slip = self._drawn(order)
        with self._store.begin() as session:
            return self._commit(session, slip)

    def _drawn(self, order: Order) -> Slip:
        password = initial_password()
        with self._hashing:
            verifiers = {target: self._targets.verifier(target, password) for target in order.verified}
        return Slip(order, seal(order.opening_key, order.context, password.encode()), verifiers)

    def _order(self, concerned: "_Concerned") -> Order | None:
        credential, account, request = concerned
        if not credential.wanted or AccountState(account.state) not in OPEN or not takes_ticket(credential, request):
            return None
        targets = [link.target for link in living(credential) if link.target in self._targets]
        taking = [target for target in targets if self._targets.takes_verifiers(target)]
        if not taking or request.opening_key is None or request.ticket_fingerprint is None:
            return None
        number = credential.generation + 1
        context = SlipContext(self._office, request.id, account.id, credential.name, number)
        verified = tuple(name for name in taking if self._targets.traits(name).enforces_first_change)
        return Order(
            credential.id, number, verified, tuple(targets), request.opening_key, request.ticket_fingerprint, context
        )

    def _commit(self, session: Session, slip: Slip) -> bool:
        concerned = _concerned(session, [slip.order.credential_id], lock=True)
        if [self._order(each) for each in concerned] != [slip.order]:
            return False
        [(credential, account, _)], now = concerned, self._clock()
        verifiers = packed(self._keyring, slip.verifiers)
        generation = sealed_generation(credential, slip.order.ticket_fingerprint, slip.sealed, now, verifiers)
        account.desired_version += 1
        all_due(session, account, now)
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
        return True


_Concerned = tuple[CredentialRow, AccountRow, RequestRow]


def _concerned(session: Session, credential_ids: Sequence[str], *, lock: bool = False) -> list[_Concerned]:
    """Credentials with account and request in one question; with ``lock`` nobody else changes them meanwhile."""
    asked = (
        select(CredentialRow, AccountRow, RequestRow)
        .join(AccountRow, CredentialRow.account_id == AccountRow.id)
        .join(RequestRow, AccountRow.request_id == RequestRow.id)
        .options(joinedload(CredentialRow.generations), joinedload(CredentialRow.links))
        .where(CredentialRow.id.in_(credential_ids))
        .order_by(AccountRow.state_at)
    )
    if lock:
        asked = asked.with_for_update(of=CredentialRow)
    return [(credential, account, request) for credential, account, request in session.execute(asked).unique()]


def sealed_generation(
    credential: CredentialRow,
    fingerprint: str,
    slip: bytes,
    at: datetime,
    verifiers: bytes | None = None,
) -> GenerationRow:
    """Add the next generation, an initial password that lies sealed. What was sealed before is void."""
    for earlier in _replaced(credential.generations):
        supersede(earlier)
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


def _replaced(generations: Sequence[GenerationRow]) -> list[GenerationRow]:
    """What is still sealed, or shown, or undecided."""
    replaceable = {GenerationState.SEALED, GenerationState.OPENED, GenerationState.PENDING}
    return [each for each in generations if GenerationState(each.state) in replaceable]
