"""Cards of systems that people operate, on the pages: deadlines, the duty officer, evidence, and that system's list."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import Workbook
from PIL import Image

from provisioner.provisioning.cards import Card
from tests.web.at_work import SIAK, AtWork, Operator
from tests.web.house import TABLE, Given

pytestmark = pytest.mark.usefixtures("store_kind")

DUTY = {**SIAK, "settings": {**SIAK["settings"], "duty_officer": "Piket SIAK", "duty_phone": "0812-3456-7890"}}  # type: ignore[dict-item]
WITH_DUTY: dict[str, Any] = {"targets": {"akun": TABLE, "siak": DUTY}}


@pytest.fixture
def with_duty(tmp_path: Path) -> Iterator[AtWork]:
    """Somebody can be called about SIAK."""
    made = AtWork(Given(tmp_path, settings=WITH_DUTY))
    yield made
    made.close()


def picture() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return io.BytesIO(out.getvalue()), "layar.png"


def card(office: AtWork) -> Card:
    (found,) = office.core.cards.open(office.desks.official("adb"))
    return found


def there(office: AtWork) -> Operator:
    """In SIAK, under SIAK's own name."""
    one, adb = office.active(), office.desks.official("adb")
    office.core.cards.confirm_created(adb, card(office).id, "dewi01", "Awal-1234")
    office.core.heart.drain()
    return one


def shut(office: AtWork, one: Operator) -> Card:
    office.core.accounts.suspend_now(office.desks.official("it"), one.account_id)
    office.core.heart.drain()
    return card(office)


def test_everything_that_is_undone_stands_on_one_page_and_an_empty_one_says_so(office: AtWork) -> None:
    adb = office.at_desk("adb")
    assert "Tidak ada yang belum dikerjakan" in adb.get("/kartu").text
    one = there(office)
    shut(office, one)
    page = adb.get("/kartu").text
    assert "Nonaktifkan akun: dewi01" in page
    assert "1 mendesak" in page
    assert "Nonaktifkan akun: dewi01" in office.at_desk("auditor").get("/kartu").text
    assert office.at_desk("secretary").get("/kartu").status_code == 403


def test_an_urgent_card_lets_the_duty_officer_be_called_without_telling_a_name(with_duty: AtWork) -> None:
    office = with_duty
    one = there(office)
    asked, adb = shut(office, one), office.at_desk("adb")
    for address in ("/kartu", f"/antrean/kartu/{asked.id}"):
        page = adb.get(address).text
        assert 'href="tel:+6281234567890"' in page
        text = unquote(page.split("https://wa.me/6281234567890?text=")[1].split('"')[0])
        assert "SIAK Terpusat" in text
        for personal in (one.username, "dewi01", asked.display_name.split(",")[0]):
            assert personal not in text


def test_what_shuts_an_account_needs_evidence_that_is_shown_afterwards(office: AtWork) -> None:
    one = there(office)
    asked, adb = shut(office, one), office.at_desk("adb")
    address = f"/antrean/kartu/{asked.id}"
    refused = adb.post(f"{address}/selesai", {"evidence": ""})
    assert refused.status_code == 422
    assert "Tulis satu kalimat bukti" in refused.text
    wrong = adb.post(f"{address}/selesai", {"files": (io.BytesIO(b"MZ"), "layar.png")})
    assert wrong.status_code == 422
    assert "Hanya foto" in wrong.text
    assert adb.post(f"{address}/selesai", {"evidence": "Sudah nonaktif", "files": picture()}).status_code == 302
    page = office.at_desk("auditor").get(address).text
    assert "Sudah nonaktif" in page
    assert "Nyatakan selesai" not in page
    shown = office.at_desk("auditor").get(f"/kartu/{asked.id}/bukti")
    assert shown.data.startswith(b"%PDF-")
    assert office.at_desk("head").get(f"/kartu/{asked.id}/bukti").status_code == 403


def test_a_pasted_list_is_compared_and_its_result_is_kept(office: AtWork) -> None:
    there(office)
    it = office.at_desk("it")
    assert "belum ada daftarnya" in it.get("/kesesuaian").text
    assert it.post("/kesesuaian/siak/daftar", {"list": "dewi01\nadmin"}).location == "/kesesuaian/siak"
    page = it.get("/kesesuaian/siak").text
    assert "Di luar pengelolaan" in page
    assert "admin" in it.get("/kesesuaian/siak?jenis=unmanaged").text


def test_an_uploaded_sheet_finds_what_is_missing_and_a_repair_is_a_card(office: AtWork) -> None:
    there(office)
    book, out = Workbook(), io.BytesIO()
    for row in (("Username", "Status"), ("admin", "aktif")):
        book.active.append(row)
    book.save(out)
    adb = office.at_desk("adb")
    file = (io.BytesIO(out.getvalue()), "daftar.xlsx")
    assert adb.post("/kesesuaian/siak/daftar", {"file": file}).status_code == 302
    page = adb.get("/kesesuaian/siak?jenis=missing").text
    finding = page.split('name="finding" value="')[1].split('"')[0]
    adb.post("/kesesuaian/siak/perbaiki", {"finding": finding, "kind": "missing"})
    office.core.heart.drain()
    assert card(office).action == "create"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Username;Status\ndewi01;aktif\nadmin;entah", "Baris 3, kolom Status"),
        ("admin\nadmin", "Baris 2, kolom Nama pengguna: sama dengan baris 1."),
        ("admin\n=1+1", "berisi rumus"),
        ("Username;Golongan\nadmin;II", "kolom Golongan tidak dikenal"),
        ("", "Daftar ini kosong."),
    ],
)
def test_a_list_that_cannot_be_taken_says_which_line(office: AtWork, source: str, told: str) -> None:
    answer = office.at_desk("it").post("/kesesuaian/siak/daftar", {"list": source})
    assert answer.status_code == 422
    assert told in answer.text
    assert office.core.reconciliations.runs(office.desks.official("it"), "siak") == []
