"""A spreadsheet (Office Open XML) to be taken along: written row by row, so that a long list needs little memory.

Nothing in it is ever carried out: a text stays a text, whatever it begins with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, BinaryIO

Value = str | int | date | datetime | None
MIME_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CARRIED_OUT = ("=", "+", "-", "@")
"""What a spreadsheet program may take for the beginning of a formula."""
_LONGEST = 32_767
_LONGEST_TITLE = 31


@dataclass(frozen=True)
class Row:
    """One line; ``struck``: it is struck through."""

    cells: Sequence[Value]
    struck: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet. ``rows`` are asked for once, while it is written; ``widths`` are in characters, by column."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value] | Row]
    widths: Sequence[int] = ()


def write_workbook(sheets: Iterable[Sheet], out: BinaryIO) -> None:
    """Write a workbook. Moments are written without their zone: hand them in as the office's.

    The library keeps each sheet in a temporary file until the workbook is whole; it is removed then.
    """
    # Loaded with the first spreadsheet: it is large, and most days ask for none.
    openpyxl = import_module("openpyxl")
    book = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        _write(book.create_sheet(sheet.title[:_LONGEST_TITLE]), sheet)
    book.save(out)


def _write(page: Any, sheet: Sheet) -> None:
    cell, letter = import_module("openpyxl.cell"), import_module("openpyxl.utils").get_column_letter
    for number, width in enumerate(sheet.widths, start=1):
        page.column_dimensions[letter(number)].width = width
    page.freeze_panes = "A2"
    styles = import_module("openpyxl.styles")
    bold, struck = styles.Font(bold=True), styles.Font(strike=True, color="FF737373")
    page.append([_safe(page, title, cell, bold) for title in sheet.header])
    for row in sheet.rows:
        cells, font = (row.cells, struck if row.struck else None) if isinstance(row, Row) else (row, None)
        page.append([_safe(page, value, cell, font) for value in cells])


def _safe(page: Any, value: Value, cell: Any, font: Any = None) -> Any:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, str):
        value = cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    carried_out = isinstance(value, str) and value.startswith(_CARRIED_OUT)
    if not carried_out and font is None:
        return value
    made = cell.WriteOnlyCell(page, value=value)
    if carried_out:
        # Marked as text by the program that opens it, also when somebody edits the cell there.
        made.data_type = "s"
        made.style = _quoted(page.parent)
    if font is not None:
        made.font = font
    return made


def _quoted(book: Any) -> str:
    """The name of the style that says "this is text" (what an apostrophe before it means)."""
    name = "teks"
    if name not in book.named_styles:
        styles = import_module("openpyxl.styles")
        book.add_named_style(styles.NamedStyle(name=name, number_format="@"))
    return name
