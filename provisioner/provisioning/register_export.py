"""The register book carried away: as CSV, XLSX or a paper. Each export is an event of the audit trail."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from provisioner.actor import Actor
from provisioner.csv_text import csv_text
from provisioner.documents.register_book import BookFacts, RegisterBookPapers
from provisioner.documents.renderer import Renderer
from provisioner.provisioning.context import Context
from provisioner.provisioning.register import READERS, book
from provisioner.provisioning.register_book import Direction
from provisioner.provisioning.register_views import RegisterLine, lines_of
from provisioner.workbook import Row, Sheet, Value, write_workbook

_AT_ONCE = 500


@dataclass(frozen=True)
class _Column:
    """One column. ``width``: in characters; papers share their width in the same proportion."""

    title: str
    width: int
    cell: Callable[[RegisterLine], Value]


def _remark(line: RegisterLine) -> str:
    void = f"BATAL: {line.void_reason}" if line.is_void else ""
    return "; ".join(part for part in (void, line.remark) if part)


COLUMNS: dict[Direction, tuple[_Column, ...]] = {
    Direction.INCOMING: (
        _Column("No", 5, lambda line: line.sequence),
        _Column("Tgl. Terima", 12, lambda line: line.received_on),
        _Column("No. Agenda", 12, lambda line: line.number),
        _Column("Pengirim", 26, lambda line: line.sender),
        _Column("Tanggal Surat", 12, lambda line: line.letter_date),
        _Column("Nomor Surat", 18, lambda line: line.letter_number),
        _Column("Isi Ringkas", 30, lambda line: line.subject),
        _Column("Lampiran", 10, lambda line: line.enclosures),
        _Column("Diteruskan kepada", 18, lambda line: line.forwarded_to),
        _Column("Ket.", 22, _remark),
    ),
    Direction.OUTGOING: (
        _Column("No", 5, lambda line: line.sequence),
        _Column("Tanggal", 12, lambda line: line.received_on),
        _Column("Nomor Surat", 22, lambda line: line.number),
        _Column("Kepada", 28, lambda line: line.forwarded_to),
        _Column("Tanggal Surat Masuk", 12, lambda line: line.letter_date),
        _Column("Nomor Surat Masuk", 18, lambda line: line.letter_number),
        _Column("Isi Ringkas", 34, lambda line: line.subject),
        _Column("Lampiran", 10, lambda line: line.enclosures),
        _Column("Ket.", 24, _remark),
    ),
}
"""The office's own books (*Buku Agenda Surat Masuk*, *Surat Keluar*); the words are the office's in every language."""
TITLES = {Direction.INCOMING: "Buku Agenda Surat Masuk", Direction.OUTGOING: "Buku Agenda Surat Keluar"}


class RegisterExport:
    """Whoever reads the book may carry it away."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        self._context = context
        self._papers = RegisterBookPapers(renderer, context.office)

    def csv(self, actor: Actor, direction: Direction, year: int) -> Iterator[str]:
        """The book as CSV, streamed. :raises NotAllowed: no post that reads the book."""
        self._note(actor, direction, year, "csv")
        lines = (line.cells for line in self._lines(direction, year))
        return csv_text([column.title for column in COLUMNS[direction]], lines)

    def xlsx(self, actor: Actor, direction: Direction, year: int) -> bytes:
        """The book as a workbook. :raises NotAllowed: no post that reads the book."""
        self._note(actor, direction, year, "xlsx")
        columns = COLUMNS[direction]
        titles, widths = [column.title for column in columns], [column.width for column in columns]
        out = io.BytesIO()
        write_workbook([Sheet(f"{TITLES[direction]} {year}", titles, self._lines(direction, year), widths)], out)
        return out.getvalue()

    def pdf(self, actor: Actor, direction: Direction, year: int) -> bytes:
        """The book as PDF/A-2b, with the head of the audit trail.

        :raises NotAllowed: no post that reads the book. :raises InvalidInput: ``unprintable-text``.
        """
        self._note(actor, direction, year, "pdf")
        with self._context.store.read() as session:
            head = self._context.trail.head(session)
        columns = COLUMNS[direction]
        facts = BookFacts(
            TITLES[direction],
            year,
            tuple(column.title for column in columns),
            tuple(column.width for column in columns),
            self._context.clock(),
            head.short,
        )
        return self._papers.render(facts, self._lines(direction, year))

    def _note(self, actor: Actor, direction: Direction, year: int, form: str) -> None:
        capacity = actor.require(*READERS)
        with self._context.store.begin() as session:
            counted = book(direction, year).order_by(None).subquery()
            self._context.trail.record(
                session,
                "register-exported",
                actor=actor.in_trail(capacity),
                form=form,
                year=year,
                direction=direction,
                count=session.scalar(select(func.count()).select_from(counted)) or 0,
            )

    def _lines(self, direction: Direction, year: int) -> Iterator[Row]:
        columns = COLUMNS[direction]
        with self._context.store.read() as session:
            rows = session.scalars(book(direction, year).execution_options(yield_per=_AT_ONCE))
            for part in rows.partitions():
                for line in lines_of(session, part):
                    yield Row([column.cell(line) for column in columns], line.is_void)
