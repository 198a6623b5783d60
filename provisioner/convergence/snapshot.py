"""What the store says about one account at one target, read in one go."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from provisioner.account import Account, Credential
from provisioner.account_record import account_of
from provisioner.board import OPEN
from provisioner.clock import Clock
from provisioner.convergence.plan import LinkFacts
from provisioner.credential.generation import credential_of
from provisioner.errors import NotFound
from provisioner.keyring import Keyring
from provisioner.store.tables import LinkRow, RequestRow, TaskCardRow


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
        together = (joinedload(LinkRow.account), joinedload(LinkRow.credential))
        link = session.get(LinkRow, link_id, options=together)
        if link is None:
            raise NotFound("link-unknown")
        request = session.get_one(RequestRow, link.account.request_id)
        credential = None
        if link.credential is not None:
            credential = credential_of(link.credential, link.target, request, self._keyring)
        return Snapshot(
            target=link.target,
            request_id=request.id,
            account=account_of(link.account, self._keyring, self._clock()),
            credential=credential,
            link=_facts(session, link),
        )


def _facts(session: Session, link: LinkRow) -> LinkFacts:
    cards = select(TaskCardRow.state).where(
        TaskCardRow.target == link.target, TaskCardRow.account_id == link.account_id
    )
    asked = set(session.scalars(cards))
    return LinkFacts(
        applied_version=link.applied_version,
        applied_generation=link.applied_generation,
        remote_id=link.remote_id,
        waits_for_credential=link.waits_for_credential,
        asked_before=bool(asked),
        asked_now=OPEN in asked,
        newest_generation=link.credential.generation if link.credential is not None else 0,
    )
