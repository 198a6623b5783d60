"""The register book as files that people open in a spreadsheet: CSV and XLSX, line by line.

What people typed stays text: a cell that begins as a formula would is never one (OWASP: CSV injection).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

Value = str | int | date | None
BOM = "\ufeff"
"""By it Excel knows that a CSV is UTF-8."""
_AT_ONCE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDEST = 60


@dataclass(frozen=True)
class SheetLine:
    """The cells of one line, in the order of the columns; ``struck``: the entry is void."""

    cells: Sequence[Value]
    struck: bool = False


def csv_text(columns: Sequence[str], lines: Iterable[SheetLine]) -> Iterator[str]:
    """CSV as Excel in Indonesian opens it: UTF-8 with a mark, cells set apart by semicolons. Streamed."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write(BOM)
    writer.writerow(columns)
    for number, line in enumerate(lines, start=1):
        writer.writerow([_harmless(value) for value in line.cells])
        if number % _AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


def xlsx(title: str, columns: Sequence[str], widths: Sequence[int], lines: Iterable[SheetLine]) -> bytes:
    """A workbook with one sheet whose head stays in sight; void lines are struck through. Lines are written as they
    come, so that a long book takes little memory.
    """
    # Read when it is needed: the library takes a third of a second and ten megabytes.
    openpyxl, cells, styles = (import_module(name) for name in ("openpyxl", "openpyxl.cell", "openpyxl.styles"))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + place)].width = min(width, _WIDEST)
    bold, struck = styles.Font(bold=True), styles.Font(strike=True, color="FF737373")

    def cell(value: Value, font: Any = None) -> Any:
        text = isinstance(value, str)
        made = cells.WriteOnlyCell(sheet, value=_UNWRITABLE.sub("", value) if isinstance(value, str) else value)
        if text:
            made.data_type = "s"
            made.quotePrefix = made.value.startswith(_FORMULA)
        if isinstance(value, date):
            made.number_format = "dd-mm-yyyy"
        if font is not None:
            made.font = font
        return made

    sheet.append([cell(column, bold) for column in columns])
    for line in lines:
        sheet.append([cell(value, struck if line.struck else None) for value in line.cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
