"""A list as CSV, as Excel in Indonesian opens it: UTF-8 with a mark, cells set apart by semicolons; streamed.

What people typed stays text: a cell that begins as a formula would is never one (OWASP: CSV injection).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from provisioner.workbook import Value

BOM = "\ufeff"
"""By it Excel knows that a CSV is UTF-8."""
MIME_TYPE = "text/csv; charset=utf-8"
_AT_ONCE = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The text, part by part; dates as ``08-06-2026``."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write(BOM)
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([_harmless(value) for value in row])
        if number % _AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


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
