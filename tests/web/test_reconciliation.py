"""The pages that show whether every system holds what was decided."""

import re
import sqlite3
from contextlib import closing

from provisioner.connector import Marker, NewAccount, Profile
from tests.web.at_work import WITH_SIAK, AtWork, Operator
from tests.web.house import Given
from tests.web.walking import Browser

PATH = "/kesesuaian/akun"


def change_unit(office: AtWork, one: Operator) -> None:
    """Another application writes into the table."""
    with closing(sqlite3.connect(office.core.settings.data_dir / "accounts.db")) as table, table:
        changed = table.execute("UPDATE accounts SET full_name = 'Nama Lain' WHERE username = ?", (one.username,))
        assert changed.rowcount == 1


def add_orphan(office: AtWork) -> None:
    profile = Profile(full_name="X", display_name="X", role="OPERATOR_DAFDUK", region="35.76.02")
    office.core.targets["akun"].connector.create(NewAccount("tanpa.surat", Marker("f" * 32, 1), profile))


def checked(office: AtWork, browser: Browser) -> str:
    """Press the button, let the runner work, and look."""
    assert browser.post(f"{PATH}/periksa", {}).status_code == 302
    office.core.heart.drain()
    return browser.get(PATH).text


def sent_along(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([0-9a-f]{{32}})"', page)
    assert found is not None
    return found[1]


def test_nothing_was_checked_yet_and_then_all_agrees(office: AtWork) -> None:
    office.active()
    adb = office.at_desk("adb")
    assert "belum pernah diperiksa" in adb.get("/kesesuaian").text
    assert "Belum pernah diperiksa" in adb.get(PATH).text
    page = checked(office, adb)
    assert ">sesuai<" in page
    assert "Pemeriksaan terakhir tidak menemukan yang seperti ini." in page
    assert ">sesuai<" in adb.get("/kesesuaian").text


def test_a_run_that_waits_shows_itself_and_the_fragment_ends_with_it(office: AtWork) -> None:
    office.active()
    it = office.at_desk("it")
    it.post(f"{PATH}/periksa", {})
    assert "menunggu giliran" in it.get(PATH).text
    assert it.get(f"{PATH}/jalannya").headers.get("X-Live") is None
    assert "Sistem itu sedang diperiksa" in it.post(f"{PATH}/periksa", {}).text
    office.core.heart.drain()
    answer = it.get(f"{PATH}/jalannya")
    assert (answer.headers["X-Live"], answer.headers["X-Live-Next"]) == ("done", PATH)


def test_differences_stand_side_by_side_and_are_repaired(office: AtWork) -> None:
    one, adb = office.active(full_name="Dewi Lestari"), office.at_desk("adb")
    change_unit(office, one)
    page = checked(office, adb)
    assert "Berbeda dari ketetapan" in page
    assert re.search(r"Nama lengkap</th><td[^>]*>Dewi Lestari</td><td[^>]*>Nama Lain</td>", page)
    assert one.username in adb.get(f"{PATH}?jenis=drift&cari={one.username[:4].upper()}").text
    assert "Tidak ada yang sesuai" in adb.get(f"{PATH}?jenis=drift&cari=tidakada").text
    adb.post(f"{PATH}/perbaiki", {"finding": sent_along(page, "finding"), "kind": "drift"})
    assert "sedang diperbaiki" in adb.get(f"{PATH}?jenis=drift").text
    office.core.heart.drain()
    assert "sudah diperbaiki" in adb.get(f"{PATH}?jenis=drift").text
    assert ">sesuai<" in checked(office, adb)
    assert one.username in adb.get(f"{PATH}?jenis=gone").text


def test_all_of_a_kind_are_repaired_after_a_question(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    change_unit(office, one)
    page = checked(office, it)
    assert "Ya, perbaiki semuanya" in page
    it.post(f"{PATH}/perbaiki-semua", {"run": sent_along(page, "run"), "kind": "drift"})
    office.core.heart.drain()
    assert ">sesuai<" in checked(office, it)


def test_an_orphan_is_closed_only_when_somebody_says_so(office: AtWork) -> None:
    office.active()
    add_orphan(office)
    it = office.at_desk("it")
    page = checked(office, it)
    assert "Akun tanpa permohonan" in page
    assert "tanpa.surat" in page
    assert ">Perbaiki<" not in page
    it.post(f"{PATH}/tutup", {"finding": sent_along(page, "finding"), "kind": "orphan"})
    office.core.heart.drain()
    assert "sudah ditutup" in it.get(f"{PATH}?jenis=orphan").text
    entry = office.core.targets["akun"].connector.get("tanpa.surat")
    assert entry is not None
    assert not entry.enabled


def test_the_auditor_looks_and_may_order_nothing(office: AtWork) -> None:
    one = office.active()
    change_unit(office, one)
    checked(office, office.at_desk("it"))
    auditor = office.at_desk("auditor")
    page = auditor.get(PATH).text
    assert "Nama Lain" in page
    assert "Periksa semuanya" not in page
    assert "Jabatan Anda dapat melihat hasilnya" in page
    assert auditor.post(f"{PATH}/periksa", {}).status_code == 403
    assert office.at_desk("secretary").get(PATH).status_code == 403


def test_a_system_that_only_people_operate_is_not_read(given: Given) -> None:
    given.settings = WITH_SIAK
    office = AtWork(given)
    it = office.at_desk("it")
    assert "belum ada daftarnya" in it.get("/kesesuaian").text
    page = it.get("/kesesuaian/siak").text
    assert "Hanya petugas yang dapat melihat isi sistem ini." in page
    assert "Periksa semuanya" not in page
    assert "tidak dapat dibaca oleh aplikasi" in it.post("/kesesuaian/siak/periksa", {}).text
    assert it.get("/kesesuaian/tidak-ada").status_code == 404
    office.close()


def test_what_would_be_done_is_told_in_words_and_not_done(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    assert "Lihat apa yang akan dilakukan" in it.get(f"/akun/{one.account_id}").text
    plan = f"/akun/{one.account_id}/rencana"
    assert "Sistem ini sudah memuat yang seharusnya." in it.get(plan).text
    page = it.get(f"{plan}?perubahan=suspend").text
    assert "Ubah akun" in page
    assert re.search(r"Dapat dipakai</th><td[^>]*>tidak</td><td[^>]*>ya</td>", page)
    assert "Tidak mungkin sekarang" in it.get(f"{plan}?perubahan=reactivate").text
    assert "What would be done" in it.get(f"{plan}?lang=en").text
    entry = office.core.targets["akun"].connector.get(one.username)
    assert entry is not None
    assert entry.enabled
