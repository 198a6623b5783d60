"""The queue of the ADB: what waits for a person. Everything else goes on by itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.provisioning.context import Context
from provisioner.provisioning.progress import Progress, SystemsProgress, in_trouble
from provisioner.store.tables import AccountRow, CredentialRow, EnvelopeAlarmRow, HelpCardRow, LinkRow, RequestRow

READERS = ("it", "adb", "section_head")


@dataclass(frozen=True)
class QueueItem:
    """Something for the ADB. ``kind``: ``alarm``, ``link``, ``help`` or ``replacement``."""

    kind: str
    account_id: str
    username: str
    display_name: str
    since: datetime
    progress: Progress | None = None
    help_card_id: str = ""
    predecessor_id: str = ""
    predecessor_username: str = ""


class Queue:
    """Reads only."""

    def __init__(self, context: Context, progress: SystemsProgress) -> None:
        self._context = context
        self._progress = progress

    def waiting(self, actor: Actor) -> list[QueueItem]:
        """Oldest first: envelopes tried from elsewhere, systems that fail or ask, operators who ask, predecessors whose
        access the approved request proposes to revoke.

        :raises NotAllowed: not one of these posts.
        """
        actor.require(*READERS)
        with self._context.store.read() as session:
            items = [
                *self._alarms(session),
                *self._troubled(session),
                *self._help(session),
                *self._replacements(session),
            ]
        return sorted(items, key=lambda item: item.since)

    def _alarms(self, session: Session) -> list[QueueItem]:
        rows = (
            select(EnvelopeAlarmRow, AccountRow)
            .join(AccountRow, EnvelopeAlarmRow.account_id == AccountRow.id)
            .where(EnvelopeAlarmRow.examined_at.is_(None))
        )
        return [_item("alarm", account, alarm.raised_at) for alarm, account in session.execute(rows)]

    def _troubled(self, session: Session) -> list[QueueItem]:
        rows = (
            select(LinkRow)
            .where(in_trouble())
            .options(
                joinedload(LinkRow.account), selectinload(LinkRow.credential).selectinload(CredentialRow.generations)
            )
        )
        return [
            _item("link", link.account, self._since(link), progress=self._progress.of(link))
            for link in session.scalars(rows)
        ]

    def _since(self, link: LinkRow) -> datetime:
        return link.failing_since or link.applied_at or link.account.state_at

    def _help(self, session: Session) -> list[QueueItem]:
        rows = (
            select(HelpCardRow, AccountRow)
            .join(AccountRow, HelpCardRow.account_id == AccountRow.id)
            .where(HelpCardRow.state == "open")
        )
        return [_item("help", account, card.asked_at, help_card_id=card.id) for card, account in session.execute(rows)]

    def _replacements(self, session: Session) -> list[QueueItem]:
        """Proposed, never done by itself: somebody has to decide it."""
        predecessor = aliased(AccountRow)
        rows = (
            select(AccountRow, predecessor)
            .join(RequestRow, AccountRow.request_id == RequestRow.id)
            .join(predecessor, func.lower(predecessor.username) == func.lower(RequestRow.replaces_username))
            .where(
                RequestRow.replaces_username > "",  # Not "!=": an index leads to these.
                predecessor.state != AccountState.REVOKED,
                predecessor.id != AccountRow.id,
            )
        )
        return [
            _item(
                "replacement",
                account,
                account.created_at,
                predecessor_id=before.id,
                predecessor_username=before.username,
            )
            for account, before in session.execute(rows)
        ]


def _item(
    kind: str,
    account: AccountRow,
    since: datetime,
    *,
    progress: Progress | None = None,
    help_card_id: str = "",
    predecessor_id: str = "",
    predecessor_username: str = "",
) -> QueueItem:
    return QueueItem(
        kind,
        account.id,
        account.username,
        account.display_name,
        since,
        progress,
        help_card_id,
        predecessor_id,
        predecessor_username,
    )
