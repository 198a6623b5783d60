"""Lists that people upload or paste: read whole, or refused with the line that is to blame."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from provisioner.errors import InvalidInput
from provisioner.user_list import Column, Limits, ListRefused, Problem, UserList, read_list

COLUMNS = (
    Column("username", ("Nama Pengguna", "Username"), required=True, unique=True, sole=True),
    Column("status", ("Status",)),
    Column("staff_number", ("NIP",)),
)


def read(source: bytes | str, **more: object) -> list[tuple[int, dict[str, str]]]:
    found: UserList = read_list(source, COLUMNS, **more)  # type: ignore[arg-type]
    return [(row.line, dict(row.cells)) for row in found.rows]


def refused(source: bytes | str, **more: object) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        read(source, **more)
    return refusal.value


def problems(source: bytes | str) -> list[Problem]:
    refusal = refused(source)
    assert isinstance(refusal, ListRefused)
    return list(refusal.problems)


def xlsx(*rows: tuple[object, ...], hidden_first: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    if hidden_first:
        sheet.append(("Username",))
        sheet.append(("bukan.ini",))
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("Pengguna")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(packed: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same spreadsheet with another text in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for each in before.namelist():
            content = before.read(each)
            assert each != name or old in content
            after.writestr(each, content.replace(old, new) if each == name else content)
    return out.getvalue()


@pytest.mark.parametrize(
    "source",
    [
        "Nama Pengguna;Status\ndewi;aktif\n\nsari;nonaktif\n",
        "NAMA_PENGGUNA,status\r\ndewi,aktif\r\n\r\nsari,nonaktif\r\n",
        "status\tusername\naktif\tdewi\n\nnonaktif\tsari",
        'username,status\n"dewi","aktif"\n\n"sari",nonaktif',
        b"\xef\xbb\xbfusername;status\ndewi;aktif\n\nsari;nonaktif",
        "username\tstatus\ndewi\taktif\n\nsari\tnonaktif".encode("utf-16"),
        xlsx(("Username", "Status"), ("dewi", "aktif"), (), ("sari", "nonaktif")),
        xlsx(("Username", "Status"), ("dewi", "aktif"), (), ("sari", "nonaktif"), hidden_first=True),
    ],
    ids=["semicolons", "commas", "tabs", "quotes", "byte order mark", "utf-16", "xlsx", "the sheet that is shown"],
)
def test_a_list_is_read_as_it_comes(source: bytes | str) -> None:
    assert read(source) == [
        (2, {"username": "dewi", "status": "aktif"}),
        (4, {"username": "sari", "status": "nonaktif"}),
    ]


def test_excel_may_say_how_its_cells_are_set_apart() -> None:
    assert read("sep=;\nusername;status\ndewi;a,b") == [(3, {"username": "dewi", "status": "a,b"})]


@pytest.mark.parametrize("source", ["dewi\n\nsari\n", b"dewi\r\n\r\nsari", xlsx(("dewi",), (), ("sari",))])
def test_without_titles_every_line_is_one_name(source: bytes | str) -> None:
    assert read(source) == [(1, {"username": "dewi"}), (3, {"username": "sari"})]


def test_a_text_of_an_old_windows_is_understood() -> None:
    assert read("username;status\ndewi;café".encode("cp1252")) == [(2, {"username": "dewi", "status": "café"})]


def test_numbers_and_dates_of_a_spreadsheet_are_text() -> None:
    rows = read(xlsx(("Username", "NIP", "Status"), (3576, 12345.0, True), ("sari", 1.5, date(2026, 1, 2))))
    assert rows == [
        (2, {"username": "3576", "staff_number": "12345", "status": "true"}),
        (3, {"username": "sari", "staff_number": "1.5", "status": "2026-01-02"}),
    ]


def test_a_column_may_be_passed_over_on_purpose() -> None:
    assert read("username;Terakhir Masuk\ndewi;kemarin", ignored=["terakhir masuk"]) == [(2, {"username": "dewi"})]


@pytest.mark.parametrize(
    ("source", "code", "data"),
    [
        ("", "list-empty", {}),
        (" \n\t\n", "list-empty", {}),
        ("x" * (2 * 1024 * 1024), "list-too-large", {"limit_mib": 1}),
        (b"x" * (2 * 1024 * 1024), "list-too-large", {"limit_mib": 1}),
        (b"%PDF-1.7\n", "list-type", {}),
        (b"\x89PNG\r\n\x1a\n", "list-type", {}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "list-old-excel", {}),
        (b"dewi\x00", "list-type", {}),
        (b"caf\x81", "list-encoding", {}),
        (b"PK\x03\x04 and then nothing", "list-damaged", {}),
        ("dewi;aktif\nsari;aktif", "list-header-missing", {"line": 1}),
        ("dewi,aktif", "list-header-missing", {"line": 1}),
        ("\nusername;golongan\ndewi;II", "list-column-unknown", {"line": 2, "column": "golongan"}),
        ("username;Nama Pengguna\ndewi;sari", "list-column-twice", {"line": 1, "column": "Nama Pengguna"}),
        ("status;NIP\naktif;1", "list-column-missing", {"line": 1, "column": "Nama Pengguna"}),
        ("username;status\n", "list-no-rows", {}),
        ('username;status\ndewi;aktif\n"sari;aktif\nbudi;aktif', "list-quotes", {"line": 3}),
        ("username\n" + "\n".join(f"u{n}" for n in range(11)), "list-too-many-rows", {"line": 12, "limit": 10}),
        ("username" + ";" * 5 + "\ndewi", "list-too-many-columns", {"line": 1, "limit": 5}),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_as_a_whole(
    source: bytes | str, code: str, data: dict[str, object]
) -> None:
    refusal = refused(source, limits=Limits(mib=1, rows=10, columns=5))
    assert (refusal.code, refusal.data) == (code, data)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("username;status\ndewi;=1+1", Problem(2, "formula", "status")),
        ("username;status\n@SUM(A1);aktif", Problem(2, "formula", "username")),
        ("dewi\n+cmd|' /C calc'!A0", Problem(2, "formula", "Nama Pengguna")),
        (xlsx(("Username", "Status"), ("dewi", "=A1")), Problem(2, "formula", "Status")),
        (xlsx(("Username", "Status"), ("dewi", "#N/A")), Problem(2, "cell-error", "Status")),
        (xlsx(("Username", "NIP"), ("dewi", 199203152019032004)), Problem(2, "number-too-long", "NIP")),
        ("username\ndewi\nsari\nDEWI", Problem(4, "duplicate", "username", 2)),
        ("username;status\n;aktif", Problem(2, "required", "username")),
        ("username;status\ndewi;aktif;II", Problem(2, "too-many-cells")),
        ("username;status;\ndewi;aktif;II", Problem(2, "too-many-cells")),
        ("dewi\nsari;aktif", Problem(2, "too-many-cells")),
        ("username;status\ndewi;" + "x" * 301, Problem(2, "too-long", "status")),
        ("username\nde\u202ewi", Problem(2, "control-character", "username")),
    ],
)
def test_a_row_that_cannot_be_taken_refuses_the_list_and_is_told_by_its_line(
    source: bytes | str, problem: Problem
) -> None:
    assert problems(source) == [problem]


def test_every_wrong_row_is_counted_and_the_first_are_told() -> None:
    refusal = refused("username\n" + "=1\n" * 50)
    assert isinstance(refusal, ListRefused)
    assert refusal.count == 50
    assert [each.line for each in refusal.problems] == list(range(2, 22))


def test_a_telephone_number_is_no_formula() -> None:
    assert read("username;status\ndewi;+62 812-3456") == [(2, {"username": "dewi", "status": "+62 812-3456"})]


def test_a_small_file_that_unpacks_to_a_large_one_is_not_unpacked() -> None:
    end = b"</workbook>"
    packed = changed(xlsx(("Username",), ("dewi",)), "xl/workbook.xml", end, end + b" " * 3_000_000)
    assert len(packed) < 100_000
    assert refused(packed, limits=Limits(unpacked_mib=2)).code == "list-too-large"


def test_an_entity_in_a_spreadsheet_is_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet '
    sheet = "xl/worksheets/sheet1.xml"
    assert refused(changed(xlsx(("dewi",)), sheet, b"<worksheet ", bomb)).code == "list-damaged"


def test_a_row_far_below_the_others_does_not_keep_the_reader_busy() -> None:
    sheet = "xl/worksheets/sheet1.xml"
    packed = changed(xlsx(("username",), ("dewi",)), sheet, b'<row r="2"', b'<row r="900000000"')
    assert refused(packed, limits=Limits(rows=100)).code == "list-too-many-rows"


def test_a_packed_file_of_another_kind_is_no_spreadsheet() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(out.getvalue()).code == "list-type"


def test_nothing_of_the_list_stands_in_its_representation() -> None:
    assert "dewi" not in repr(read_list("username\ndewi", COLUMNS))
