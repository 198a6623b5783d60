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
class Sheet:
    """One sheet. ``rows`` are asked for once, while it is written; ``widths`` are in characters, by column."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value]]
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
    bold = import_module("openpyxl.styles").Font(bold=True)
    titles = [cell.WriteOnlyCell(page, value=title) for title in sheet.header]
    for title in titles:
        title.font = bold
    page.append(titles)
    for row in sheet.rows:
        page.append([_safe(page, value, cell) for value in row])


def _safe(page: Any, value: Value, cell: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)
    if not isinstance(value, str):
        return value
    text = cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    if not text.startswith(_CARRIED_OUT):
        return text
    # Marked as text by the program that opens it, also when somebody edits the cell there.
    plain = cell.WriteOnlyCell(page, value=text)
    plain.data_type = "s"
    plain.style = _quoted(page.parent)
    return plain


def _quoted(book: Any) -> str:
    """The name of the style that says "this is text" (what an apostrophe before it means)."""
    name = "teks"
    if name not in book.named_styles:
        styles = import_module("openpyxl.styles")
        book.add_named_style(styles.NamedStyle(name=name, number_format="@"))
    return name
