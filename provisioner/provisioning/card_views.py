"""Cards as pages and commands show them. Reads only, except that who looked at a picture is written into the trail."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.board import OPEN as CARD_OPEN
from provisioner.board import StoreBoard
from provisioner.card_work import CLOSING
from provisioner.connector import HasDutyOfficer
from provisioner.convergence.target_set import TargetSet
from provisioner.credential.generation import takes_ticket
from provisioner.errors import InvalidInput, NotFound
from provisioner.phone import Phone
from provisioner.provisioning.context import Context
from provisioner.store.tables import (
    AccountRow,
    CardEvidenceRow,
    LinkRow,
    OfficialRow,
    RequestRow,
    TaskCardRow,
)

POSTS = ("adb", "it")
"""Who carries cards out."""
READERS = ("adb", "it", "auditor")
"""Who sees what is asked and what shows it done."""
EVIDENCE = "card-evidence"
WITH_PASSWORD = frozenset({"create", "reset"})


@dataclass(frozen=True)
class Duty:
    """Whom to call about a system. ``whatsapp`` is empty for a fixed line."""

    name: str
    phone: str = field(repr=False)
    whatsapp: str = field(repr=False)


@dataclass(frozen=True)
class Picture:
    """What shows a card as done."""

    file_name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Card:
    """What a person is asked to do."""

    id: str
    target: str
    label: str
    account_id: str
    username: str
    """The account's own name; the other system may give another."""
    username_there: str
    """The name that system gave; empty while nothing was confirmed."""
    display_name: str
    action: str
    """``create``, ``update``, ``suspend``, ``resume``, ``reset``, ``revoke`` or ``delete``."""
    cause: str
    """Why an account is shut: its state, or ``reset`` when its password is being replaced. Empty for other work."""
    reason_code: str
    """The office's reason for a revocation."""
    fields: tuple[tuple[str, str], ...]
    """Labels and values in the order of that system's screen."""
    former: dict[str, str]
    """By label, what stands there now, where the card asks for something else."""
    asked_at: datetime
    due_at: datetime
    urgent: bool
    overdue: bool
    state: str
    needs_password: bool
    """It is done by entering the user name and the initial password that system now has."""
    needs_evidence: bool
    ticket_ready: bool
    """A password could be sealed for the applicant now."""
    duty: Duty | None
    done_at: datetime | None
    done_by: str
    evidence: str
    picture: Picture | None


@dataclass(frozen=True)
class SystemCards:
    """What is asked of people at one system and not done, most urgent first."""

    target: str
    label: str
    duty: Duty | None
    cards: tuple[Card, ...]

    @property
    def urgent(self) -> int:
        """How many cannot wait."""
        return sum(card.urgent for card in self.cards)

    @property
    def overdue(self) -> int:
        """How many should have been done."""
        return sum(card.overdue for card in self.cards)


class CardViews:
    """Queries. Methods raise NotAllowed for posts that may not see them."""

    def __init__(self, context: Context, targets: TargetSet, board: StoreBoard) -> None:
        self._context = context
        self._targets = targets
        self._board = board

    def open(self, actor: Actor) -> list[Card]:
        """Every open card: the urgent first, then by when it is due."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            return [self._card(session, row) for row in session.scalars(_in_order())]

    def undone(self, actor: Actor, target: str | None = None) -> list[SystemCards]:
        """What is asked and not done, by system, in the order of the settings; a system that is no longer configured
        comes last. Every system that people operate is there, also without a card.

        :raises NotFound: ``target-unknown``: not such a system.
        """
        cards = self.open(actor)
        configured = [name for name in self._targets if self._targets.asks_people(name)]
        names = list(dict.fromkeys([*configured, *(card.target for card in cards)]))
        if target is not None and target not in names:
            raise NotFound("target-unknown", target=target)
        return [
            SystemCards(
                name,
                self._targets.label(name),
                self._duty(name),
                tuple(card for card in cards if card.target == name),
            )
            for name in names
            if target in (None, name)
        ]

    def get(self, actor: Actor, card_id: str) -> Card:
        """:raises NotFound: ``card-unknown``."""
        actor.require(*READERS)
        with self._context.store.read() as session:
            row = session.get(TaskCardRow, card_id)
            if row is None:
                raise NotFound("card-unknown")
            return self._card(session, row)

    def picture(self, actor: Actor, card_id: str) -> bytes:
        """The picture that shows a card as done, a PDF. Written into the trail.

        :raises NotFound: ``card-unknown``: no such card, or none with a picture.
        """
        capacity = actor.require(*READERS)
        with self._context.store.begin() as session:
            row, card = session.get(CardEvidenceRow, card_id), session.get(TaskCardRow, card_id)
            if row is None or card is None:
                raise NotFound("card-unknown")
            account = session.get_one(AccountRow, card.account_id)
            self._context.trail.record(
                session,
                "card-evidence-read",
                actor=actor.in_trail(capacity),
                subjects=Subjects(request=account.request_id, account=account.id),
                target=card.target,
                task=card.action,
                card=card.id,
                sha256=row.sha256,
            )
            return self._context.keyring.open(EVIDENCE, row.content)

    def _card(self, session: Session, row: TaskCardRow) -> Card:
        account = session.get_one(AccountRow, row.account_id)
        request = session.get_one(RequestRow, account.request_id)
        credential = link_of(session, row).credential
        by = session.get(OfficialRow, row.done_by) if row.done_by else None
        return Card(
            id=row.id,
            target=row.target,
            label=self._targets.label(row.target),
            account_id=row.account_id,
            username=account.username,
            username_there=self._board.username_in(session, row),
            display_name=account.display_name,
            action=row.action,
            cause=_cause(row, account),
            reason_code=account.state_reason if row.action == "revoke" else "",
            fields=tuple(self._board.fields_of(row)),
            former=self._board.former_values(row),
            asked_at=row.asked_at,
            due_at=row.due_at,
            urgent=row.urgent,
            overdue=row.state == CARD_OPEN and row.due_at < self._context.clock(),
            state=row.state,
            needs_password=row.action in WITH_PASSWORD,
            needs_evidence=row.action in self._context.settings.cards.evidence_for,
            ticket_ready=credential is not None and takes_ticket(credential, request),
            duty=self._duty(row.target),
            done_at=row.done_at,
            done_by=by.full_name if by is not None else "",
            evidence=row.evidence,
            picture=self._picture(session, row),
        )

    def _picture(self, session: Session, row: TaskCardRow) -> Picture | None:
        found = session.get(CardEvidenceRow, row.id)
        return Picture(found.file_name, found.size, found.sha256) if found is not None else None

    def _duty(self, target: str) -> Duty | None:
        connector: object = self._targets[target].connector if target in self._targets else None
        officer = connector.duty_officer() if isinstance(connector, HasDutyOfficer) else None
        if officer is None:
            return None
        try:
            phone = Phone.parse(officer.phone)
        except InvalidInput:
            # Three digits of a house telephone can be called all the same.
            return Duty(officer.name, "".join(sign for sign in officer.phone if sign in "+0123456789"), "")
        return Duty(officer.name, phone.e164, phone.whatsapp or "")


def link_of(session: Session, card: TaskCardRow) -> LinkRow:
    """The account's link to the card's system."""
    return session.scalars(
        select(LinkRow).where(LinkRow.account_id == card.account_id, LinkRow.target == card.target)
    ).one()


def _cause(row: TaskCardRow, account: AccountRow) -> str:
    if row.action not in CLOSING:
        return ""
    state = AccountState(account.state)
    return "reset" if state in (AccountState.PENDING_ACTIVATION, AccountState.ACTIVE) else state.value


def _in_order() -> Select[TaskCardRow]:
    rows = select(TaskCardRow).where(TaskCardRow.state == CARD_OPEN)
    return rows.order_by(TaskCardRow.urgent.desc(), TaskCardRow.due_at, TaskCardRow.asked_at, TaskCardRow.id)
