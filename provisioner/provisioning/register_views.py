"""What pages and exports show of the register book, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from provisioner.provisioning.official_rows import display_name
from provisioner.store.tables import OfficialRow, RegisterEntryRow


@dataclass(frozen=True)
class RegisterLine:
    """One line of the book. A void one stays in it, with the reason."""

    id: str
    sequence: int
    number: str
    received_on: date
    sender: str
    letter_number: str
    letter_date: date | None
    subject: str
    enclosures: str
    forwarded_to: str
    remark: str
    letter_id: str | None
    void_at: datetime | None
    void_by: str
    """Name of who struck it through."""
    void_reason: str

    @property
    def is_void(self) -> bool:
        """Whether it is struck through."""
        return self.void_at is not None


@dataclass(frozen=True)
class BookPage:
    """One page of the book of a year. ``years``: those that have a book, the newest first."""

    lines: tuple[RegisterLine, ...]
    total: int
    years: tuple[int, ...]


def lines_of(session: Session, rows: Sequence[RegisterEntryRow]) -> list[RegisterLine]:
    """The rows as lines, with the names of who voided them."""
    voiders = {row.void_by for row in rows if row.void_by}
    names = {}
    if voiders:
        found = session.scalars(select(OfficialRow).where(OfficialRow.id.in_(voiders)))
        names = {official.id: display_name(official) for official in found}
    return [_line(row, names.get(row.void_by or "", "")) for row in rows]


def _line(row: RegisterEntryRow, void_by: str) -> RegisterLine:
    return RegisterLine(
        row.id,
        row.sequence,
        row.number,
        row.received_on,
        row.sender,
        row.letter_number,
        row.letter_date,
        row.subject,
        row.enclosures,
        row.forwarded_to,
        row.remark,
        row.letter_id,
        row.void_at,
        void_by,
        row.void_reason,
    )
