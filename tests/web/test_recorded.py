"""The pages of accounts that a system had before."""

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from provisioner.store.tables import RecordedAccountRow, RecordedListRow
from tests.office import MEMORY
from tests.provisioner.provisioning.first_day import HEADER, listing, row
from tests.web.at_work import AtWork
from tests.web.house import Given

pytestmark = pytest.mark.usefixtures("store_kind")

PATH = "/akun-tercatat"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[AtWork]:
    """An office whose only system has two people already."""
    made = AtWork(Given(tmp_path, settings={"targets": {"sistem": MEMORY}}))
    for name in ("dewi.lama", "agus.lama"):
        made.core.targets["sistem"].connector.add_stranger(name)  # type: ignore[attr-defined]
    yield made
    made.close()


def day_of(office: AtWork) -> str:
    return office.core.context.today().replace(year=office.core.context.today().year + 1, day=1).isoformat()


def ids(office: AtWork) -> tuple[str, list[str]]:
    with office.core.context.store.read() as session:
        (kept,) = session.scalars(select(RecordedListRow.id)).all()
        rows = session.scalars(select(RecordedAccountRow.id).order_by(RecordedAccountRow.username)).all()
    return kept, list(rows)


def record(office: AtWork, *rows: str, post: str = "adb") -> str:
    """Upload, look, and press the button that is there; gives where it led."""
    browser, until = office.at_desk(post), day_of(office)
    form = {"sistem": "sistem", "batas": until, "daftar": listing(*rows)}
    page = browser.post(f"{PATH}/baca", form).text
    sent = re.search(r'<textarea name="daftar" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert sent is not None
    text = html.unescape(sent[1])
    answer = browser.post(f"{PATH}/catat", {**form, "daftar": text})
    assert answer.status_code == 302, answer.text
    return browser.get(answer.headers["Location"]).text


def test_an_upload_is_shown_row_by_row_before_anything_is_kept(office: AtWork) -> None:
    book, out = Workbook(), io.BytesIO()
    lines = (row("dewi.lama", 0), row("hantu", 1), "dua kata;Agus Salim;12;;;;", "agus.lama;Agus Salim;;;;;")
    for line in (HEADER, *lines):
        book.active.append(line.split(";"))
    book.save(out)
    out.seek(0)
    form = {"sistem": "sistem", "batas": day_of(office), "berkas": (out, "akun.xlsx")}
    page = office.at_desk("adb").post(f"{PATH}/baca", form, content_type="multipart/form-data").text
    assert "akan dicatat: 2" in page
    assert "Tidak ditemukan di sistem." in page
    assert "Nama pengguna tidak boleh berspasi." in page
    assert "NIK terdiri atas 16 angka." in page
    assert "Catat yang benar saja" in page
    assert "Belum ada akun tercatat" in office.at_desk("adb").get(PATH).text


def test_what_was_seen_is_recorded_and_listed_for_every_reader(office: AtWork) -> None:
    page = record(office, row("dewi.lama", 0), row("agus.lama", 1), post="section_head")
    assert "2 akun dicatat." in page
    assert "tercatat, belum berpakta" in page
    kept, _ = ids(office)
    for post in ("adb", "section_head", "it", "auditor"):
        assert "dewi.lama" in office.at_desk(post).get(PATH).text
        assert office.at_desk(post).get(f"{PATH}/daftar/{kept}").status_code == 200
    for post in ("head", "secretary"):
        assert office.at_desk(post).get(PATH).status_code == 403
    assert "dewi.lama" not in office.at_desk("adb").get(f"{PATH}?cari=agus").text


def test_rows_that_cannot_be_recorded_stop_the_list_with_a_reason(office: AtWork) -> None:
    adb = office.at_desk("adb")
    form = {"sistem": "sistem", "batas": day_of(office), "daftar": listing(row("hantu"), row("dewi.lama", 1))}
    stopped = adb.post(f"{PATH}/catat", form)
    assert stopped.status_code == 422
    assert "1 baris tidak dapat dicatat" in stopped.text
    assert adb.post(f"{PATH}/catat", {**form, "batas": "2020-01-01", "hanya_benar": "1"}).status_code == 422
    assert adb.post(f"{PATH}/catat", {**form, "batas": "besok", "hanya_benar": "1"}).status_code == 422
    assert adb.post(f"{PATH}/catat", {**form, "hanya_benar": "1"}).status_code == 302
    no_list = adb.post(f"{PATH}/baca", {**form, "daftar": "Nama pengguna;Sandi\na;b"})
    assert no_list.status_code == 422
    assert "kolom Sandi tidak dikenal" in no_list.text
    formula = adb.post(f"{PATH}/baca", {**form, "daftar": "Nama pengguna;Nama\ndewi.lama;\nagus.lama;=A1"})
    assert formula.status_code == 422
    assert "Baris 3, kolom Nama: berisi rumus" in html.unescape(formula.text)


def test_the_administrator_asks_once_and_the_head_sees_everybody(office: AtWork) -> None:
    record(office, row("dewi.lama", 0), row("agus.lama", 1))
    kept, _ = ids(office)
    adb = office.at_desk("adb")
    page = adb.get(f"{PATH}/daftar/{kept}").text
    assert "Ajukan daftar ini" in page
    assert "dewi.lama" in page
    assert "agus.lama" in page
    assert "Ajukan daftar ini" not in office.at_desk("section_head").get(f"{PATH}/daftar/{kept}").text
    assert adb.post(f"{PATH}/daftar/{kept}/keputusan", {"number": ""}).status_code == 422
    assert adb.post(f"{PATH}/daftar/{kept}/keputusan", {"number": "800/5"}).status_code == 302
    letter = re.search(r'href="(/surat/[0-9a-f]+)"', adb.get(f"{PATH}/daftar/{kept}").text)
    assert letter is not None
    page = office.at_desk("head").get(letter[1]).text
    assert "2 akun yang sudah ada di Sistem" in page
    assert "Agus Lestari Handayani" in page
    assert adb.post(f"{PATH}/daftar/{kept}/tarik", {}).status_code == 302
    assert "ditarik" in adb.get(PATH).text


def test_who_has_not_signed_is_followed_up_on_a_page_of_their_own(office: AtWork) -> None:
    record(office, row("dewi.lama", 0))
    _, (one,) = ids(office)
    kasi, path = office.at_desk("section_head"), f"{PATH}/orang/{one}"
    assert "Tindak lanjut" in kasi.get(path).text
    assert "Tindak lanjut" not in office.at_desk("auditor").get(path).text
    assert kasi.post(f"{path}/ingatkan", {}).status_code == 302
    assert "Diingatkan" in kasi.get(path).text
    assert kasi.post(f"{path}/perpanjang", {"batas": "2020-01-01"}).status_code == 422
    assert kasi.post(f"{path}/perpanjang", {"batas": "nanti"}).status_code == 422
    assert kasi.post(f"{path}/perpanjang", {"batas": day_of(office), "alasan": "Cuti"}).status_code == 302
    assert kasi.post(f"{path}/keluarkan", {"sebab": ""}).status_code == 422
    assert kasi.post(f"{path}/keluarkan", {"sebab": "Pindah"}).status_code == 302
    assert "dikeluarkan" in kasi.get(path).text
    assert kasi.post(f"{path}/ingatkan", {}).status_code == 409
    assert kasi.get(f"{PATH}/orang/{'0' * 32}").status_code == 404
