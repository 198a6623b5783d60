"""Applying without a script: the code shown once, the papers, sending, repairing, withdrawing."""

import io

import pytest
from flask import Flask
from PIL import Image

from tests.web.walking import BIO, Browser, Desks, value_of


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def desks(app: Flask) -> Desks:
    return Desks(app.extensions["provisioner"])


def _photo() -> io.BytesIO:
    kept = io.BytesIO()
    Image.new("RGB", (300, 400), "white").save(kept, "JPEG")
    kept.seek(0)
    return kept


def test_the_start_says_what_happens_and_what_to_have_at_hand(browser: Browser) -> None:
    page = browser.get("/ajukan/").text
    assert "Enam langkah, 90 menit kerja" in page
    assert "Yang perlu disiapkan" in page
    assert "disimpan terenkripsi" in page


def test_the_collection_code_is_shown_once_and_kept_by_nobody(browser: Browser) -> None:
    answer = browser.begin()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert f"/ambil-akun#{browser.ticket}" not in answer.text  # It is in the drawing only.
    for path in ("/ajukan/saya/", "/ajukan/konsep/periksa", "/ajukan/konsep/lampiran", "/ajukan/lanjutkan"):
        page = browser.get(path)
        assert browser.ticket not in page.text
        assert page.status_code == 200


def test_whoever_has_no_code_is_asked_for_it(browser: Browser) -> None:
    for path in ("/ajukan/saya/", "/ajukan/konsep/surat", "/ajukan/konsep/bio-data/1", "/ajukan/saya/pakta"):
        assert browser.get(path).location == "/ajukan/lanjutkan"
    assert browser.get("/ajukan/saya/keadaan", headers={"X-Live": "fragment"}).status_code == 401


def test_another_device_comes_back_with_the_code_however_it_is_typed(app: Flask, browser: Browser) -> None:
    browser.begin()
    elsewhere = Browser(app)
    answer = elsewhere.post("/ajukan/lanjutkan", {"kode": browser.ticket.lower().replace("-", " ")})
    assert answer.location == "/ajukan/saya/"
    assert "konsep" in elsewhere.get("/ajukan/saya/").text


@pytest.mark.parametrize(("typed", "says"), [("", "Kode wajib diisi"), ("ABC", "Panjang kode tidak sesuai")])
def test_a_mistyped_code_is_told_at_its_field_and_not_repeated(browser: Browser, typed: str, says: str) -> None:
    answer = browser.post("/ajukan/lanjutkan", {"kode": typed})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="ABC"' not in answer.text


def test_a_code_nobody_has_is_told_without_a_trace_of_it(browser: Browser) -> None:
    browser.begin()
    wrong = browser.ticket[:-1] + ("0" if browser.ticket[-1] != "0" else "1")
    answer = browser.post("/ajukan/lanjutkan", {"kode": wrong})
    assert answer.status_code == 422
    assert wrong not in answer.text


def test_the_bio_form_is_kept_as_typed_and_errors_stand_apart_from_warnings(browser: Browser) -> None:
    browser.begin()
    path = "/ajukan/konsep/bio-data/1"
    answer = browser.save(path, {**BIO, "nik": "357601470890", "birth_date": "31-02-1990"})
    assert answer.status_code == 422
    assert "NIK terdiri atas 16 angka" in answer.text
    assert "Yang Anda ketik sudah tersimpan" in answer.text
    assert 'value="357601470890"' in browser.get(path).text
    assert browser.save(path, {**BIO, "nik": "3576014708910001"}).location == "/ajukan/konsep/bio-data/2"
    again = browser.get(path).text
    assert "Perhatikan:" in again
    assert "Tanggal lahir di dalam NIK berbeda" in again
    assert "perlu diperbaiki" not in again


def test_a_part_nobody_has_touched_complains_of_nothing(browser: Browser) -> None:
    browser.begin()
    page = browser.get("/ajukan/konsep/bio-data/2").text
    assert "bagian 2 dari 4" in page
    assert "Wajib diisi" not in page
    assert browser.get("/ajukan/konsep/bio-data/5").status_code == 404


def test_a_second_window_that_is_behind_is_told_and_loses_nothing(browser: Browser) -> None:
    browser.begin()
    path = "/ajukan/konsep/bio-data/3"
    browser.save(path, {**BIO, "address": "Jl. Lama 1"})
    answer = browser.save(path, {**BIO, "address": "Jl. Baru 2"}, revision="1")
    assert answer.status_code == 409
    assert "berubah di jendela lain" in answer.text
    assert "Jl. Baru 2" in answer.text
    assert "Tersimpan dari jendela lain: Jl. Lama 1" in answer.text
    assert "Jl. Lama 1" in browser.get(path).text


def test_the_letter_refuses_what_cannot_be_and_keeps_the_rest(browser: Browser) -> None:
    browser.begin()
    path = "/ajukan/konsep/surat"
    answer = browser.save(path, {"sender": "Kelurahan Wates", "letter_date": "2999-01-01"})
    assert answer.status_code == 422
    assert "Tanggal ini belum tiba" in answer.text
    assert 'value="Kelurahan Wates"' in answer.text
    assert browser.save(path, {"sender": "Kelurahan Wates", "number": "1/2"}).location == "/ajukan/konsep/bio-data/1"
    stale = browser.save(path, {"sender": "Kecamatan"}, revision="1")
    assert stale.status_code == 409
    assert "Tersimpan dari jendela lain: Kelurahan Wates" in stale.text


def test_photographs_become_one_paper_that_can_be_seen_and_removed(browser: Browser) -> None:
    browser.begin()
    pages = [(_photo(), "sk-1.jpg"), (_photo(), "sk-2.jpg")]
    sent = browser.post(
        "/ajukan/konsep/lampiran", {"kind": "decree", "berkas": pages}, content_type="multipart/form-data"
    )
    assert sent.location == "/ajukan/konsep/lampiran"
    page = browser.get("/ajukan/konsep/lampiran").text
    assert "2 halaman" in page
    address = page.split('href="/ajukan/konsep/lampiran/')[1].split('"')[0]
    paper = browser.get(f"/ajukan/konsep/lampiran/{address}")
    assert paper.mimetype == "application/pdf"
    assert paper.headers["Cache-Control"] == "no-store"
    browser.post(f"/ajukan/konsep/lampiran/{address}/hapus")
    assert "Belum ada lampiran" in browser.get("/ajukan/konsep/lampiran").text
    assert browser.get(f"/ajukan/konsep/lampiran/{address}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "files", "says"),
    [
        ("decree", [(b"hello", "sk.pdf")], "Hanya foto"),
        ("decree", [], "Pilih"),
        ("nothing", [(b"%PDF-1.7", "sk.pdf")], "Pilih dari daftar"),
    ],
)
def test_a_wrong_attachment_is_refused_with_a_reason(
    browser: Browser, kind: str, files: list[tuple[bytes, str]], says: str
) -> None:
    browser.begin()
    data = {"kind": kind, "berkas": [(io.BytesIO(content), name) for content, name in files]}
    answer = browser.post("/ajukan/konsep/lampiran", data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert says in answer.text
    assert "Belum ada lampiran" in answer.text


def test_sending_gives_a_receipt_and_the_check_code(browser: Browser) -> None:
    browser.apply()
    page = browser.get("/ajukan/saya/terkirim").text
    assert "Permohonan sudah dikirim" in page
    assert "Kode cocok" in page
    assert browser.tracking_code in page
    receipt = browser.get("/ajukan/saya/tanda-terima")
    assert receipt.mimetype == "application/pdf"
    assert receipt.data.startswith(b"%PDF-")


def test_the_same_form_sent_twice_sends_once(browser: Browser) -> None:
    browser.apply()
    assert browser.post("/ajukan/konsep/kirim").location == "/ajukan/saya/"
    assert "Tidak ada yang dikirim dua kali" in browser.get("/ajukan/saya/").text


def test_a_wrong_bio_form_is_not_sent_and_the_page_leads_to_what_is_wrong(browser: Browser) -> None:
    browser.begin()
    browser.fill(nik="123")
    answer = browser.post("/ajukan/konsep/kirim")
    assert answer.status_code == 422
    assert "Belum ada yang dikirim" in answer.text
    assert "/ajukan/konsep/bio-data/1?periksa=1" in answer.text


def test_the_bio_form_may_follow_after_the_dispositions(browser: Browser, desks: Desks) -> None:
    browser.begin()
    assert browser.post("/ajukan/konsep/kirim").location == "/ajukan/saya/terkirim"
    desks.dispose(browser)
    assert "Isi Form Isian Bio Data Operator" in browser.get("/ajukan/saya/").text
    browser.fill()
    assert browser.post("/ajukan/konsep/kirim-ulang").location == "/ajukan/saya/terkirim"
    assert "Datang ke kantor" in browser.get("/ajukan/saya/").text


def test_an_empty_bio_form_is_not_sent_after_the_dispositions(browser: Browser, desks: Desks) -> None:
    browser.begin()
    browser.post("/ajukan/konsep/kirim")
    desks.dispose(browser)
    assert browser.post("/ajukan/konsep/kirim-ulang").status_code == 422


def test_a_sent_request_cannot_be_changed(browser: Browser) -> None:
    browser.apply()
    for path in ("surat", "bio-data/1", "lampiran", "periksa"):
        assert browser.get(f"/ajukan/konsep/{path}").location == "/ajukan/saya/"
    assert "tidak dapat diubah sekarang" in browser.get("/ajukan/saya/").text
    refused = browser.post("/ajukan/konsep/bio-data/1", {**BIO, "revision": "99"})
    assert refused.status_code == 409


def test_a_returned_request_shows_the_reason_first_and_goes_back(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.return_letter(browser, "Lampirkan surat tugas.")
    page = browser.get("/ajukan/saya/").text
    assert page.index("Lampirkan surat tugas.") < page.index("Perbaiki, lalu ajukan ulang")
    browser.save("/ajukan/konsep/surat", {"sender": "Kecamatan Magersari"})
    assert browser.post("/ajukan/konsep/kirim-ulang").location == "/ajukan/saya/terkirim"
    assert "Lampirkan surat tugas." not in browser.get("/ajukan/saya/").text


def test_a_further_applicant_gets_a_code_of_their_own(app: Flask, browser: Browser) -> None:
    browser.begin()
    added = browser.post("/ajukan/tambah-pemohon")
    other = value_of(added.text)
    assert other != browser.ticket
    assert "Surat ini memuat 2 pemohon" in browser.get("/ajukan/saya/").text
    theirs = Browser(app)
    theirs.post("/ajukan/lanjutkan", {"kode": other})
    theirs.save("/ajukan/konsep/bio-data/1", {**BIO, "nik": "1"})
    answer = browser.post("/ajukan/konsep/kirim")
    assert answer.status_code == 422
    assert "Bio data pemohon lain pada surat ini belum benar" in answer.text


def test_withdrawing_ends_the_request(browser: Browser) -> None:
    browser.apply()
    browser.post("/ajukan/saya/tarik", {"alasan": "Pindah tugas", "yakin": "1"})
    page = browser.get("/ajukan/saya/").text
    assert "Tidak ada yang diproses lagi" in page
    assert "Ya, tarik permohonan saya" not in page
    assert browser.post("/ajukan/saya/tarik").status_code == 409


def test_the_pact_is_read_and_signed_with_the_code(browser: Browser, desks: Desks) -> None:
    browser.apply()
    pact = desks.to_pact(browser)
    page = browser.get("/ajukan/saya/").text
    assert "Menjaga kerahasiaan nama pengguna" in page
    assert "tanda tangan elektronik tidak tersertifikasi" in page
    assert browser.get("/ajukan/saya/pakta").headers["Content-Disposition"].startswith("inline")
    assert browser.get("/ajukan/saya/pakta?unduh=1").headers["Content-Disposition"].startswith("attachment")
    for wrong in ("", "ABC"):
        assert browser.post("/ajukan/saya/pakta/tanda-tangan", {"kode": wrong}).status_code == 422
    desks.sign_own(browser)
    assert "Menunggu tanda tangan Kepala Seksi" in browser.get("/ajukan/saya/").text
    assert "X-Live" not in browser.get("/ajukan/saya/keadaan?dari=pact-official").headers
    desks.countersign(pact)
    moved = browser.get("/ajukan/saya/keadaan?dari=pact-official")
    assert moved.headers["X-Live-Next"] == "/ajukan/saya/"
    assert browser.post("/ajukan/saya/pakta/tanda-tangan", {"kode": browser.ticket}).status_code == 409


def test_another_applicants_code_signs_nothing(app: Flask, browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_pact(browser)
    other = Browser(app)
    other.begin()
    answer = browser.post("/ajukan/saya/pakta/tanda-tangan", {"kode": other.ticket})
    assert answer.status_code == 422
    assert "bukan milik permohonan ini" in answer.text


def test_closing_the_request_makes_the_browser_forget_it(browser: Browser) -> None:
    browser.begin()
    kept = browser.client.get_cookie("pemohon")
    assert kept is not None
    browser.post("/ajukan/selesai")
    browser.client.set_cookie("pemohon", kept.value)
    assert browser.get("/ajukan/saya/").location == "/ajukan/lanjutkan"


def test_the_pages_speak_english(browser: Browser) -> None:
    browser.begin()
    assert "Complete it, then send it" in browser.get("/ajukan/saya/?lang=en").text
    assert "Place of birth" in browser.get("/ajukan/konsep/bio-data/1").text
