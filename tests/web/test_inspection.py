"""Pemeriksaan, as the auditor uses it."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from tests.web.at_work import AtWork
from tests.web.walking import Browser

PATH = "/pemeriksaan"


def sheets(answer: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every sheet of a download."""
    assert answer.status_code == 200, answer.text[:2000]
    book = load_workbook(BytesIO(answer.data))
    return {page.title: [tuple(cell.value for cell in row) for row in page.iter_rows()] for page in book.worksheets}


def test_a_day_is_shown_and_taken_out_with_pact_basis_and_approver(office: AtWork) -> None:
    one, auditor = office.active(), office.at_desk("auditor")
    today = office.core.context.today()
    page = auditor.get(PATH).text
    for said in (one.username, "Kepala Seksi, Pejabat section_head", "800/1", "aktif", "Unduh XLSX"):
        assert said in page
    assert "berbeda dari jejak audit" not in page
    before = auditor.get(f"{PATH}?tanggal={today - timedelta(days=1)}").text
    assert one.username not in before
    assert "Tidak ada akun yang sesuai" in before
    taken = sheets(auditor.post(f"{PATH}/unduh", {"day": today.isoformat()}))
    head, row = taken["Akun"][0], taken["Akun"][1]
    told = dict(zip(head, row, strict=True))
    assert (told["Nama pengguna"], told["Status"], told["Sesuai jejak audit"]) == (one.username, "aktif", "ya")
    about = dict(taken["Keterangan"])
    assert about["Diambil oleh"] == "Pejabat auditor"
    assert str(about["Ujung jejak audit"]).startswith(f"{about['Nomor terakhir jejak audit']}-")
    nik = office.core.reading.reveal_nik(office.desks.official("head"), one.request_id)
    assert nik not in str(taken)
    assert "mengunduh daftar 1 akun menurut keadaan" in auditor.get("/jejak-audit?jenis=pemeriksaan").text


def test_a_list_of_numbers_is_matched_on_the_page_and_as_a_file(office: AtWork) -> None:
    one, auditor = office.operator(opened=False), office.at_desk("auditor")
    today = office.core.context.today().isoformat()
    asked = {"day": today, "list": "NIP;Nama\n198001012005011001;Rini\n12;Tono"}
    page = auditor.post(f"{PATH}/nip", asked).text
    for said in (one.username, "Akun tanpa NIP", "Rini", "NIP salah bentuk", "Tono"):
        assert said in page
    taken = sheets(auditor.post(f"{PATH}/nip", {**asked, "bentuk": "xlsx"}))
    assert taken["Akun tanpa NIP"][1][0] == one.username
    assert taken["Tanpa akun"][1] == (2, "198001012005011001", "Rini", None)
    for wrong, said in (
        ({"day": today, "list": ""}, "summary"),
        ({"day": "besok", "list": "1"}, "Tulis tanggal"),
        ({"day": today, "list": "NIP\n=1+1"}, "berisi rumus"),
    ):
        answer = auditor.post(f"{PATH}/nip", wrong)
        assert (answer.status_code, said in answer.text) == (422, True)


def test_a_sample_is_drawn_shown_and_drawn_again(office: AtWork) -> None:
    one, auditor = office.active(), office.at_desk("auditor")
    office.core.accounts.revoke(office.desks.official("it"), one.account_id, "transfer")
    (line,), _ = office.core.request_search.find(office.desks.official("head"))
    number = line.number
    assert f"/permohonan/{one.request_id}" in auditor.get("/permohonan/").text
    day = office.core.context.today().isoformat()
    draw = {"since": day, "until": day, "count": "5", "seed": "bpk 2026"}
    page = auditor.post(f"{PATH}/sampel", draw).text
    assert number in page
    assert "bpk 2026" in page
    taken = sheets(auditor.post(f"{PATH}/sampel/unduh", draw))
    assert [row[0] for row in taken["Sampel"][1:]] == [row[0] for row in taken["Populasi"][1:]] == [number]
    assert auditor.post(f"{PATH}/sampel", {**draw, "count": "0"}).status_code == 422
    assert auditor.post(f"{PATH}/sampel", {**draw, "since": ""}).status_code == 422
    assert "Unduh semua berkas (ZIP)" in page
    answer = auditor.post(f"{PATH}/sampel/berkas", draw)
    assert answer.mimetype == "application/zip"
    with ZipFile(BytesIO(answer.data)) as packed:
        assert {"manifest.json", "verify.py"} <= set(packed.namelist())
    answer.close()


def test_exceptions_are_counted_listed_and_taken_out(office: AtWork) -> None:
    one, auditor = office.operator(opened=False), office.at_desk("auditor")
    adb = office.desks.official("adb")
    (card,) = office.core.cards.undone(adb)[0].cards
    office.core.cards.confirm_created(adb, card.id, "3576-DEWI", "Merdeka-1945-awal")
    page = auditor.get(f"{PATH}/pengecualian?jenis=password-seen").text
    assert "Buat akun di SIAK Terpusat." in page
    assert f"/permohonan/{one.request_id}" in page
    assert "Merdeka" not in page
    today = office.core.context.today()
    asked = {"since": today.isoformat(), "until": today.isoformat(), "suspended_days": "30"}
    rows = sheets(auditor.post(f"{PATH}/pengecualian/unduh", asked))["Pengecualian"]
    assert "Kata sandi awal yang dilihat petugas" in [row[0] for row in rows]
    assert auditor.get(f"{PATH}/pengecualian?sampai={today + timedelta(days=1)}").status_code == 422
    assert auditor.get(f"{PATH}/pengecualian?hari=0").status_code == 422
    assert "Tidak ada" in auditor.get(f"{PATH}/pengecualian?dari=2020-01-01&sampai=2020-01-02").text


def test_every_page_reads_in_english_and_the_head_sees_two_of_them(office: AtWork) -> None:
    auditor, head = office.at_desk("auditor"), office.at_desk("head")
    for path in ("", "/nip", "/sampel", "/pengecualian"):
        assert "Pemeriksaan" in auditor.get(f"{PATH}{path}?lang=id").text
        assert "Inspection" in auditor.get(f"{PATH}{path}?lang=en").text
    auditor.get("/pemeriksaan?lang=id")
    codes = {path: head.get(f"{PATH}{path}").status_code for path in ("", "/pengecualian", "/nip", "/sampel")}
    assert codes == {"": 200, "/pengecualian": 200, "/nip": 403, "/sampel": 403}
    assert head.post(f"{PATH}/unduh", {"day": "2026-01-01"}).status_code == 403
    assert "Unduh XLSX" not in head.get(PATH).text
    for post in ("division_head", "section_head", "adb", "it", "secretary"):
        assert office.at_desk(post).get(PATH).status_code == 403


def in_days(office: AtWork, days: int) -> str:
    return (office.core.context.today() + timedelta(days=days)).isoformat()


def test_an_auditor_is_added_with_an_end_reminded_of_it_and_extended(office: AtWork) -> None:
    it = office.at_desk("it")
    new = {"username": "bpk", "full_name": "Pemeriksa", "posts": ["auditor"]}
    assert "harus mempunyai hari terakhir" in it.post("/pejabat/tambah", new).text
    assert "Terlalu jauh" in it.post("/pejabat/tambah", {**new, "expires_on": in_days(office, 91)}).text
    assert it.post("/pejabat/tambah", {**new, "expires_on": in_days(office, 3)}).status_code == 302
    assert "Akun ini berakhir sesudah" in it.get("/pejabat/bpk").text
    refused = it.post("/pejabat/bpk/hari-terakhir", {"expires_on": ""})
    assert (refused.status_code, "harus mempunyai hari terakhir" in refused.text) == (422, True)
    assert it.post("/pejabat/bpk/hari-terakhir", {"expires_on": in_days(office, 60)}).status_code == 302
    assert "Akun ini berakhir sesudah" not in it.get("/pejabat/bpk").text
    auditor: Browser = office.at_desk("auditor")
    assert "Akun Anda berakhir" not in auditor.get(PATH).text
    it.post("/pejabat/auditor/hari-terakhir", {"expires_on": in_days(office, 2)})
    assert "Akun Anda berakhir sesudah" in auditor.get(PATH).text
