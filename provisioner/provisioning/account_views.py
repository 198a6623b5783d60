"""What pages show of accounts: search, details, and how far every system is. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from provisioner.account_record import profile_of
from provisioner.actor import Actor
from provisioner.connector import Profile
from provisioner.credential.generation import takes_ticket
from provisioner.errors import NotFound
from provisioner.provisioning import destroyed
from provisioner.provisioning.context import Context
from provisioner.provisioning.envelope_status import Envelopes, EnvelopeStatus
from provisioner.provisioning.person_numbers import has_number
from provisioner.provisioning.progress import Progress, SystemsProgress, in_trouble
from provisioner.retention import Destroyed
from provisioner.store.long_lists import contains, in_order, page_of
from provisioner.store.tables import AccountRow, LinkRow, RequestRow

READERS = ("it", "adb", "section_head", "division_head", "head", "auditor")


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
    """See :attr:`provisioner.store.long_lists.Found.total`."""
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // self.per_page))


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
    destroyed: Destroyed | None = None
    """When its archive was destroyed, and by which minutes."""


class AccountViews:
    """Queries. Methods that take an actor raise NotAllowed for posts that may not see accounts."""

    def __init__(self, context: Context, progress: SystemsProgress, envelopes: Envelopes) -> None:
        self._context = context
        self._progress = progress
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
            query = select(AccountRow).where(*conditions).order_by(AccountRow.full_name, AccountRow.id)
            found = page_of(session, query, AccountRow.id, page, per_page)
            rows = in_order(session, AccountRow, AccountRow.id, found.ids)
            return Page(tuple(self._summaries(session, rows)), found.total, page, per_page)

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
                links=tuple(self._progress.of(link) for link in row.links),
                envelope=self._envelopes.status_of(row),
                needs_ticket=any(each.wanted and not takes_ticket(each, request) for each in row.credentials),
                destroyed=destroyed.of_row(session, request),
            )

    def progress(self, account_id: str) -> tuple[Progress, ...]:
        """How far every system is; for pages whose own rules decided who may look.

        :raises NotFound: ``account-unknown``.
        """
        with self._context.store.read() as session:
            row = session.get(AccountRow, account_id)
            if row is None:
                raise NotFound("account-unknown")
            return tuple(self._progress.of(link) for link in row.links)

    def _conditions(
        self, text: str, state: str | None, role: str | None, region: str | None
    ) -> Sequence[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if part := text.strip()[:100]:
            numbers = has_number(part, self._context.keyring, AccountRow.person_key, AccountRow.staff_key)
            # A whole number can be a user name too, and stands in no name: nothing else is read through for it.
            conditions.append(or_(AccountRow.username == part, *numbers) if numbers else contains("account", part))
        if state:
            conditions.append(AccountRow.state == state)
        if role:
            conditions.append(AccountRow.role == role)
        if region:
            conditions.append(AccountRow.region == region)
        return conditions

    def _summary(self, session: Session, row: AccountRow) -> AccountSummary:
        return next(self._summaries(session, [row]))

    def _summaries(self, session: Session, rows: Sequence[AccountRow]) -> Iterator[AccountSummary]:
        here = LinkRow.account_id.in_([row.id for row in rows])
        troubled = set(session.scalars(select(LinkRow.account_id).where(here, in_trouble()))) if rows else set()
        return (self._line(row, trouble=row.id in troubled) for row in rows)

    def _line(self, row: AccountRow, *, trouble: bool) -> AccountSummary:
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
            trouble=trouble,
        )
