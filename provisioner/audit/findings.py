"""What a verifier has to say: findings, and the report they stand in."""

from dataclasses import asdict, dataclass, field
from typing import Any

MEANINGS = {
    "changed": "the content is not the one that was hashed",
    "missing": "rows that were there are gone",
    "inserted": "a row stands where another with this number already stood",
    "reordered": "a row is not in its place",
    "link-broken": "the row is not chained to the one before it: one of the two was replaced",
    "forged": "the MAC is wrong: the row was not written by the holder of the keys",
    "anchor-mismatch": "an anchor names another hash: this row or one before it was replaced",
    "cut-off": "an anchor names rows after the last one here: the end is missing",
    "beginning-missing": "the first row here is not row 1, and no anchor vouches for what was before it",
    "personal-changed": "the value kept for a personal field is not the one committed to",
    "head-mismatch": "the head that the export names is not its last row",
    "incomplete": "the export has no closing line: it was broken off",
    "unreadable": "a line cannot be read",
}
"""Every kind of finding, in plain English."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with the rows ``first`` to ``last`` (sequence numbers, or line numbers if unreadable)."""

    kind: str
    """One of :data:`MEANINGS`."""
    first: int
    last: int
    detail: str = ""

    def __str__(self) -> str:
        rows = f"row {self.first}" if self.first == self.last else f"rows {self.first} to {self.last}"
        place = rows.replace("row", "line") if self.kind == "unreadable" else rows
        return f"{place}: {MEANINGS[self.kind]}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True)
class Epoch:
    """The store was restored from a backup, and the trail went on from the backup's last row.

    That rows are missing which anchors name is then no sign of tampering, if the office really restored that day: who
    verifies a trail has to ask. Somebody with the keys could say so falsely, to cut rows off.
    """

    seq: int
    """The row that opened it."""
    at: str
    """When, as that row says."""
    backup_seq: int
    """The last row of the backup."""
    backup_made_at: str
    lost_until: int = 0
    """The highest row of the time that is lost which an anchor names; 0: none does."""

    def __str__(self) -> str:
        told = f"restored at row {self.seq} ({self.at}) from a backup that ends with row {self.backup_seq}"
        if not self.lost_until:
            return f"{told}; no anchor names a row that was lost with it"
        lost = f"rows {self.backup_seq + 1} to {self.lost_until} of before are LOST, as anchors show"
        return f"{told}; {lost}. Ask the office whether it restored that day"


@dataclass
class Findings:
    """Collects findings; neighbours of one kind become one, so that a rewritten end is not a million lines."""

    _open: dict[str, Finding] = field(default_factory=dict)
    _closed: list[Finding] = field(default_factory=list)

    def add(self, kind: str, first: int, last: int | None = None, detail: str = "") -> None:
        """Note a finding on the rows ``first`` to ``last`` (``first`` alone if None)."""
        new = Finding(kind, first, first if last is None else last, detail)
        before = self._open.get(kind)
        if before and before.last + 1 == first and before.detail == detail:
            new = Finding(kind, before.first, new.last, detail)
        elif before:
            self._closed.append(before)
        self._open[kind] = new

    def all(self) -> tuple[Finding, ...]:
        """Every finding, by row."""
        return tuple(sorted([*self._closed, *self._open.values()], key=lambda found: (found.first, found.kind)))


@dataclass(frozen=True)
class Report:
    """What a verification found."""

    rows: int
    first: int | None
    """Sequence number of the first row."""
    last: int | None
    """Highest sequence number."""
    head: str
    """Hash of the last row."""
    last_anchored: int
    """Up to this row nothing but the findings can have been done to the trail since the anchor was noted; 0: none."""
    anchors_matched: int
    macs_checked: bool
    personal_checked: int
    """Personal values that were compared with their commitments."""
    epochs: tuple[Epoch, ...]
    """Restorations that the trail declares. They are told with every verdict, a sound one too."""
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found. Rows after ``last_anchored`` might still be cut off or, without the MACs
        checked, rewritten."""
        return not self.findings

    @property
    def unanchored(self) -> int:
        """How many rows at the end no anchor vouches for."""
        return max(0, (self.last or 0) - self.last_anchored)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "sound": self.sound,
            "rows": self.rows,
            "first": self.first,
            "last": self.last,
            "head": self.head,
            "last_anchored": self.last_anchored,
            "unanchored": self.unanchored,
            "anchors_matched": self.anchors_matched,
            "macs_checked": self.macs_checked,
            "personal_checked": self.personal_checked,
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "findings": [
                {
                    "kind": found.kind,
                    "first": found.first,
                    "last": found.last,
                    "detail": found.detail,
                    "text": str(found),
                }
                for found in self.findings
            ],
        }
