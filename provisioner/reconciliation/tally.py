"""The findings of a full run as they are kept: listed by name up to a limit, counted beyond it.

A finding that is not listed leaves a fingerprint of eight bytes, so that a run of changes, which brings the list up to
date, keeps the counts right for those too.
"""

from collections import Counter
from collections.abc import Collection
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from provisioner.reconciliation.finding import LONGEST_ID, OF_ENTRIES, Kind, key_of
from provisioner.store.tables import FindingRow, ReconciliationRow

_AT_ONCE = 500
_BYTES = 8
_LETTERS = {kind: kind.value[:1].encode() for kind in Kind}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


class Tally:
    """What is listed of each kind, and the fingerprints of the rest."""

    def __init__(self, limit: int, listed: dict[Kind, int] | None = None, unlisted: bytes = b"") -> None:
        self._limit = limit
        self._listed = Counter(listed or {})
        self._unlisted = {unlisted[start : start + _BYTES] for start in range(0, len(unlisted), _BYTES)}

    @classmethod
    def of(cls, session: Session, row: ReconciliationRow, limit: int) -> "Tally":
        """As it was kept."""
        asked = select(FindingRow.kind, func.count()).where(FindingRow.run_id == row.id).group_by(FindingRow.kind)
        return cls(limit, {Kind(kind): count for kind, count in session.execute(asked)}, row.unlisted or b"")

    def takes(self, kind: Kind, key: str) -> bool:
        """Count one more; whether it is to be listed by name."""
        if self._listed[kind] < self._limit:
            self._listed[kind] += 1
            return True
        self._unlisted.add(_fingerprint(kind, key))
        return False

    def forget(self, session: Session, row: ReconciliationRow, keys: Collection[str]) -> int:
        """Take these out of the run's list and counts, where they are in it; gives how many were."""
        ordered, count = sorted(keys), 0
        for start in range(0, len(ordered), _AT_ONCE):
            chosen = FindingRow.run_id == row.id, FindingRow.key.in_(ordered[start : start + _AT_ONCE])
            gone = session.execute(delete(FindingRow).where(*chosen).returning(FindingRow.kind)).scalars().all()
            for kind in map(Kind, gone):
                self._listed[kind] -= 1
                _less(row, kind)
            count += len(gone)
        if self._unlisted:
            found = {_fingerprint(Kind(key.partition(":")[0]), key) for key in ordered} & self._unlisted
            count += self._forget_unlisted(row, found)
        return count

    def forget_unnamed(self, session: Session, row: ReconciliationRow, named: Collection[str]) -> int:
        """The same of whatever is about entries other than these; gives how many were."""
        there = {key_of(kind, each[:LONGEST_ID]) for each in named for kind in OF_ENTRIES}
        about_entries = FindingRow.run_id == row.id, FindingRow.kind.in_(OF_ENTRIES)
        count = self.forget(session, row, set(session.scalars(select(FindingRow.key).where(*about_entries))) - there)
        if self._unlisted:
            known = {_fingerprint(Kind(key.partition(":")[0]), key) for key in there}
            stale = {each for each in self._unlisted if _KINDS[each[:1]] in OF_ENTRIES} - known
            count += self._forget_unlisted(row, stale)
        return count

    def kept(self) -> bytes | None:
        """The fingerprints as they are stored."""
        return b"".join(sorted(self._unlisted)) or None

    def _forget_unlisted(self, row: ReconciliationRow, found: Collection[bytes]) -> int:
        for each in found:
            self._unlisted.discard(each)
            _less(row, _KINDS[each[:1]])
        return len(found)


def _less(row: Any, kind: Kind) -> None:
    setattr(row, kind.value, max(0, getattr(row, kind.value) - 1))


def _fingerprint(kind: Kind, key: str) -> bytes:
    return _LETTERS[kind] + blake2b(key.encode(), digest_size=_BYTES - 1).digest()
