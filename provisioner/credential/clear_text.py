"""Issuing an initial password to a target that takes clear text only: by the run of convergence that sets it.

The target was read a moment ago, so it is up. Then, in this order: the generation is counted and committed, the
password is drawn and set there while the entry is disabled, the slip is committed. Enabling the entry comes after that,
and recording the generation as applied last, so an envelope opens to nothing but a password that works.

The password exists only inside :meth:`ClearTextIssuer.issue`. A run that ends before the slip is committed leaves a
generation that perhaps the target has, and nobody else: it is void, and the next run issues the next one.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.clock import Clock
from provisioner.connector import RemoteAccount, SetsPasswords, StaleVersion
from provisioner.convergence.worklist import Claim, WorkList
from provisioner.credential.generation import (
    GenerationState,
    Kind,
    newest,
    supersede,
    supersede_all,
    takes_ticket,
)
from provisioner.envelope import SlipContext, seal
from provisioner.initial_password import initial_password
from provisioner.store import Store
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow, RequestRow


@dataclass(frozen=True)
class _Counted:
    """A generation that was counted and is to be set now."""

    number: int
    opening_key: bytes
    ticket_fingerprint: str
    context: SlipContext


class ClearTextIssuer:
    """Issues on behalf of whoever holds the claim on a link; raises :class:`LeaseLost` when that is somebody else."""

    def __init__(self, store: Store, clock: Clock, trail: AuditTrail, work: WorkList, office: str) -> None:
        """``office`` is bound into every seal."""
        self._store = store
        self._clock = clock
        self._trail = trail
        self._work = work
        self._office = office

    def issue(self, claim: Claim, entry: RemoteAccount, connector: SetsPasswords) -> RemoteAccount:
        """Issue the next generation, and give the entry as it is then. What was to be issued a moment ago and is not
        any more is not: the caller plans anew in any case.

        :raises ConnectorError: the target did not take it, or nobody knows whether it did.
        """
        counted = self._count(claim, entry)
        if counted is None:
            return entry
        if entry.marker is None:
            raise StaleVersion("the entry carries no marker of ours any more")
        self._work.renewed(claim)
        password = initial_password()
        sealed = seal(counted.opening_key, counted.context, password.encode())
        marker = replace(entry.marker, generation=counted.number)
        written = connector.set_password(entry, password, marker, must_change=True)
        self._seal(claim, counted, sealed)
        return written

    def _count(self, claim: Claim, entry: RemoteAccount) -> _Counted | None:
        """Everything before this generation is void from now on, whatever becomes of it."""
        there = entry.marker.generation if entry.marker is not None else 0
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            credential, request = _locked(session, link)
            if credential is None or not self._due(link.account, credential, request, there):
                return None
            supersede_all(credential.generations)
            number = max(credential.generation, there, link.applied_generation) + 1
            credential.generation, credential.wanted = number, True
            fingerprint = request.ticket_fingerprint or ""
            credential.generations.append(
                GenerationRow(
                    number=number,
                    kind=Kind.INITIAL,
                    state=GenerationState.ISSUING,
                    ticket_fingerprint=fingerprint,
                    issued_at=self._clock(),
                )
            )
            context = SlipContext(self._office, request.id, link.account_id, credential.name, number)
            return _Counted(number, request.opening_key or b"", fingerprint, context)

    def _due(self, account: AccountRow, credential: CredentialRow, request: RequestRow, there: int) -> bool:
        if AccountState(account.state) not in OPEN or not takes_ticket(credential, request):
            return False
        current = newest(credential.generations)
        missing = current is not None and current.state == GenerationState.SEALED and current.number > there
        return credential.wanted or missing

    def _seal(self, claim: Claim, counted: _Counted, sealed: bytes) -> None:
        """Void instead of sealed, if anything was decided since it was counted that speaks against it."""
        with self._store.begin() as session:
            link = self._work.held(session, claim)
            credential, request = _locked(session, link)
            if credential is None:
                return
            generation = next(each for each in credential.generations if each.number == counted.number)
            same_ticket = request.ticket_fingerprint == counted.ticket_fingerprint
            wanted = generation.state == GenerationState.ISSUING and credential.wanted and same_ticket
            if not wanted or AccountState(link.account.state) not in OPEN:
                supersede(generation)
                return
            generation.state, generation.slip, generation.issued_at = GenerationState.SEALED, sealed, self._clock()
            credential.wanted = False
            self._trail.record(
                session,
                "password-issued",
                actor=Actor.system(),
                subjects=Subjects(request=request.id, account=link.account_id),
                credential=credential.name,
                generation=counted.number,
                targets=[link.target],
                username=link.account.username,
            )


def _locked(session: Session, link: LinkRow) -> tuple[CredentialRow | None, RequestRow]:
    """The credential under the same lock as any other issuing takes, and the request with the ticket."""
    locked = select(CredentialRow).where(CredentialRow.id == link.credential_id).with_for_update(key_share=True)
    request = session.get_one(RequestRow, link.account.request_id)
    return session.scalars(locked).one_or_none(), request
