"""What the store says about one account at one target, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from provisioner.account import Account, Credential
from provisioner.account_record import account_of
from provisioner.board import OPEN
from provisioner.clock import Clock
from provisioner.convergence.plan import LinkFacts
from provisioner.credential.generation import credential_of
from provisioner.errors import NotFound
from provisioner.keyring import Keyring
from provisioner.store.tables import AccountRow, CredentialRow, LinkRow, RequestRow, TaskCardRow


@dataclass(frozen=True)
class Snapshot:
    """Enough to plan without asking the store again."""

    target: str
    request_id: str
    account: Account
    credential: Credential | None
    link: LinkFacts


class Snapshots:
    """Reads snapshots."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def load(self, session: Session, link_id: str) -> Snapshot:
        """:raises NotFound: there is no such link."""
        return self.load_all(session, [link_id])[link_id]

    def load_all(self, session: Session, link_ids: Sequence[str]) -> Mapping[str, Snapshot]:
        """Several at once, by the link's id.

        :raises NotFound: there is no such link.
        """
        cards = select(func.count(TaskCardRow.id)).where(
            TaskCardRow.target == LinkRow.target, TaskCardRow.account_id == LinkRow.account_id
        )
        still_open = cards.where(TaskCardRow.state == OPEN)
        asked = (
            select(LinkRow, RequestRow, cards.scalar_subquery(), still_open.scalar_subquery())
            .join(LinkRow.account)
            .join(RequestRow, AccountRow.request_id == RequestRow.id)
            .options(
                contains_eager(LinkRow.account),
                joinedload(LinkRow.credential).joinedload(CredentialRow.generations),
            )
            .where(LinkRow.id.in_(link_ids))
        )
        found = {link.id: self._snapshot(link, *rest) for link, *rest in session.execute(asked).unique()}
        if len(found) < len(link_ids):
            raise NotFound("link-unknown")
        return found

    def _snapshot(self, link: LinkRow, request: RequestRow, asked_before: int, asked_now: int) -> Snapshot:
        credential = None
        if link.credential is not None:
            credential = credential_of(link.credential, link, request, self._keyring)
        return Snapshot(
            target=link.target,
            request_id=request.id,
            account=account_of(link.account, self._keyring, self._clock()),
            credential=credential,
            link=_facts(link, asked_before=bool(asked_before), asked_now=bool(asked_now)),
        )


def _facts(link: LinkRow, *, asked_before: bool, asked_now: bool) -> LinkFacts:
    return LinkFacts(
        applied_version=link.applied_version,
        applied_generation=link.applied_generation,
        remote_id=link.remote_id,
        waits_for_credential=link.waits_for_credential,
        asked_before=asked_before,
        asked_now=asked_now,
        adopts=link.adopts,
        restored_version=link.restored_version,
        newest_generation=link.credential.generation if link.credential is not None else 0,
    )
