"""What a restored store must not go on with: sealed envelopes, tickets, codes, sessions, leases, pending passwords, and
officials' letters with first passwords.

After the backup an envelope may have been opened, a ticket exchanged, a session ended, a password changed. The copy
knows nothing of it, so everything of the kind is void. An operator's own password is not touched anywhere: only the
one-way forms of it that were still to be carried are forgotten, since a newer one may be in their place.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from provisioner.convergence.worklist import AT_REST
from provisioner.credential.generation import (
    CHECK_FORM,
    GenerationState,
    Kind,
    destroy_slip,
    packed,
    supersede,
    unpacked,
)
from provisioner.keyring import Keyring
from provisioner.reconciliation.run import RunState
from provisioner.store.tables import (
    AccountRow,
    CredentialRow,
    EnrolmentRow,
    GenerationRow,
    LinkRow,
    OfficialRow,
    ReconciliationRow,
    RequestRow,
    SessionRow,
    TargetCheckRow,
    TargetHealthRow,
)

_SEALED = (GenerationState.SEALED, GenerationState.ISSUING)


@dataclass(frozen=True)
class Voided:
    """How much of each is void."""

    envelopes: int
    tickets: int
    codes: int
    sessions: int


def void_all(session: Session, keyring: Keyring, now: datetime) -> Voided:
    """In the unit of work that restores."""
    envelopes = _void_generations(session, keyring)
    tickets = _void_tickets(session)
    codes = _count(
        session,
        update(EnrolmentRow)
        .where(EnrolmentRow.used_at.is_(None), EnrolmentRow.void_at.is_(None))
        .values(void_at=now)
        .returning(EnrolmentRow.id),
    )
    sessions = _count(
        session, update(SessionRow).where(SessionRow.ended_at.is_(None)).values(ended_at=now).returning(SessionRow.id)
    )
    _void_first_passwords(session, now)
    _begin_links_anew(session)
    _end_runs(session, now)
    return Voided(envelopes, tickets, codes, sessions)


def _void_generations(session: Session, keyring: Keyring) -> int:
    """How many envelopes are void. Their credentials want a new password; it waits for a new ticket."""
    accounts: set[str] = set()
    undecided = (*_SEALED, GenerationState.OPENED, GenerationState.PENDING, GenerationState.COMMITTED)
    asked = select(GenerationRow).where(GenerationRow.state.in_(undecided)).execution_options(yield_per=500)
    for generation in session.scalars(asked):
        if generation.state in _SEALED:
            supersede(generation)
            credential = session.get_one(CredentialRow, generation.credential_id)
            credential.wanted = True
            accounts.add(credential.account_id)
        elif generation.state == GenerationState.PENDING:
            supersede(generation)
        elif generation.state == GenerationState.OPENED:
            destroy_slip(generation)
        elif generation.kind == Kind.OWN and generation.verifiers is not None:
            kept = unpacked(keyring, generation.verifiers).get(CHECK_FORM)
            generation.verifiers = packed(keyring, {CHECK_FORM: kept}) if kept is not None else None
    session.flush()
    return len(accounts)


def _void_tickets(session: Session) -> int:
    """Every ticket whose envelopes are not all spent. That there was one stays known: a new one needs two officials."""
    spent = (
        select(func.count(GenerationRow.id))
        .join(CredentialRow, GenerationRow.credential_id == CredentialRow.id)
        .join(AccountRow, CredentialRow.account_id == AccountRow.id)
        .where(
            AccountRow.request_id == RequestRow.id,
            GenerationRow.ticket_fingerprint == RequestRow.ticket_fingerprint,
            GenerationRow.opened_at.is_not(None),
        )
        .scalar_subquery()
    )
    voided = (
        update(RequestRow)
        .where(RequestRow.opening_key.is_not(None), spent == 0)
        .values(opening_key=None, signing_key=None, check_code=None, ticket_fingerprint="void-" + RequestRow.id)
        .returning(RequestRow.id)
    )
    return _count(session, voided)


def _void_first_passwords(session: Session, now: datetime) -> None:
    """Letters of officials who had not used theirs: since the backup somebody may have, and the paper lies about."""
    unused = OfficialRow.must_change, OfficialRow.first_password_at.is_not(None)
    session.execute(update(OfficialRow).where(*unused).values(first_password_until=now))


def _begin_links_anew(session: Session) -> None:
    session.execute(update(LinkRow).where(LinkRow.lease_token.is_not(None)).values(lease_token=None, lease_until=None))
    version = select(AccountRow.desired_version).where(AccountRow.id == LinkRow.account_id).scalar_subquery()
    session.execute(update(LinkRow).where(LinkRow.state.not_in(AT_REST)).values(restored_version=version))
    session.execute(update(TargetHealthRow).values(failures=0, rests_until=None, failing_since=None))
    session.execute(update(TargetCheckRow).values(running_since=None))


def _end_runs(session: Session, now: datetime) -> None:
    """What was being compared when the backup was made is compared anew."""
    session.execute(
        update(ReconciliationRow)
        .where(ReconciliationRow.running_target.is_not(None))
        .values(state=RunState.INTERRUPTED, running_target=None, ended_at=now)
    )


def _count(session: Session, changing) -> int:  # type: ignore[no-untyped-def]  # Any update that gives back ids.
    return len(session.scalars(changing.execution_options(synchronize_session=False)).all())
