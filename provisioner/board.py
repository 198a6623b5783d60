"""The board on which connectors for people pin their cards, and what people confirmed, kept in the store."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, delete, select
from sqlalchemy.orm import Session

from provisioner.account import AccountState
from provisioner.audit import Actor, AuditTrail, Subjects
from provisioner.card_work import CLOSING, CardDeadlines, work_for
from provisioner.clock import Clock
from provisioner.connector import Marker, RemoteAccount, StaleVersion, Task, TaskState
from provisioner.keyring import Keyring
from provisioner.store import Store
from provisioner.store.tables import AccountRow, ManualAccountRow, TaskCardRow

OPEN, DONE, SUPERSEDED = "open", "done", "superseded"
_FIELDS = "task-card.fields"
_PROFILE = "manual-account.profile"


class StoreBoard:
    """A :class:`~provisioner.connector.TaskBoard`. Fields are sealed at rest."""

    def __init__(
        self, store: Store, keyring: Keyring, clock: Clock, trail: AuditTrail, deadlines: CardDeadlines
    ) -> None:
        self._store = store
        self._deadlines = deadlines
        self._keyring = keyring
        self._clock = clock
        self._trail = trail

    def ask(self, task: Task, seen: TaskState) -> None:
        """Pin a card. The same question again only moves the card to the newer version; another one replaces it.

        :raises StaleVersion: the board is not as it was ``seen``.
        """
        with self._store.begin() as session:
            # Who confirms a card has the account first too: what is seen here stays so until this is written.
            account = session.get_one(AccountRow, task.account_id)
            if self._state(session, task.target, task.account_id) != seen:
                raise StaleVersion("the board has changed since the question was made")
            task = replace(task, action=work_for(task.action, AccountState(account.state)))
            if self._asked_already(session, task):
                return
            card = self._card(session, task, account)
            for older in self._open_cards(session, task.target, task.account_id):
                older.state = SUPERSEDED
                if {older.action, card.action} <= CLOSING:
                    # It is the same door that has been open since: it gets no new time for another reason.
                    card.due_at = min(card.due_at, older.due_at)
            session.flush()
            session.execute(_withdrawn(task))
            session.add(card)
            session.flush()
            self._note_made(session, card, account)

    def state(self, target: str, account_id: str) -> TaskState:
        """What was asked last and is still open or done, and what was confirmed."""
        with self._store.read() as session:
            return self._state(session, target, account_id)

    def confirmed(self, target: str) -> Iterator[RemoteAccount]:
        """Every account a person confirmed as existing there."""
        with self._store.read() as session:
            rows = session.scalars(select(ManualAccountRow).where(*_there(target))).all()
        return (self._remote(row) for row in rows)

    def fields_of(self, card: TaskCardRow) -> list[tuple[str, str]]:
        """A card's labels and values."""
        return [(label, value) for label, value, *_ in json.loads(self._keyring.open(_FIELDS, card.fields))]

    def former_values(self, card: TaskCardRow) -> dict[str, str]:
        """By label, what stood there when the card was made, where the card asks for something else."""
        pairs = json.loads(self._keyring.open(_FIELDS, card.fields))
        return {label: was[0] for label, _, *was in pairs if was}

    def username_in(self, session: Session, card: TaskCardRow) -> str:
        """The name that system gave; empty while nothing was confirmed."""
        row = self._confirmed(session, card.target, card.account_id)
        return row.username if row is not None else ""

    def confirm(self, session: Session, card: TaskCardRow, username: str, *, generation: int | None = None) -> None:
        """A person says that the card is carried out; in the caller's unit of work.

        ``generation``: of the initial password that was set with it.
        """
        row = self._confirmed(session, card.target, card.account_id)
        if card.action == "delete":
            if row is not None:
                row.removed_at, row.profile = self._clock(), b""
            return
        row = row or self._begun(session, card)
        noted = {**self._noted(row), **dict(self.fields_of(card))}
        row.username, row.version, row.confirmed_at = username, card.version, self._clock()
        row.profile = self._keyring.seal(_PROFILE, json.dumps(noted).encode())
        row.enabled = self._enabled_after(card.action, row.enabled)
        if generation is not None:
            row.generation = generation

    def found_otherwise(
        self, session: Session, target: str, account_id: str, *, enabled: bool | None, noted: Mapping[str, str]
    ) -> None:
        """That system's own list shows the account otherwise than a person confirmed; in the caller's unit of work.

        ``noted``: by the labels of its screen.
        """
        row = self._confirmed(session, target, account_id)
        if row is not None:
            row.enabled = row.enabled if enabled is None else enabled
            row.profile = self._keyring.seal(_PROFILE, json.dumps({**self._noted(row), **noted}).encode())

    def found_there(self, session: Session, target: str, account_id: str, username: str, generation: int) -> None:
        """An account was there before this service, as a list said; in the caller's unit of work. Of what stands there
        nothing is known but the name, so that everything is asked for.
        """
        row = ManualAccountRow(target=target, account_id=account_id, username=username, version=0, profile=b"")
        row.enabled, row.generation, row.confirmed_at = True, generation, self._clock()
        session.add(row)

    def found_absent(self, session: Session, target: str, account_id: str) -> None:
        """That system's own list does not show the account; in the caller's unit of work."""
        row = self._confirmed(session, target, account_id)
        if row is not None:
            row.removed_at, row.profile = self._clock(), b""

    def found_again(self, session: Session, target: str, account_id: str, version: int) -> None:
        """That system's own list shows an account that was confirmed to be gone; in the caller's unit of work."""
        row = self._ever(session, target, account_id)
        if row is not None:
            row.removed_at, row.enabled, row.version = None, True, version

    def noted_at(self, session: Session, target: str, account_id: str) -> datetime | None:
        """When a person last confirmed something of this account there; None if never."""
        row = self._ever(session, target, account_id)
        return None if row is None else row.removed_at or row.confirmed_at

    def removed(self, target: str) -> list[RemoteAccount]:
        """Every account that a person confirmed to be gone there, under the name it had."""
        with self._store.read() as session:
            gone = ManualAccountRow.target == target, ManualAccountRow.removed_at.is_not(None)
            rows = session.scalars(select(ManualAccountRow).where(*gone)).all()
        return [replace(self._remote(row), remote_id=row.account_id, enabled=True) for row in rows]

    def _begun(self, session: Session, card: TaskCardRow) -> ManualAccountRow:
        """A row for what is there from now on; the one of an account that was removed serves again."""
        row = self._ever(session, card.target, card.account_id)
        if row is None:
            row = ManualAccountRow(target=card.target, account_id=card.account_id, profile=b"")
            session.add(row)
        row.enabled, row.removed_at = True, None
        return row

    def _card(self, session: Session, task: Task, account: AccountRow) -> TaskCardRow:
        now, confirmed = self._clock(), self._confirmed(session, task.target, task.account_id)
        urgent = self._deadlines.is_urgent(task.action, AccountState(account.state), account.state_reason)
        noted = self._noted(confirmed) if confirmed is not None else {}
        # The name was noted as it was asked for; what that system gave instead is no change.
        noted = {label: was for label, was in noted.items() if was != account.username}
        return TaskCardRow(
            target=task.target,
            account_id=task.account_id,
            version=task.version,
            action=task.action,
            fields=self._sealed(task.fields, noted),
            state=OPEN,
            asked_at=now,
            due_at=self._deadlines.due(task.action, now, urgent=urgent),
            urgent=urgent,
        )

    def _note_made(self, session: Session, card: TaskCardRow, account: AccountRow) -> None:
        self._trail.record(
            session,
            "card-made",
            actor=Actor.system(),
            subjects=Subjects(request=account.request_id, account=account.id),
            target=card.target,
            task=card.action,
            card=card.id,
            username=account.username,
        )

    def _state(self, session: Session, target: str, account_id: str) -> TaskState:
        confirmed = self._confirmed(session, target, account_id)
        done = self._remote(confirmed) if confirmed is not None else None
        card = max(self._open_cards(session, target, account_id), key=lambda each: each.version, default=None)
        if card is None:
            return TaskState(done.marker if done is not None else None, done)
        generation = confirmed.generation if confirmed is not None else 0
        return TaskState(Marker(account_id, card.version, generation), done, card.id)

    def _enabled_after(self, action: str, before: bool) -> bool:
        if action in ("create", "resume", "reset"):
            return True
        return before if action == "update" else False

    def _confirmed(self, session: Session, target: str, account_id: str) -> ManualAccountRow | None:
        row = self._ever(session, target, account_id)
        return row if row is not None and row.removed_at is None else None

    def _ever(self, session: Session, target: str, account_id: str) -> ManualAccountRow | None:
        rows = select(ManualAccountRow).where(ManualAccountRow.target == target)
        return session.scalars(rows.where(ManualAccountRow.account_id == account_id)).one_or_none()

    def _asked_already(self, session: Session, task: Task) -> bool:
        for card in self._open_cards(session, task.target, task.account_id):
            if card.action == task.action and self.fields_of(card) == list(task.fields):
                card.version = max(card.version, task.version)
                return True
        return False

    def _open_cards(self, session: Session, target: str, account_id: str) -> Sequence[TaskCardRow]:
        return session.scalars(
            select(TaskCardRow).where(
                TaskCardRow.target == target, TaskCardRow.account_id == account_id, TaskCardRow.state == OPEN
            )
        ).all()

    def _sealed(self, fields: Sequence[tuple[str, str]], noted: Mapping[str, str]) -> bytes:
        """What is changed carries what was noted before as well."""
        changed = {label: noted[label] for label, value in fields if noted.get(label, value) != value}
        rows = [[label, value, *([changed[label]] if label in changed else [])] for label, value in fields]
        return self._keyring.seal(_FIELDS, json.dumps(rows).encode())

    def _remote(self, row: ManualAccountRow) -> RemoteAccount:
        return RemoteAccount(
            remote_id=row.id,
            username=row.username,
            marker=Marker(row.account_id, row.version, row.generation),
            enabled=row.enabled,
            must_change=None,
            profile=self._noted(row),
        )

    def _noted(self, row: ManualAccountRow) -> dict[str, str]:
        """What people noted, label by label."""
        return dict(json.loads(self._keyring.open(_PROFILE, row.profile))) if row.profile else {}


def _there(target: str) -> Iterator[ColumnElement[bool]]:
    yield ManualAccountRow.target == target
    yield ManualAccountRow.removed_at.is_(None)


def _withdrawn(task: Task) -> Delete:
    """A withdrawn card that asked the very same makes room for the new one."""
    return delete(TaskCardRow).where(
        TaskCardRow.target == task.target,
        TaskCardRow.account_id == task.account_id,
        TaskCardRow.version == task.version,
        TaskCardRow.action == task.action,
        TaskCardRow.state == SUPERSEDED,
    )
