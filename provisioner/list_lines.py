"""The lines of a list as it was uploaded or pasted, before anybody asks what its columns mean.

Type is judged by content only: a spreadsheet (Office Open XML), or text whose cells are set apart by tabs, semicolons
or commas. Nothing in it is ever carried out: a cell with a formula refuses the list.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import Any
from zipfile import BadZipFile, ZipFile

from provisioner.errors import InvalidInput, ProvisionerError

_MIB = 1024 * 1024
_SEPARATORS = "\t;,"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_NUMBER = re.compile(r"[+-][\d\s().-]*")
_EXACT_DIGITS = 15
"""A spreadsheet keeps no more digits of a number: a longer one has lost its end."""


@dataclass(frozen=True)
class Limits:
    """How much is taken. What is larger is refused before it is read."""

    mib: int = 5
    unpacked_mib: int = 60
    """Of a spreadsheet, which is packed."""
    rows: int = 20_000
    columns: int = 40
    cell_length: int = 300


@dataclass(frozen=True)
class Cell:
    """The text of a cell, or the code of what is wrong with it: ``formula``, ``cell-error`` or ``number-too-long``."""

    text: str = field(default="", repr=False)
    wrong: str = ""


@dataclass(frozen=True)
class Line:
    """A line that is not empty, with its number in the file. Counts from 1."""

    number: int
    cells: tuple[Cell, ...] = field(repr=False)


class Lines:
    """What was uploaded (bytes) or pasted (text), line by line.

    :raises InvalidInput: ``list-empty``, ``list-too-large`` (``limit_mib``), ``list-type``, ``list-old-excel``,
        ``list-damaged``, ``list-encoding``; while reading ``list-quotes`` (``line``), and ``list-too-many-rows`` and
        ``list-too-many-columns`` (``line``, ``limit``).
    """

    def __init__(self, source: bytes | str, limits: Limits) -> None:
        self._limits = limits
        size = len(source) if isinstance(source, bytes) else len(source.encode(errors="replace"))
        if size > limits.mib * _MIB:
            raise InvalidInput("list-too-large", limit_mib=limits.mib)
        if not source.strip():
            raise InvalidInput("list-empty")
        self._packed = source if isinstance(source, bytes) and source.startswith(b"PK\x03\x04") else None
        self.text = "" if self._packed is not None else _text(source)
        """Empty for a spreadsheet."""

    @property
    def separators(self) -> tuple[str, ...]:
        """What may set the cells of this list apart; a spreadsheet has its own."""
        if self._packed is not None:
            return ("",)
        told = re.match(r"sep=(.)\r?\n", self.text)
        return (told[1],) if told else tuple(_SEPARATORS)

    def read(self, separator: str) -> Iterator[Line]:
        """Every line that is not empty. Without a separator any of the usual ones sets cells apart."""
        found = self._of_spreadsheet(self._packed) if self._packed is not None else self._of_text(separator)
        for count, line in enumerate(found, start=1):
            if count > self._limits.rows + 1:
                raise InvalidInput("list-too-many-rows", line=line.number, limit=self._limits.rows)
            if len(line.cells) > self._limits.columns:
                raise InvalidInput("list-too-many-columns", line=line.number, limit=self._limits.columns)
            yield line

    def _of_text(self, separator: str) -> Iterator[Line]:
        if not separator:
            for number, text in enumerate(re.split(r"\r\n|\r|\n", self.text), start=1):
                if text.strip():
                    yield Line(number, tuple(_typed(cell) for cell in re.split(f"[{_SEPARATORS}]", text)))
            return
        # Strict: a quotation mark that is never closed would swallow the lines after it.
        rows = csv.reader(io.StringIO(self.text, newline=""), delimiter=separator, strict=True)
        number = 1
        try:
            for row in rows:
                if any(cell.strip() for cell in row) and not (number == 1 and row[0].startswith("sep=")):
                    yield Line(number, tuple(_typed(cell) for cell in row))
                number = rows.line_num + 1
        except csv.Error:
            raise InvalidInput("list-quotes", line=number) from None

    def _of_spreadsheet(self, packed: bytes) -> Iterator[Line]:
        _refuse_large(packed, self._limits)
        try:
            # Loaded with the first spreadsheet: it is large, and most days bring none.
            book = import_module("openpyxl").load_workbook(io.BytesIO(packed), read_only=True, keep_links=False)
            try:
                yield from self._of_sheet(next(each for each in book.worksheets if each.sheet_state == "visible"))
            finally:
                book.close()
        except ProvisionerError:
            raise
        except Exception:
            # The library says that a file is not as it should be with whatever error it runs into.
            raise InvalidInput("list-damaged") from None

    def _of_sheet(self, sheet: Any) -> Iterator[Line]:
        # What the file says of its own size is not to be believed.
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=self._limits.columns + 1), start=1):
            if number > 10 * self._limits.rows:
                raise InvalidInput("list-too-many-rows", line=number, limit=self._limits.rows)
            cells = [_of_sheet(cell) for cell in row]
            while cells and cells[-1] == Cell():
                cells.pop()
            if cells:
                yield Line(number, tuple(cells))


def _text(source: bytes | str) -> str:
    if isinstance(source, str):
        return source
    if source.startswith(_OLD_EXCEL):
        raise InvalidInput("list-old-excel")
    encoding = next((name for mark, name in _MARKS.items() if source.startswith(mark)), None)
    if encoding is None and (b"\x00" in source or source.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff"))):
        raise InvalidInput("list-type")
    for attempt in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            return source.decode(attempt)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("list-encoding")


def _refuse_large(packed: bytes, limits: Limits) -> None:
    """A few kilobytes can unpack to gigabytes; what is told here is a bound, since more is never unpacked."""
    try:
        with ZipFile(io.BytesIO(packed)) as parts:
            members = parts.infolist()
    except (BadZipFile, ValueError, OSError, EOFError):
        raise InvalidInput("list-damaged") from None
    if "xl/workbook.xml" not in {each.filename for each in members}:
        raise InvalidInput("list-type")
    if len(members) > 1000 or sum(each.file_size for each in members) > limits.unpacked_mib * _MIB:
        raise InvalidInput("list-too-large", limit_mib=limits.mib)


def _typed(text: str) -> Cell:
    text = text.strip()
    if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and not _NUMBER.fullmatch(text)):
        return Cell(wrong="formula")
    return Cell(text)


def _of_sheet(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell()
    if cell.data_type in ("f", "e"):
        return Cell(wrong="formula" if cell.data_type == "f" else "cell-error")
    if isinstance(value, bool):
        return Cell("true" if value else "false")
    if isinstance(value, int | float):
        return _of_number(value)
    if isinstance(value, datetime) and value.time() != datetime.min.time():
        return Cell(value.isoformat(" ", "minutes"))
    if isinstance(value, date):
        return Cell(value.isoformat()[:10])
    return _typed(str(value))


def _of_number(value: float) -> Cell:
    if isinstance(value, float) and not value.is_integer():
        return Cell(repr(value))
    digits = str(int(value))
    return Cell(digits) if len(digits.lstrip("-")) <= _EXACT_DIGITS else Cell(wrong="number-too-long")
