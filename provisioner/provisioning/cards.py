"""The ADB's cards: work at systems that only a person can operate."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from provisioner.account import OPEN, AccountState
from provisioner.actor import Actor
from provisioner.audit import Subjects
from provisioner.board import DONE, StoreBoard
from provisioner.board import OPEN as CARD_OPEN
from provisioner.convergence.readiness import Readiness
from provisioner.convergence.target_set import TargetSet
from provisioner.convergence.worklist import DUE
from provisioner.credential.generation import takes_ticket
from provisioner.credential.issuing import sealed_generation
from provisioner.dispatch.wakeup import WakeUp
from provisioner.envelope import SlipContext, seal
from provisioner.errors import Conflict, InvalidInput, NotFound, WrongState
from provisioner.provisioning.context import Context
from provisioner.store.tables import (
    AccountRow,
    CredentialRow,
    LinkRow,
    ManualAccountRow,
    RequestRow,
    TaskCardRow,
)

POSTS = ("adb", "it")
_WITH_PASSWORD = frozenset({"create", "reset"})
_LONGEST_PASSWORD = 256


@dataclass(frozen=True)
class Card:
    """What a person is asked to do."""

    id: str
    target: str
    label: str
    account_id: str
    username: str
    """The account's own name; the other system may give another."""
    display_name: str
    action: str
    fields: tuple[tuple[str, str], ...]
    """Labels and values in the order of that system's screen."""
    asked_at: datetime
    state: str
    needs_password: bool
    """It is done by entering the user name and the initial password that system now has."""
    ticket_ready: bool
    """A password could be sealed for the applicant now."""


class Cards:
    """Use cases of the ADB. Every method raises NotAllowed for other posts."""

    def __init__(
        self,
        context: Context,
        targets: TargetSet,
        board: StoreBoard,
        readiness: Readiness,
        wakeup: WakeUp,
    ) -> None:
        self._context = context
        self._targets = targets
        self._board = board
        self._readiness = readiness
        self._wakeup = wakeup

    def open(self, actor: Actor) -> list[Card]:
        """Every open card, oldest first."""
        actor.require(*POSTS)
        with self._context.store.read() as session:
            rows = select(TaskCardRow).where(TaskCardRow.state == CARD_OPEN).order_by(TaskCardRow.asked_at)
            return [self._card(session, row) for row in session.scalars(rows)]

    def get(self, actor: Actor, card_id: str) -> Card:
        """:raises NotFound: ``card-unknown``."""
        actor.require(*POSTS)
        with self._context.store.read() as session:
            return self._card(session, self._row(session, card_id))

    def confirm_created(
        self, actor: Actor, card_id: str, username: str, initial_password: str, evidence: str = ""
    ) -> None:
        """The account is there (or its password was set anew): user name and initial password as that system has them.
        The password is sealed to the applicant's ticket in this call and kept nowhere.

        :raises InvalidInput: fields ``username``, ``initial_password``.
        :raises Conflict: ``username-taken-in-target``: somebody else has this name there.
        :raises WrongState: ``card-done``, ``card-superseded``, ``card-takes-no-password``, ``no-ticket``.
        """
        capacity = actor.require(*POSTS)
        username = username.strip()
        _require_filled(username, initial_password)
        with self._context.store.begin() as session:
            card = self._open_row(session, card_id)
            if card.action not in _WITH_PASSWORD:
                raise WrongState("card-takes-no-password")
            link, credential, request = self._sealable(session, card)
            self._refuse_taken(session, card, username)
            context = SlipContext(
                self._context.office.name, request.id, card.account_id, credential.name, credential.generation + 1
            )
            slip = seal(request.opening_key or b"", context, initial_password.encode())
            now = self._context.clock()
            generation = sealed_generation(credential, request.ticket_fingerprint or "", slip, now)
            self._board.confirm(session, card, username, generation=generation.number)
            link.applied_generation = generation.number
            session.flush()
            self._readiness.applied(session, [link])
            self._context.trail.record(
                session,
                "password-issued",
                actor=actor.in_trail(capacity),
                subjects=Subjects(request=request.id, account=card.account_id),
                credential=credential.name,
                generation=generation.number,
                targets=[card.target],
                username=username,
            )
            self._finish(session, actor, card, username, evidence)

    def confirm_done(self, actor: Actor, card_id: str, evidence: str = "") -> None:
        """What the card asks is done.

        :raises WrongState: ``card-done``, ``card-superseded``, ``card-needs-password``.
        """
        actor.require(*POSTS)
        with self._context.store.begin() as session:
            card = self._open_row(session, card_id)
            if card.action in _WITH_PASSWORD:
                raise WrongState("card-needs-password")
            account = session.get_one(AccountRow, card.account_id)
            username = self._board.username_in(session, card) or account.username
            self._board.confirm(session, card, username)
            self._finish(session, actor, card, username, evidence)

    def _refuse_taken(self, session: Session, card: TaskCardRow, username: str) -> None:
        taken = select(ManualAccountRow.id).where(
            ManualAccountRow.target == card.target,
            ManualAccountRow.account_id != card.account_id,
            func.lower(ManualAccountRow.username) == username.lower(),
        )
        if session.scalars(taken).first() is not None:
            raise Conflict("username-taken-in-target", username=username, target=self._targets.label(card.target))

    def _sealable(self, session: Session, card: TaskCardRow) -> tuple[LinkRow, CredentialRow, RequestRow]:
        link = self._link(session, card)
        account = session.get_one(AccountRow, card.account_id, with_for_update=True)
        request = session.get_one(RequestRow, account.request_id)
        if AccountState(account.state) not in OPEN:
            raise WrongState("account-not-open", state=account.state)
        credential = link.credential
        if credential is None or not takes_ticket(credential, request):
            raise WrongState("no-ticket")
        return link, credential, request

    def _finish(self, session: Session, actor: Actor, card: TaskCardRow, username: str, evidence: str) -> None:
        now = self._context.clock()
        card.state, card.done_at, card.done_by, card.evidence = DONE, now, actor.official_id, evidence[:2000]
        link = self._link(session, card)
        link.state, link.next_try_at = DUE, now
        # A run that is under way read the board before: what it finds is not to be recorded over this.
        link.lease_token = link.lease_until = None
        self._context.trail.record(
            session,
            "card-done",
            actor=actor.in_trail(actor.require(*POSTS)),
            subjects=Subjects(request=link.account.request_id, account=card.account_id),
            target=card.target,
            task=card.action,
            card=card.id,
            username=username,
            note=evidence[:1000],
        )
        self._wakeup.after_commit(session)

    def _link(self, session: Session, card: TaskCardRow) -> LinkRow:
        return session.scalars(
            select(LinkRow).where(LinkRow.account_id == card.account_id, LinkRow.target == card.target)
        ).one()

    def _row(self, session: Session, card_id: str) -> TaskCardRow:
        row = session.get(TaskCardRow, card_id, with_for_update=True)
        if row is None:
            raise NotFound("card-unknown")
        return row

    def _open_row(self, session: Session, card_id: str) -> TaskCardRow:
        row = self._row(session, card_id)
        if row.state != CARD_OPEN:
            raise WrongState("card-done" if row.state == DONE else "card-superseded")
        return row

    def _card(self, session: Session, row: TaskCardRow) -> Card:
        account = session.get_one(AccountRow, row.account_id)
        request = session.get_one(RequestRow, account.request_id)
        credential = self._link(session, row).credential
        return Card(
            id=row.id,
            target=row.target,
            label=self._targets.label(row.target),
            account_id=row.account_id,
            username=account.username,
            display_name=account.display_name,
            action=row.action,
            fields=tuple(self._board.fields_of(row)),
            asked_at=row.asked_at,
            state=row.state,
            needs_password=row.action in _WITH_PASSWORD,
            ticket_ready=credential is not None and takes_ticket(credential, request),
        )


def _require_filled(username: str, initial_password: str) -> None:
    fields: dict[str, list[str]] = {}
    if not username or len(username) > 100:
        fields["username"] = ["required" if not username else "too-long"]
    if not initial_password or len(initial_password) > _LONGEST_PASSWORD:
        fields["initial_password"] = ["required" if not initial_password else "too-long"]
    if fields:
        raise InvalidInput(fields=fields)
