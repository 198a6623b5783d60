"""Verifying an export, without the database and, but for the MACs, without any secret.

What it can tell: any row that was changed, removed, inserted or moved, unless everything after it was hashed anew;
with an anchor from after that row, or with the MAC key, that too. Rows cut off the end show up to the last anchor.

A restored backup cuts rows off, too, and says so with an ``epoch-opened`` row. An anchor that was noted before that
row, and names a row behind the backup's last one, belongs to the time that is lost: it is told with the epoch instead
of as a finding. Only its own date can show that, so an anchor without one stays a finding.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from provisioner.audit.chain import GENESIS, ChainRow, commits_to
from provisioner.audit.findings import Epoch, Findings, Report
from provisioner.audit.head import Anchor

Mac = Callable[[bytes], bytes]
"""HMAC of a row's hash (32 bytes), as ``keyring.mac("audit-row", hash)`` makes it."""

_ROW_PARTS = {*ChainRow.__dataclass_fields__, "hash", "mac", "personal"}


def verify(lines: Iterable[str], anchors: Iterable[Anchor] = (), mac: Mac | None = None) -> Report:
    """Read an export once, from a file or while it arrives, and report. Memory grows only with what is wrong.

    Nothing in a line can raise: what cannot be read is a finding.
    """
    verifier = _Verifier(list(anchors), mac)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            verifier.line(number, line)
    return verifier.report()


class _Verifier:
    def __init__(self, anchors: Sequence[Anchor], mac: Mac | None) -> None:
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, []).append(anchor)
        self._mac = mac
        self._findings = Findings()
        self._rows = self._personal = self._matched = self._last_anchored = 0
        self._first: int | None = None
        self._tip: tuple[int, str] | None = None
        """Highest row so far: its number and hash."""
        self._gaps: list[range] = []
        self._hash_at: dict[int, str] = {}
        """Hashes next to gaps and of rows that came late."""
        self._previous_at: dict[int, str] = {}
        self._late: set[int] = set()
        self._epochs: list[Epoch] = []
        self._unmatched: list[Anchor] = []
        """Anchors that name another hash than a row here has. What they mean is known once every epoch was seen."""
        self._head: tuple[object, object] | None = None

    def line(self, number: int, line: str) -> None:
        """Take one line of the export."""
        try:
            content = json.loads(line, object_pairs_hook=_once)
            if not isinstance(content, dict):
                raise ValueError("it is not an object")
            if "format" in content:
                return
            if "head" in content:
                self._head = (content["head"]["seq"], content["head"]["hash"])
                return
            row, row_hash = ChainRow.from_content(content), content["hash"]
            if not isinstance(row_hash, str):
                raise ValueError("hash is not text")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._findings.add("unreadable", number, detail=type(error).__name__)
            return
        self._row(row, row_hash, content)

    def _row(self, row: ChainRow, row_hash: str, content: dict[str, Any]) -> None:
        self._rows += 1
        if row.kind == "epoch-opened":
            self._epochs.append(_epoch(row))
        self._check_content(row, row_hash, content)
        self._check_anchors(row.seq, row_hash)
        self._check_place(row, row_hash)

    def _check_content(self, row: ChainRow, row_hash: str, content: dict[str, Any]) -> None:
        try:
            true_hash = row.hash()
        except (ValueError, RecursionError):
            true_hash = ""
        if true_hash != row_hash or content.keys() - _ROW_PARTS:
            self._findings.add("changed", row.seq)
        if self._mac and not _mac_matches(self._mac, row_hash, content.get("mac")):
            self._findings.add("forged", row.seq)
        for name, kept in _personal(content).items():
            self._personal += 1
            if not _proven(row.commitments.get(name), name, kept):
                self._findings.add("personal-changed", row.seq, detail=name)

    def _check_anchors(self, seq: int, row_hash: str) -> None:
        for anchor in self._anchors.get(seq, ()):
            if anchor.matches(row_hash):
                self._matched += 1
                self._last_anchored = max(self._last_anchored, seq)
            else:
                self._unmatched.append(anchor)

    def _check_place(self, row: ChainRow, row_hash: str) -> None:
        if self._tip is None:
            self._begin(row)
        elif row.seq == self._tip[0] + 1:
            if row.previous != self._tip[1]:
                self._findings.add("link-broken", row.seq)
        elif row.seq > self._tip[0]:
            self._gaps.append(range(self._tip[0] + 1, row.seq))
            self._hash_at[self._tip[0]] = self._tip[1]
            self._previous_at[row.seq] = row.previous
        else:
            self._came_late(row, row_hash)
            return
        self._tip = (row.seq, row_hash)

    def _begin(self, row: ChainRow) -> None:
        self._first = row.seq
        vouched = [anchor.matches(row.previous) for anchor in self._anchors.get(row.seq - 1, ())]
        if row.seq == 1:
            if row.previous != GENESIS:
                self._findings.add("link-broken", row.seq)
        elif any(vouched):
            self._matched += 1
            self._last_anchored = row.seq - 1
        else:
            self._gaps.append(range(1, row.seq))
            self._previous_at[row.seq] = row.previous

    def _came_late(self, row: ChainRow, row_hash: str) -> None:
        in_gap = any(row.seq in gap for gap in self._gaps)
        if not in_gap or row.seq in self._late:
            self._findings.add("inserted", row.seq)
            return
        self._late.add(row.seq)
        self._hash_at[row.seq], self._previous_at[row.seq] = row_hash, row.previous
        self._findings.add("reordered", row.seq)

    def report(self) -> Report:
        """Draw the sum after the last line."""
        self._check_gaps()
        last = self._tip[0] if self._tip else 0
        self._judge_anchors(last)
        self._check_head(last)
        return Report(
            rows=self._rows,
            first=self._first,
            last=self._tip[0] if self._tip else None,
            head=self._tip[1] if self._tip else GENESIS,
            last_anchored=self._last_anchored,
            anchors_matched=self._matched,
            macs_checked=self._mac is not None,
            personal_checked=self._personal,
            epochs=tuple(self._epochs),
            findings=self._findings.all(),
        )

    def _judge_anchors(self, last: int) -> None:
        """Anchors that fit no row here: of a time that was lost with a restoration, or a sign of tampering."""
        for anchor in sorted(self._unmatched, key=lambda each: each.seq):
            if not self._lost_with_a_restoration(anchor):
                self._findings.add("anchor-mismatch", anchor.seq, detail=self._undated(anchor))
        for seq in sorted(self._anchors):
            beyond = [anchor for anchor in self._anchors[seq] if seq > last]
            left = [anchor for anchor in beyond if not self._lost_with_a_restoration(anchor)]
            if left:
                self._findings.add("cut-off", last + 1, seq, detail=f"anchor {seq}{self._undated(left[0], ', ')}")

    def _lost_with_a_restoration(self, anchor: Anchor) -> bool:
        for number, epoch in enumerate(self._epochs):
            opened = _moment(epoch.at)
            # The row that opened it follows the backup's last one: anything else is not what a restoration leaves.
            if opened is None or anchor.at is None or epoch.seq != epoch.backup_seq + 1:
                continue
            if anchor.at < opened and anchor.seq > epoch.backup_seq:
                self._epochs[number] = replace(epoch, lost_until=max(epoch.lost_until, anchor.seq))
                return True
        return False

    def _undated(self, anchor: Anchor, before: str = "") -> str:
        """A hint, where only the date is missing that would tell."""
        if anchor.at is not None or not any(anchor.seq > epoch.backup_seq for epoch in self._epochs):
            return ""
        return f"{before}unless it was noted before a restoration: give its date"

    def _check_gaps(self) -> None:
        for gap in self._gaps:
            kind = "beginning-missing" if gap.start == 1 and self._first == gap.stop else "missing"
            for run in _runs(gap, self._late):
                self._findings.add(kind, run.start, run.stop - 1)
        for seq, previous in sorted(self._previous_at.items()):
            before = GENESIS if seq == 1 else self._hash_at.get(seq - 1)
            if before is not None and before != previous:
                self._findings.add("link-broken", seq)

    def _check_head(self, last: int) -> None:
        if self._head is None:
            self._findings.add("incomplete", last)
        elif self._head != (self._tip or (0, GENESIS)):
            self._findings.add("head-mismatch", last)


def _epoch(row: ChainRow) -> Epoch:
    """What the row declares; a value of a wrong kind declares nothing."""
    seq, made_at = row.fields.get("backup_seq"), row.fields.get("backup_made_at")
    return Epoch(row.seq, row.at, seq if type(seq) is int else 0, made_at if isinstance(made_at, str) else "")


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _runs(gap: range, present: set[int]) -> list[range]:
    """The parts of a gap that nothing filled later. Walks what filled it, not the gap: that may be huge."""
    runs, start = [], gap.start
    for seq in sorted(seq for seq in present if seq in gap):
        if seq > start:
            runs.append(range(start, seq))
        start = seq + 1
    if start < gap.stop:
        runs.append(range(start, gap.stop))
    return runs


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once: with two, a reader might show the one that was not hashed."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _mac_matches(mac: Mac, row_hash: str, given: object) -> bool:
    try:
        # As text: other spellings of the same digits were not written by us either.
        return hmac.compare_digest(mac(bytes.fromhex(row_hash)).hex().encode(), str(given).encode())
    except ValueError:
        return False


def _personal(content: dict[str, Any]) -> dict[str, Any]:
    personal = content.get("personal", {})
    return personal if isinstance(personal, dict) else {"": personal}


def _proven(commitment: object, name: str, kept: object) -> bool:
    if not isinstance(commitment, str) or not isinstance(kept, dict):
        return False
    try:
        return commits_to(commitment, bytes.fromhex(kept["salt"]), name, kept["value"])
    except (ValueError, KeyError, TypeError):
        return False
