"""Writing the trail: events are collected during a unit of work and chained last, just before it commits."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Session

from provisioner.audit.catalogue import catalogue
from provisioner.audit.chain import GENESIS, MAC_PURPOSE, SALT_BYTES, ChainRow, canonical, chain_row, commit
from provisioner.audit.entry import ACTOR_KINDS, Actor, Subjects
from provisioner.audit.erasure import erase
from provisioner.audit.events import ACTOR_NAME, Recordable, UnknownEvent, Value
from provisioner.audit.head import Head
from provisioner.audit.search import Filters, Page, search
from provisioner.clock import Clock
from provisioner.store.agreement import insert_if_missing
from provisioner.store.tables import Model
from provisioner.store.tables.audit import AuditHeadRow, AuditPersonalRow, AuditRow

PERSONAL_PURPOSE = "audit-personal"
_PENDING = "provisioner.audit.pending"
_HEAD, _HEAD_ID = Model.metadata.tables[AuditHeadRow.__tablename__], 1


class AuditKeys(Protocol):
    """What the trail asks of the keyring."""

    def seal(self, purpose: str, plaintext: bytes) -> bytes:
        """Encrypt."""
        ...

    def open(self, purpose: str, blob: bytes) -> bytes:
        """Decrypt."""
        ...

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 with a key that rotation leaves alone."""
        ...


@dataclass(frozen=True)
class _Event:
    kind: str
    actor: Actor
    subjects: Subjects
    public: Mapping[str, Value]
    personal: Mapping[str, Value]


class AuditTrail:
    """The append-only trail of one office. Safe to share between threads; it holds no state of its own."""

    def __init__(self, keys: AuditKeys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._catalogue = catalogue()
        self._hears: Callable[[str], None] | None = None

    def heard_by(self, listener: Callable[[str], None]) -> None:
        """Tell ``listener`` the kind of every event once it is committed. It must not raise."""
        self._hears = listener

    def record(
        self,
        session: Session,
        kind: str,
        *,
        actor: Actor,
        subjects: Subjects | None = None,
        **fields: Recordable,
    ) -> None:
        """Note an event of the running unit of work; :meth:`flush` chains it. Rolling back forgets it.

        :raises UnknownEvent: the catalogue has no such kind or field, or a needed field is missing; or there is no
            writing unit of work, or it is inside a savepoint, whose rolling back would leave the event behind.
        """
        given = {**fields, ACTOR_NAME: actor.name}
        public, personal = self._catalogue[kind].sort(given)
        if actor.kind not in ACTOR_KINDS:
            raise UnknownEvent(f"{kind}: there is no actor of kind {actor.kind!r}")
        event = _Event(kind, replace(actor, name=None), subjects or Subjects(), public, personal)
        self._pending(session, kind).append(event)

    def flush(self, session: Session) -> None:
        """Chain what was recorded in this unit of work. The store calls it last, right before the commit.

        Locks the head row until the commit, so that appending transactions queue up and no number is left out.
        """
        transaction, events = session.info.pop(_PENDING, (None, []))
        if not events or transaction is not session.get_transaction():
            return
        # Everything else goes to the database first: nothing may follow while the head is locked.
        session.flush()
        head = self._append(session, events, _lock_head(session))
        moved = update(_HEAD).where(_HEAD.c.id == _HEAD_ID).values(seq=head.seq, hash=head.hash)
        session.connection().execute(moved)
        if self._hears is not None:
            _after_commit(session, self._hears, [each.kind for each in events])

    def head(self, session: Session) -> Head:
        """The end of the chain as committed; sequence 0 when it is empty."""
        row = session.get(AuditHeadRow, _HEAD_ID)
        return Head(row.seq, row.hash) if row else Head(0, GENESIS)

    def search(
        self, session: Session, filters: Filters | None = None, *, before: int | None = None, limit: int = 50
    ) -> Page:
        """One page of events, newest first; see :func:`provisioner.audit.search.search`."""
        return search(session, filters or Filters(), self._open, before=before, limit=limit)

    def erase(self, session: Session, subjects: Subjects) -> int:
        """Destroy the personal values of all events about these; see :func:`provisioner.audit.erasure.erase`."""
        return erase(session, subjects)

    def revealed(self, sealed: bytes) -> str:
        """The JSON text of a sealed personal value, for an export that may hold it.

        :raises SealBroken: it was changed.
        """
        return self._open(sealed).decode()

    def _open(self, sealed: bytes) -> bytes:
        return self._keys.open(PERSONAL_PURPOSE, sealed)

    def _pending(self, session: Session, kind: str) -> list[_Event]:
        transaction = session.get_transaction()
        if transaction is None or session.in_nested_transaction():
            raise UnknownEvent(f"{kind} was recorded outside a unit of work or inside a savepoint")
        if not session.connection().get_execution_options().get("provisioner_writes"):
            raise UnknownEvent(f"{kind} was recorded in a reading unit of work, which would lose it")
        held = session.info.get(_PENDING)
        # The transaction is kept with its events: those of one that was rolled back never reach the next.
        if held is None or held[0] is not transaction:
            held = session.info[_PENDING] = (transaction, [])
        events: list[_Event] = held[1]
        return events

    def _append(self, session: Session, events: Sequence[_Event], head: Head) -> Head:
        rows, personal = [], []
        at = self._clock()
        for event in events:
            row = chain_row(head.seq + 1, at, event.kind, event.actor, event.subjects, head.hash)
            salts = {name: os.urandom(SALT_BYTES) for name in event.personal}
            commitments = {name: commit(salts[name], name, value) for name, value in event.personal.items()}
            row = replace(row, fields=event.public, commitments=commitments)
            head = Head(row.seq, row.hash())
            mac = self._keys.mac(MAC_PURPOSE, bytes.fromhex(head.hash))
            rows.append({**_columns(row), "at": at, "hash": head.hash, "mac": mac.hex()})
            personal += list(self._sealed(row.seq, salts, event.personal))
        connection = session.connection()
        connection.execute(insert(AuditRow), rows)
        if personal:
            connection.execute(insert(AuditPersonalRow), personal)
        return head

    def _sealed(self, seq: int, salts: Mapping[str, bytes], values: Mapping[str, Value]) -> Iterator[dict[str, object]]:
        for name, value in values.items():
            sealed = self._keys.seal(PERSONAL_PURPOSE, canonical(value))
            yield {"seq": seq, "field": name, "salt": salts[name], "sealed": sealed}


def _after_commit(session: Session, hears: Callable[[str], None], kinds: Sequence[str]) -> None:
    @listens_for(session, "after_commit", once=True)
    def tell(_session: Session) -> None:
        for kind in kinds:
            hears(kind)


def _columns(row: ChainRow) -> dict[str, object]:
    return {
        "seq": row.seq,
        "kind": row.kind,
        "actor_kind": row.actor["kind"],
        "actor_id": row.actor["id"],
        "actor_label": row.actor["label"],
        "letter_id": row.subjects.get("letter"),
        "request_id": row.subjects.get("request"),
        "account_id": row.subjects.get("account"),
        "official_id": row.subjects.get("official"),
        "fields": canonical(dict(row.fields)).decode(),
        "commitments": canonical(dict(row.commitments)).decode(),
        "previous": row.previous,
    }


def _lock_head(session: Session) -> Head:
    """The head row, locked for this transaction (SQLite locked everything when the unit of work began)."""
    locked = select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.id == _HEAD_ID).with_for_update(key_share=True)
    connection = session.connection()
    row = connection.execute(locked).one_or_none()
    if row is None:
        # Two first events at the same instant: the loser waits, and finds the winner's row.
        insert_if_missing(session, AuditHeadRow, id=_HEAD_ID, seq=0, hash=GENESIS)
        row = connection.execute(locked).one()
    return Head(row.seq, row.hash)
