"""The tracking code shows the state and nothing else."""

from flask import Flask

from tests.web.walking import Browser, Desks, value_of


def test_the_code_shows_the_state_and_no_name_number_or_letter(app: Flask) -> None:
    browser, visitor = Browser(app), Browser(app)
    browser.apply(full_name="Mahmudah Zulaikha")
    page = visitor.post("/lacak", {"kode": browser.tracking_code.lower()})
    assert page.status_code == 200
    assert "menunggu disposisi" in page.text
    assert "Permohonan ada di meja Kepala Dinas" in page.text
    for secret in ("Mahmudah", "PSIAK", "Wates", browser.tracking_code, browser.ticket):
        assert secret not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert visitor.get("/ajukan/saya/").location == "/ajukan/lanjutkan"


def test_the_page_says_that_the_applicant_must_act_and_not_why(app: Flask) -> None:
    browser, desks = Browser(app), Desks(app.extensions["provisioner"])
    browser.apply()
    desks.return_letter(browser, "Nomor surat keliru.")
    page = browser.post("/lacak", {"kode": browser.tracking_code}).text
    assert "Pemohon perlu melakukan sesuatu" in page
    assert "Nomor surat keliru" not in page


def test_a_wrong_code_is_told_at_its_field(app: Flask) -> None:
    browser = Browser(app)
    for typed in ("", "AAAA", "zzzz-zzzz-zzzz-zzzz"):
        answer = browser.post("/lacak", {"kode": typed})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text


def test_a_collection_code_tracks_nothing(app: Flask) -> None:
    browser = Browser(app)
    browser.begin()
    assert browser.post("/lacak", {"kode": browser.ticket}).status_code == 422


def test_too_many_tries_are_held_up(app: Flask) -> None:
    browser = Browser(app)
    browser.begin()
    allowed = app.extensions["provisioner"].settings.limits.codes_per_minute
    answers = [browser.post("/lacak", {"kode": browser.tracking_code}).status_code for _ in range(allowed + 1)]
    assert answers[-1] == 429


def test_a_replaced_collection_code_is_told_on_the_own_page_and_behind_the_tracking_code(app: Flask) -> None:
    browser, other, desks = Browser(app), Browser(app), Desks(app.extensions["provisioner"])
    core = desks.core
    browser.apply()
    request_id = desks.request_of(browser)
    core.enrolment.ask(desks.official("secretary"), request_id, "lost", "Datang dengan KTP")
    (line,) = core.enrolment.waiting(desks.official("adb"))
    code = core.enrolment.agree(desks.official("adb"), line.id)
    pages = (browser.get("/ajukan/saya/").text, browser.post("/lacak", {"kode": browser.tracking_code}).text)
    for page in pages:
        assert "Kantor memberikan kode pengganti" in page
        assert "Kode pengambilan diganti" not in page
    other.ticket = value_of(other.post("/ambil-akun/kode-pengganti", {"kode": code}).text)
    for page in (other.get("/ajukan/saya/").text, browser.post("/lacak", {"kode": browser.tracking_code}).text):
        assert "Kode pengambilan diganti pada" in page
        assert "Bila bukan Anda, segera hubungi Dispendukcapil Kota Mojokerto." in page
        assert "Kantor memberikan kode pengganti" not in page
        for secret in (code, other.ticket, browser.ticket):
            assert secret not in page
