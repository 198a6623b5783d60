"""After a rotation: what older keys sealed is sealed anew with the newest one, so that an old key can be retired.

Look-up forms and MACs are not touched: they stand on the look-up secret, which is never rotated (see
:mod:`provisioner.keyring`). Slips are not either: they are sealed to the applicant's ticket, which the office has not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from provisioner.audit import Actor, AuditTrail, Filters
from provisioner.clock import Clock
from provisioner.errors import WrongState
from provisioner.keyring import KEY_ID_BYTES, Keyring
from provisioner.store import Store
from provisioner.store.tables import (
    AccountRow,
    AttachmentRow,
    AuditPersonalRow,
    AuthorityRow,
    CardEvidenceRow,
    FindingRow,
    GenerationRow,
    HelpCardRow,
    ManualAccountRow,
    OfficialRow,
    PactRow,
    PaperRow,
    RecordedAccountRow,
    RequestRow,
    TaskCardRow,
)

SETTLING = timedelta(minutes=10)
"""So long after a rotation no key is retired: much longer than any unit of work may wait for its turn."""

Progress = Callable[[int], None]
"""Told how many more values were looked at."""


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds sealed values, and the purpose they are sealed for."""

    column: InstrumentedAttribute[Any]
    purpose: str
    at_once: int = 200
    """How many are read into memory together."""

    @property
    def name(self) -> str:
        """``table.column``."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"

    @property
    def keys(self) -> tuple[ColumnElement[Any], ...]:
        """What a row of the table is found by."""
        return tuple(self.column.class_.__table__.primary_key)

    @property
    def key_id(self) -> ColumnElement[bytes]:
        """The id of the key that sealed a value."""
        return func.substr(self.column, 1, KEY_ID_BYTES)

    @property
    def is_filled(self) -> ColumnElement[bool]:
        """There is a value: rows that wait for one hold nothing, or no byte."""
        return func.length(self.column) > 0


COLUMNS = (
    SealedColumn(AuthorityRow.key, "authority-key"),
    SealedColumn(OfficialRow.totp_secret, "totp"),
    SealedColumn(RequestRow.bio, "bio-form"),
    SealedColumn(RequestRow.tracking_code, "tracking-code"),
    SealedColumn(AccountRow.contact, "account.contact"),
    SealedColumn(RecordedAccountRow.contact, "recorded.contact"),
    SealedColumn(GenerationRow.verifiers, "generation.verifiers"),
    SealedColumn(TaskCardRow.fields, "task-card.fields"),
    SealedColumn(ManualAccountRow.profile, "manual-account.profile"),
    SealedColumn(CardEvidenceRow.content, "card-evidence", at_once=4),
    SealedColumn(HelpCardRow.note, "help-card.note"),
    SealedColumn(PactRow.facts, "pact-facts"),
    SealedColumn(PactRow.document, "pact-document", at_once=20),
    SealedColumn(PaperRow.facts, "paper-facts"),
    SealedColumn(PaperRow.document, "paper-document", at_once=20),
    SealedColumn(PactRow.scan, "pact-scan", at_once=4),
    SealedColumn(AttachmentRow.content, "attachment", at_once=4),
    SealedColumn(FindingRow.details, "reconciliation.details"),
    SealedColumn(AuditPersonalRow.sealed, "audit-personal"),
)
"""Every column with sealed values. A test fills an office and compares."""


class Resealing:
    """Seals old values anew. May be stopped anywhere and run again, also beside a running service: every batch is a
    transaction of its own, and a value that somebody else changed meanwhile is left as they wrote it.
    """

    def __init__(self, store: Store, keyring: Keyring, trail: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._trail = trail
        self._clock = clock

    def count(self) -> Mapping[str, int]:
        """How many values each key has sealed, by its id; also a key that is not in the keyring any more."""
        with self._store.read() as session:
            return self._count(session)

    def retire(self, key_id: str, save: Callable[[Keyring], None]) -> None:
        """Take a key away that has sealed nothing that is still there. ``save`` keeps the keyring without it.

        :raises InvalidInput: ``key-unknown``; ``key-in-use``: it is the newest.
        :raises WrongState: ``key-still-seals``: seal its values anew first; ``key-too-new``: the newest key is so
            young that somebody may still be about to write what the old one has sealed.
        """
        left = self._keyring.retired(key_id)
        with self._store.begin() as session:
            if used := self._count(session).get(key_id, 0):
                raise WrongState("key-still-seals", key_id=key_id, values=used)
            self._refuse_too_new(session)
            self._trail.record(session, "keys-retired", actor=Actor.command(), key_id=key_id)
        save(left)

    def run(self, progress: Progress = lambda _: None) -> int:
        """Seal everything with the newest key; gives how many values were sealed anew.

        :raises SealBroken: a value cannot be opened: its key is gone, or it was changed. What was done stays done.
        """
        resealed = sum(self._batch(each, rows, progress) for each in COLUMNS for rows in self._batches(each))
        if resealed:
            with self._store.begin() as session:
                self._trail.record(
                    session,
                    "keys-resealed",
                    actor=Actor.command(),
                    key_id=self._keyring.newest_id,
                    count=resealed,
                )
        return resealed

    def _count(self, session: Session) -> dict[str, int]:
        found = dict.fromkeys(self._keyring.key_ids, 0)
        for each in COLUMNS:
            # By its name: written twice, the expression would be two to PostgreSQL, each with parameters of its own.
            sealed_with = each.key_id.label("sealed_with")
            query = select(sealed_with, func.count()).where(each.is_filled).group_by("sealed_with")
            for key_id, number in session.execute(query):
                found[bytes(key_id).hex()] = found.get(bytes(key_id).hex(), 0) + number
        return found

    def _refuse_too_new(self, session: Session) -> None:
        """Whoever sealed a value with the old key before the rotation has long written it when this time is over."""
        rotated = self._trail.search(session, Filters(kinds=("keys-rotated",)), limit=1).entries
        if rotated and rotated[0].at + SETTLING > self._clock():
            raise WrongState("key-too-new", until=(rotated[0].at + SETTLING).isoformat(timespec="seconds"))

    def _batches(self, each: SealedColumn) -> Iterator[Sequence[tuple[tuple[Any, ...], bytes]]]:
        """Old values with the keys of their rows, in the order of the keys."""
        old = each.key_id != bytes.fromhex(self._keyring.newest_id)
        query = select(*each.keys, each.column).where(each.is_filled, old).order_by(*each.keys).limit(each.at_once)
        after: ColumnElement[bool] | None = None
        while True:
            with self._store.read() as session:
                found = session.execute(query if after is None else query.where(after)).all()
            if not found:
                return
            yield [(tuple(row[:-1]), bytes(row[-1])) for row in found]
            after = tuple_(*each.keys) > tuple_(*found[-1][:-1])

    def _batch(self, each: SealedColumn, rows: Sequence[tuple[tuple[Any, ...], bytes]], progress: Progress) -> int:
        """Everything is sealed before the transaction, which only writes."""
        fresh = [(key, old, self._anew(each.purpose, old)) for key, old in rows]
        written = 0
        with self._store.begin() as session:
            for key, old, new in fresh:
                here = [column == value for column, value in zip(each.keys, key, strict=True)]
                change = update(each.column.class_).where(*here, each.column == old).values({each.column: new})
                written += session.execute(change, execution_options={"synchronize_session": False}).rowcount  # type: ignore[attr-defined]
        progress(len(rows))
        return written

    def _anew(self, purpose: str, old: bytes) -> bytes:
        return self._keyring.seal(purpose, self._keyring.open(purpose, old))
