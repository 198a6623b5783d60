"""What the store expects a target to hold, read for a few hundred accounts at a time and without the ORM's objects."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from provisioner.account import Credential
from provisioner.account_record import account_of
from provisioner.convergence.plan import LinkFacts
from provisioner.convergence.worklist import ASKED, AT_REST, DUE
from provisioner.credential.generation import GenerationState, Kind, newest, own_there
from provisioner.keyring import Keyring
from provisioner.reconciliation.comparison import Expected
from provisioner.restoration import dispatch_held
from provisioner.store.tables import AccountRow, CredentialRow, GenerationRow, LinkRow

_ACCOUNT = (
    AccountRow.id,
    AccountRow.username,
    AccountRow.full_name,
    AccountRow.display_name,
    AccountRow.role,
    AccountRow.region,
    AccountRow.org_unit,
    AccountRow.contact,
    AccountRow.valid_until,
    AccountRow.state,
    AccountRow.desired_version,
    AccountRow.password_changed_at,
    AccountRow.delete_after,
)
_WITH_LINK = (
    select(
        *_ACCOUNT,
        LinkRow.id.label("link_id"),
        LinkRow.state.label("link_state"),
        LinkRow.applied_version,
        LinkRow.applied_generation,
        LinkRow.applied_at,
        LinkRow.remote_id,
        LinkRow.adopts,
        LinkRow.waits_for_credential,
        LinkRow.restored_version,
        LinkRow.lease_until,
        LinkRow.credential_id,
        CredentialRow.wanted,
        CredentialRow.generation.label("newest_generation"),
    )
    .join(LinkRow, LinkRow.account_id == AccountRow.id)
    .outerjoin(CredentialRow, LinkRow.credential_id == CredentialRow.id)
)


class Expectations:
    """Questions about one target. ``settled_before``: what was applied later is looked at twice."""

    def __init__(self, target: str, keyring: Keyring, now: datetime, settled_before: datetime) -> None:
        self._target = target
        self._keyring = keyring
        self._now = now
        self._settled_before = settled_before

    def count(self, session: Session) -> int:
        """How many accounts take part."""
        return session.scalar(select(func.count()).select_from(LinkRow).where(*self._taking_part())) or 0

    def of(self, session: Session, account_ids: Collection[str]) -> dict[str, Expected | None]:
        """By account; None for one whose entry there is no account's any more, nothing where there is no such link."""
        asked = _WITH_LINK.where(LinkRow.target == self._target, LinkRow.account_id.in_(account_ids))
        rows: Sequence[Any] = session.execute(asked).all()
        credentials, moving = self._credentials(session, rows), _under_way(session)
        return {row.id: None if row.link_state in AT_REST else self._expected(row, credentials, moving) for row in rows}

    def account_ids(self, session: Session, after: str, limit: int) -> list[str]:
        """Accounts that take part, in the order of their ids."""
        asked: Select[Any] = select(LinkRow.account_id).where(*self._taking_part(), LinkRow.account_id > after)
        return list(session.scalars(asked.order_by(LinkRow.account_id).limit(limit)))

    def pending(self, session: Session) -> int:
        """How many accounts have their change under way."""
        under_way = or_(LinkRow.state.in_(_under_way(session) - {ASKED}), LinkRow.lease_until > self._now)
        return session.scalar(select(func.count()).select_from(LinkRow).where(*self._taking_part(), under_way)) or 0

    def accounts_of(self, session: Session, remote_ids: Collection[str]) -> set[str]:
        """The accounts whose entries these are, as far as it is recorded."""
        asked = select(LinkRow.account_id).where(*self._taking_part(), LinkRow.remote_id.in_(remote_ids))
        return set(session.scalars(asked))

    def entries(self, session: Session, after: str, limit: int) -> list[tuple[str, str]]:
        """Pairs of an account and the id of its recorded entry, in the order of the accounts' ids."""
        asked = select(LinkRow.account_id, LinkRow.remote_id).where(
            *self._taking_part(), LinkRow.account_id > after, LinkRow.remote_id.is_not(None)
        )
        rows = session.execute(asked.order_by(LinkRow.account_id).limit(limit))
        return [(account_id, remote_id or "") for account_id, remote_id in rows]

    def _taking_part(self) -> Iterator[Any]:
        yield LinkRow.target == self._target
        yield LinkRow.state.not_in(AT_REST)

    def _credentials(self, session: Session, rows: Sequence[Any]) -> dict[str, Credential]:
        wanted = {row.credential_id: row for row in rows if row.credential_id is not None}
        asked = select(
            GenerationRow.credential_id, GenerationRow.number, GenerationRow.kind, GenerationRow.state
        ).where(GenerationRow.credential_id.in_(wanted))
        of: defaultdict[str, list[Any]] = defaultdict(list)
        for generation in session.execute(asked) if wanted else ():
            of[generation.credential_id].append(generation)
        return {each: _credential(of[each], row) for each, row in wanted.items()}

    def _expected(self, row: Any, credentials: dict[str, Credential], moving: Collection[str]) -> Expected:
        held = row.lease_until is not None and row.lease_until > self._now
        return Expected(
            link_id=row.link_id,
            # A row with the same names serves as well as the object, which costs several times as much.
            account=account_of(cast(AccountRow, row), self._keyring, self._now),
            credential=credentials.get(row.credential_id),
            facts=LinkFacts(
                applied_version=row.applied_version,
                applied_generation=row.applied_generation,
                remote_id=row.remote_id,
                waits_for_credential=row.waits_for_credential,
                adopts=row.adopts,
                restored_version=row.restored_version,
                newest_generation=row.newest_generation or 0,
            ),
            pending=held or row.link_state in moving,
            settled=row.applied_at is not None and row.applied_at < self._settled_before,
        )


def _under_way(session: Session) -> frozenset[str]:
    """States in which a link's change is under way. What is only due is not while nothing is dispatched."""
    return frozenset({ASKED}) if dispatch_held(session) else frozenset({DUE, ASKED})


def _credential(found: list[Any], row: Any) -> Credential:
    generations = cast("list[GenerationRow]", found)
    current = newest(generations)
    stands = current is not None and current.state != GenerationState.LAPSED and not row.wanted
    own = current is not None and current.kind == Kind.OWN
    return Credential(stands=stands, own=own, own_there=own_there(generations, row.applied_generation))
