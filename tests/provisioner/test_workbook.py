"""A spreadsheet that is taken along holds what was put in, and nothing in it is carried out."""

from datetime import UTC, date, datetime
from io import BytesIO

from openpyxl import load_workbook

from provisioner.workbook import Sheet, write_workbook


def test_texts_stay_texts_whatever_they_begin_with() -> None:
    out, nip = BytesIO(), "199507012020122001"
    texts = ("=1+1", "+62", "-1", "@SUM(A1)", nip, "a\x07b", "=cmd|' /C calc'!A0")
    rows = [(text,) for text in texts]
    write_workbook([Sheet("Akun", ("=Judul",), rows, (20,))], out)
    cells = [row[0] for row in load_workbook(out)["Akun"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [text.replace("\x07", "") for text in texts]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.number_format for cell in cells[:4]] == ["@"] * 4


def test_numbers_days_and_moments_are_what_they_are() -> None:
    out, at = BytesIO(), datetime(2026, 6, 8, 2, 30, 1, 5, tzinfo=UTC)
    write_workbook([Sheet("A", ("a", "b", "c", "d"), [(1, date(2026, 6, 8), at, None)]), Sheet("B", ("x",), [])], out)
    book = load_workbook(out)
    assert [cell.value for cell in book["A"][2]] == [1, datetime(2026, 6, 8), datetime(2026, 6, 8, 2, 30, 1), None]  # noqa: DTZ001
    assert book["A"]["B2"].is_date
    assert [cell.value for cell in book["B"][1]] == ["x"]
