"""Operators who cannot get in ask for help. The ADB sees it as a card, which ends when nothing is left to help with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.actor import Actor
from provisioner.audit import Actor as TrailActor
from provisioner.audit import Subjects
from provisioner.errors import InvalidInput, NotFound
from provisioner.provisioning.context import Context
from provisioner.provisioning.throttle import HELP_FOR, HELP_FROM, Throttle
from provisioner.store.tables import AccountRow, HelpCardRow

HELP_NOTE = "help-card.note"
"""The purpose under which a help card's note is sealed."""

OPEN = "open"
SUPERSEDED = "superseded"
KINDS = ("forgotten", "locked")
_HOUR = timedelta(hours=1)
_LONGEST_NOTE = 1000


class Overtaken(StrEnum):
    """What left a card with nothing to help with."""

    RESET = "password-reset"
    REVOKED = "account-revoked"
    UNLOCKED = "unlocked"
    SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class HelpCardState:
    """How a card stands. ``state``: ``open``, ``done``, ``refused`` or ``superseded``."""

    state: str
    account_id: str
    username: str
    kind: str
    closed_at: datetime | None
    overtaken_by: str
    """One of :class:`Overtaken`, where the state is ``superseded``."""


class HelpCards:
    """Asking, and what becomes of a card that nobody has to answer any more."""

    def __init__(self, context: Context, throttle: Throttle) -> None:
        self._context = context
        self._throttle = throttle

    def ask(self, username: str, kind: str = "forgotten", note: str = "", address: str = "") -> None:
        """ "Lupa kata sandi?", "Terkunci?": makes a card for the ADB, one for each account and kind.

        Whether there is such an account is not told: answer, limits and work are the same.

        :raises InvalidInput: ``kind-unknown``.
        :raises TooMany: too often from this address, or for this name.
        """
        if kind not in KINDS:
            raise InvalidInput("kind-unknown", kind=kind)
        username, note = username.strip()[:100], note[:_LONGEST_NOTE]
        limit = self._context.settings.limits.help_per_hour
        self._throttle.take(HELP_FROM, address, limit, _HOUR)
        self._throttle.take(HELP_FOR, username, limit, _HOUR)
        sealed = self._context.keyring.seal(HELP_NOTE, note.encode()) if note else None
        with self._context.store.begin() as session:
            account = self._account(session, username)
            if account is not None and not self._open(session, account, (kind,)):
                at = self._context.clock()
                session.add(HelpCardRow(account_id=account.id, kind=kind, state=OPEN, asked_at=at, note=sealed))
            self._context.trail.record(
                session,
                "help-asked",
                actor=TrailActor.visitor(),
                subjects=Subjects(account=account.id if account is not None else None),
                topic=kind,
                # What is no name of ours may be anything, even a password in the wrong field.
                username=account.username if account is not None else None,
                note=note if account is not None else None,
                address=address,
            )

    def state_of(self, actor: Actor, help_card_id: str) -> HelpCardState:
        """How a card stands, whoever closed it.

        :raises NotAllowed: neither ADB nor IT. :raises NotFound: ``card-unknown``.
        """
        actor.require("adb", "it")
        with self._context.store.read() as session:
            card = session.get(HelpCardRow, help_card_id)
            if card is None:
                raise NotFound("card-unknown")
            username = session.get_one(AccountRow, card.account_id).username
            return HelpCardState(card.state, card.account_id, username, card.kind, card.done_at, card.overtaken_by)

    def overtaken(self, session: Session, account: AccountRow, why: Overtaken, kinds: Collection[str] = KINDS) -> None:
        """Close what is open of these kinds, in the unit of work that left nothing to help with."""
        for card in self._open(session, account, kinds):
            card.state, card.done_at, card.overtaken_by = SUPERSEDED, self._context.clock(), why
            self._context.trail.record(
                session,
                "help-overtaken",
                actor=TrailActor.system(),
                subjects=Subjects(request=account.request_id, account=account.id),
                topic=card.kind,
                reason_code=why,
                username=account.username,
            )

    def _account(self, session: Session, username: str) -> AccountRow | None:
        """The account of this name, if there is anything to help it with."""
        named = select(AccountRow).where(
            func.lower(AccountRow.username) == username.lower(), AccountRow.state != AccountState.REVOKED
        )
        return session.scalars(named.with_for_update(key_share=True)).one_or_none()

    def _open(self, session: Session, account: AccountRow, kinds: Collection[str]) -> list[HelpCardRow]:
        cards = select(HelpCardRow).where(
            HelpCardRow.account_id == account.id, HelpCardRow.state == OPEN, HelpCardRow.kind.in_(kinds)
        )
        return list(session.scalars(cards.with_for_update(key_share=True)))
