"""Helping the operators who asked for it: the person is checked first, always."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.convergence.worklist import lock_accounts
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.provisioning.accounts import Accounts
from provisioner.provisioning.cards import POSTS
from provisioner.provisioning.context import Context
from provisioner.provisioning.help_cards import HELP_NOTE, OPEN, SUPERSEDED
from provisioner.provisioning.own_account import refuse_own_account
from provisioner.store.tables import AccountRow, HelpCardRow


@dataclass(frozen=True)
class HelpCard:
    """An operator who asked for help."""

    id: str
    account_id: str
    username: str
    display_name: str
    kind: str
    asked_at: datetime
    note: str
    """What the person wrote."""


class HelpAnswers:
    """Use cases of ADB and IT. Every method raises NotAllowed for other posts."""

    def __init__(self, context: Context, accounts: Accounts) -> None:
        self._context = context
        self._accounts = accounts

    def waiting(self, actor: Actor) -> list[HelpCard]:
        """Operators who wait for help, oldest first."""
        actor.require(*POSTS)
        with self._context.store.read() as session:
            rows = (
                select(HelpCardRow, AccountRow)
                .join(AccountRow, HelpCardRow.account_id == AccountRow.id)
                .where(HelpCardRow.state == OPEN)
                .order_by(HelpCardRow.asked_at)
            )
            return [
                HelpCard(
                    card.id,
                    account.id,
                    account.username,
                    account.display_name,
                    card.kind,
                    card.asked_at,
                    self._context.keyring.open(HELP_NOTE, card.note).decode() if card.note is not None else "",
                )
                for card, account in session.execute(rows)
            ]

    def answer(self, actor: Actor, help_card_id: str, person_check: str, *, reset: bool = True) -> bool:
        """The person was checked (``person_check`` says how) and, with ``reset``, gets a new initial password.
        True: a new ticket is needed for it. Failed sign-ins count no more, with or without a reset.

        :raises InvalidInput: ``person_check`` is empty.
        :raises NotAllowed: ``own-account``.
        :raises WrongState: ``card-done``, ``help-overtaken``: there is nothing to help with any more.
        """
        capacity = actor.require(*POSTS)
        if not person_check.strip():
            raise InvalidInput(fields={"person_check": ["required"]})
        with self._context.store.begin() as session:
            card = self._row(session, help_card_id)
            account = session.get_one(AccountRow, card.account_id)
            refuse_own_account(actor, account)
            # First, so that what follows finds no card to close but others of this account.
            self._close(actor, card, "done", person_check)
            self._accounts.unlock(session, account)
            needs_ticket = False
            if reset:
                needs_ticket = self._accounts.reset_in(session, actor, card.account_id, person_check=person_check)
            self._context.trail.record(
                session,
                "help-answered",
                actor=actor.in_trail(capacity),
                subjects=Subjects(account=card.account_id),
                topic=card.kind,
                method="in-person",
                note=person_check[:1000],
            )
        return needs_ticket

    def refuse(self, actor: Actor, help_card_id: str, note: str = "") -> None:
        """The person could not be checked, or the request was not theirs.

        :raises WrongState: ``card-done``, ``help-overtaken``.
        """
        capacity = actor.require(*POSTS)
        with self._context.store.begin() as session:
            card = self._row(session, help_card_id)
            self._close(actor, card, "refused", note)
            self._context.trail.record(
                session,
                "help-answered",
                actor=actor.in_trail(capacity),
                subjects=Subjects(account=card.account_id),
                topic=card.kind,
                method="none",
                reason_code="refused",
                note=note[:1000],
            )

    def _row(self, session: Session, card_id: str) -> HelpCardRow:
        lock_accounts(session, select(HelpCardRow.account_id).where(HelpCardRow.id == card_id))
        row = session.get(HelpCardRow, card_id, with_for_update=True)
        if row is None:
            raise NotFound("card-unknown")
        if row.state != OPEN:
            overtaken = row.state == SUPERSEDED
            raise WrongState("help-overtaken" if overtaken else "card-done")
        return row

    def _close(self, actor: Actor, card: HelpCardRow, state: str, check: str) -> None:
        card.state, card.done_at, card.done_by = state, self._context.clock(), actor.official_id
        card.person_check = check[:1000]
