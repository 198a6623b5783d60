"""What pages show of accounts: search, details, progress in every system, and the ADB's queue. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.account_record import profile_of
from provisioner.actor import Actor
from provisioner.connector import Profile, Suspends
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import ASKED, AT_REST, DONE, DUE, FAILED
from provisioner.credential.generation import Kind, newest, takes_ticket
from provisioner.errors import NotFound
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_status import Envelopes, EnvelopeStatus
from provisioner.provisioning.person_numbers import has_number
from provisioner.store.tables import AccountRow, EnvelopeAlarmRow, HelpCardRow, LinkRow, RequestRow

READERS = ("it", "adb", "section_head", "division_head", "head", "auditor")
QUEUE_READERS = ("it", "adb", "section_head")


@dataclass(frozen=True)
class AccountSummary:
    """A row of the list."""

    id: str
    username: str
    display_name: str
    role: str
    region: str
    org_unit: str
    state: str
    state_at: datetime
    valid_until: date | None
    last_sign_in_at: datetime | None
    trouble: bool
    """A system does not follow, or a person has not confirmed."""


@dataclass(frozen=True)
class Page:
    """A page of the list."""

    rows: tuple[AccountSummary, ...]
    total: int
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.per_page))


@dataclass(frozen=True)
class Progress:
    """How far one system is. ``word``: ``done``, ``waiting``, ``asked``, ``failed``, ``in-doubt``, ``behind``,
    ``needs-password``, ``gone``, ``left-out``."""

    link_id: str
    target: str
    label: str
    word: str
    since: datetime | None
    """Since when it fails; None when it does not."""
    reason: str = ""
    """Name of the connector's error; empty when there is none."""
    message: str = ""
    next_try_at: datetime | None = None
    done_at: datetime | None = None
    session_limit_seconds: int | None = None


@dataclass(frozen=True)
class AccountDetail:
    """Everything about one account."""

    summary: AccountSummary
    profile: Profile = field(repr=False)
    request_id: str
    pact_id: str
    state_reason: str
    state_note: str
    password_changed_at: datetime | None
    delete_after: datetime | None
    created_at: datetime
    links: tuple[Progress, ...]
    envelope: EnvelopeStatus
    needs_ticket: bool


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


class AccountViews:
    """Queries. Methods that take an actor raise NotAllowed for posts that may not see accounts."""

    def __init__(self, context: Context, targets: TargetSet, envelopes: Envelopes) -> None:
        self._context = context
        self._targets = targets
        self._envelopes = envelopes

    def search(
        self,
        actor: Actor,
        text: str = "",
        state: str | None = None,
        role: str | None = None,
        region: str | None = None,
        page: int = 1,
        per_page: int = 25,
    ) -> Page:
        """Accounts by part of the name, user name or work unit, or by a whole NIK or NIP; sorted by name."""
        actor.require(*READERS)
        page, per_page = max(1, page), min(max(1, per_page), 200)
        conditions = self._conditions(text, state, role, region)
        with self._context.store.read() as session:
            total = session.scalar(select(func.count()).select_from(AccountRow).where(*conditions)) or 0
            rows = session.scalars(
                select(AccountRow)
                .where(*conditions)
                .order_by(AccountRow.full_name, AccountRow.id)
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            return Page(tuple(self._summary(session, row) for row in rows), total, page, per_page)

    def detail(self, actor: Actor, account_id: str) -> AccountDetail:
        """:raises NotFound: ``account-unknown``."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            row = session.get(AccountRow, account_id)
            if row is None:
                raise NotFound("account-unknown")
            request = session.get_one(RequestRow, row.request_id)
            return AccountDetail(
                summary=self._summary(session, row),
                profile=profile_of(row, self._context.keyring),
                request_id=row.request_id,
                pact_id=row.pact_id,
                state_reason=row.state_reason,
                state_note=row.state_note,
                password_changed_at=row.password_changed_at,
                delete_after=row.delete_after,
                created_at=row.created_at,
                links=tuple(self._progress(link) for link in row.links),
                envelope=self._envelopes.status_of(row),
                needs_ticket=any(each.wanted and not takes_ticket(each, request) for each in row.credentials),
            )

    def progress(self, account_id: str) -> tuple[Progress, ...]:
        """How far every system is; for pages whose own rules decided who may look.

        :raises NotFound: ``account-unknown``.
        """
        with self._context.store.read() as session:
            row = session.get(AccountRow, account_id)
            if row is None:
                raise NotFound("account-unknown")
            return tuple(self._progress(link) for link in row.links)

    def queue(self, actor: Actor) -> list[QueueItem]:
        """What waits for a person, oldest first: envelopes tried from elsewhere, systems that fail or ask, operators
        who ask, predecessors whose access the approved request proposes to revoke."""
        actor.require(*QUEUE_READERS)
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
        rows = select(LinkRow).where(_in_trouble())
        return [
            _item("link", link.account, self._since(link), progress=self._progress(link))
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
        rows = (
            select(AccountRow, RequestRow.replaces_username)
            .join(RequestRow, AccountRow.request_id == RequestRow.id)
            .where(RequestRow.replaces_username != "")
        )
        found: list[QueueItem] = []
        for account, name in session.execute(rows):
            predecessor = session.scalars(
                select(AccountRow).where(
                    func.lower(AccountRow.username) == name.lower(), AccountRow.state != AccountState.REVOKED
                )
            ).one_or_none()
            if predecessor is not None and predecessor.id != account.id:
                found.append(
                    _item(
                        "replacement",
                        account,
                        account.created_at,
                        predecessor_id=predecessor.id,
                        predecessor_username=predecessor.username,
                    )
                )
        return found

    def _conditions(
        self, text: str, state: str | None, role: str | None, region: str | None
    ) -> Sequence[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if part := text.strip()[:100]:
            columns = (AccountRow.full_name, AccountRow.username, AccountRow.org_unit)
            written = [column.icontains(part, autoescape=True) for column in columns]
            numbers = has_number(part, self._context.keyring, AccountRow.person_key, AccountRow.staff_key)
            conditions.append(or_(*written, *numbers))
        if state:
            conditions.append(AccountRow.state == state)
        if role:
            conditions.append(AccountRow.role == role)
        if region:
            conditions.append(AccountRow.region == region)
        return conditions

    def _summary(self, session: Session, row: AccountRow) -> AccountSummary:
        trouble = exists().where(LinkRow.account_id == row.id, _in_trouble())
        return AccountSummary(
            id=row.id,
            username=row.username,
            display_name=row.display_name,
            role=row.role,
            region=row.region,
            org_unit=row.org_unit,
            state=row.state,
            state_at=row.state_at,
            valid_until=row.valid_until,
            last_sign_in_at=row.last_sign_in_at,
            trouble=bool(session.scalar(select(trouble))),
        )

    def _progress(self, link: LinkRow) -> Progress:
        return Progress(
            link_id=link.id,
            target=link.target,
            label=self._targets.label(link.target),
            word=_word(link),
            since=link.failing_since,
            reason=link.error,
            message=link.error_message,
            next_try_at=link.next_try_at if link.state == DUE else None,
            done_at=link.applied_at,
            session_limit_seconds=self._session_limit(link),
        )

    def _session_limit(self, link: LinkRow) -> int | None:
        connector: object = self._targets[link.target].connector if link.target in self._targets else None
        limit = connector.open_session_limit() if isinstance(connector, Suspends) else None
        return int(limit.total_seconds()) if limit is not None else None


def _in_trouble() -> ColumnElement[bool]:
    failing = LinkRow.failing_since.is_not(None)
    return or_(LinkRow.state.in_((FAILED, ASKED)), failing, LinkRow.waits_for_credential) & LinkRow.state.not_in(
        AT_REST
    )


def _word(link: LinkRow) -> str:
    if link.state in AT_REST or link.state in (FAILED, ASKED):
        return link.state
    if link.in_doubt:
        return "in-doubt"
    if link.state != DONE:
        return "waiting"
    if link.waits_for_credential:
        return "needs-password"
    return "behind" if _password_behind(link) else "done"


def _password_behind(link: LinkRow) -> bool:
    current = newest(link.credential.generations) if link.credential is not None else None
    return current is not None and current.kind == Kind.OWN and link.applied_generation < current.number


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
