"""The envelope: opened once, shown again to the same browser for a while, and every refusal in its own words."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from provisioner.clock import system_clock
from tests.web.house import Given, make_app
from tests.web.walking import Browser, Desks, value_of


def account_of(browser: Browser, desks: Desks) -> str:
    account_id = desks.core.tracking.own(desks.request_of(browser)).account_id
    assert account_id is not None
    return account_id


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def desks(app: Flask) -> Desks:
    return Desks(app.extensions["provisioner"])


def test_the_envelope_is_asked_about_before_it_is_opened(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    page = browser.post("/ambil-akun", {"kode": browser.ticket})
    assert "Buka sekarang?" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Akun siap" in browser.get("/ajukan/saya/").text  # Asking has opened nothing.


def opened(browser: Browser) -> str:
    """Open the envelope; the page it leads to."""
    answer = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert answer.location == "/ambil-akun/isi", answer.text
    assert browser.ticket not in answer.text
    return browser.get(answer.location).text


def test_opening_shows_user_name_and_password_and_leads_to_changing_it(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    text = opened(browser)
    page = browser.get("/ambil-akun/isi")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    username, password = value_of(text), value_of(text, 1)
    assert username == "siti.aminah"
    assert "Basis data akun" in text
    entered = browser.post("/akun-saya/masuk", {"username": username, "password": password})
    assert browser.get(entered.location).location == "/akun-saya/kata-sandi-awal"
    assert "Selesai" in browser.get("/ajukan/saya/").text


def test_going_back_and_loading_again_show_the_same_page(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    first = opened(browser)
    again = browser.get("/ambil-akun/isi")
    assert again.status_code == 200
    assert (value_of(again.text), value_of(again.text, 1)) == (value_of(first), value_of(first, 1))
    assert opened(browser).count(value_of(first, 1))  # The button pressed twice is no trouble either.


def test_no_cookie_holds_anything_of_the_envelope(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    answer = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
    page = browser.get("/ambil-akun/isi")
    assert answer.headers.getlist("Set-Cookie") == page.headers.getlist("Set-Cookie") == []


def test_the_same_browser_may_see_it_again_for_a_while_even_after_typing_the_code_anew(
    browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    first = opened(browser)
    status = browser.post("/ambil-akun", {"kode": browser.ticket}).text
    assert "Tampilkan lagi" in status
    assert 'href="/ambil-akun/isi"' in browser.get("/ajukan/saya/").text
    assert value_of(opened(browser), 1) == value_of(first, 1)


def test_after_the_minutes_the_page_says_plainly_what_happened(given: Given) -> None:
    hands = Hands()
    given.clock = hands
    app = make_app(given)
    browser, desks = Browser(app), Desks(app.extensions["provisioner"])
    browser.apply()
    desks.to_handover(browser)
    password = value_of(opened(browser), 1)
    hands.ahead = timedelta(minutes=11)
    for _ in range(2):
        answer = browser.get("/ambil-akun/isi")
        assert answer.status_code == 410
        assert "Isi amplop tidak ditampilkan lagi" in answer.text
        assert "tetap berlaku" in answer.text
        assert password not in answer.text
        desks.core.heart.envelope_end.destroy_shown()
    assert "Tampilkan lagi" not in browser.get("/ajukan/saya/").text
    app.extensions["provisioner"].close()


def test_a_browser_that_is_not_known_yet_is_asked_before_anything_is_opened(
    app: Flask, browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    fresh = Browser(app)
    asked = fresh.post("/ambil-akun/buka", {"kode": browser.ticket})
    # Had this answer been lost with the envelope open, nothing could have shown it again.
    assert "Buka sekarang?" in asked.text
    assert desks.core.handover.status(account_of(browser, desks)).can_open
    fresh.ticket = browser.ticket
    assert value_of(opened(fresh)) == "siti.aminah"


def test_a_browser_of_another_applicant_becomes_that_of_the_codes_owner_first(
    app: Flask, browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    other = Browser(app)
    other.begin()
    other.ticket = browser.ticket
    assert "Buka sekarang?" in other.post("/ambil-akun/buka", {"kode": browser.ticket}).text
    assert value_of(opened(other)) == "siti.aminah"


def test_who_has_no_session_or_has_opened_nothing_sees_nothing(app: Flask, browser: Browser, desks: Desks) -> None:
    assert Browser(app).get("/ambil-akun/isi").location == "/ambil-akun"
    browser.apply()
    assert browser.get("/ambil-akun/isi").status_code == 409
    desks.to_handover(browser)
    answer = browser.get("/ambil-akun/isi")
    assert answer.status_code == 409
    assert "Amplop belum dibuka" in answer.text


def test_somebody_elsewhere_is_told_when_it_was_opened_and_sees_nothing(
    app: Flask, browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    password = value_of(opened(browser), 1)
    stranger = Browser(app)
    status = stranger.post("/ambil-akun", {"kode": browser.ticket}).text
    assert "Amplop ini sudah dibuka" in status
    assert "Kantor sudah diberi peringatan" in status
    assert "Tampilkan lagi" not in status
    answer = stranger.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert answer.status_code == 409
    assert "segera hubungi kantor" in answer.text
    assert password not in answer.text
    assert password not in stranger.get("/ambil-akun/isi").text


def test_the_applicant_is_told_of_a_try_from_elsewhere_and_of_what_the_office_did(
    app: Flask, browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    opened(browser)
    assert "dari peramban lain" not in browser.get("/ajukan/saya/").text
    Browser(app).post("/ambil-akun", {"kode": browser.ticket})
    assert "Ada yang mencoba membuka amplop Anda dari peramban lain." in browser.get("/ajukan/saya/").text
    adb = desks.official("adb")
    (alarm,) = desks.core.envelope_alarms.standing(adb)
    desks.core.envelope_alarms.examine(adb, alarm.id, "Ditelepon")
    page = browser.get("/ajukan/saya/").text
    assert "Kantor sudah memeriksanya" in page
    assert "Ditelepon" not in page


def test_an_envelope_that_is_not_ready_says_so_and_stays_closed(browser: Browser, desks: Desks) -> None:
    browser.apply()
    pact = desks.to_pact(browser)
    desks.sign_own(browser)
    desks.countersign(pact)
    assert "Amplop belum siap" in browser.post("/ambil-akun", {"kode": browser.ticket}).text
    answer = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert answer.status_code == 409
    assert "Amplop belum siap" in answer.text
    assert "sedang dibuat" in browser.get("/ajukan/saya/").text


def test_a_request_without_an_account_leads_to_what_must_be_done_first(browser: Browser) -> None:
    browser.apply()
    assert browser.post("/ambil-akun", {"kode": browser.ticket}).location == "/ajukan/saya/"


def test_an_envelope_that_lapsed_says_what_to_do(given: Given) -> None:
    hands = Hands()
    given.clock = hands
    app = make_app(given)
    browser, desks = Browser(app), Desks(app.extensions["provisioner"])
    browser.apply()
    desks.to_handover(browser)
    hands.ahead = timedelta(days=30)
    desks.core.heart.envelope_end.lapse()
    for status in (200, 409):  # By then the browser is no longer known, so that it is asked first.
        answer = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
        assert answer.status_code == status
        assert "Amplop sudah lewat waktunya" in answer.text
    app.extensions["provisioner"].close()


@pytest.mark.parametrize("path", ["/ambil-akun", "/ambil-akun/buka", "/ambil-akun/kode-pengganti"])
def test_a_mistyped_code_is_told_at_its_field(browser: Browser, path: str) -> None:
    answer = browser.post(path, {"kode": "ABC"})
    assert answer.status_code == 422
    assert "Panjang kode tidak sesuai" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_code_is_taken_from_an_address(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    assert f'value="{browser.ticket}"' not in browser.get(f"/ambil-akun?kode={browser.ticket}").text
    assert browser.get(f"/ambil-akun/buka?kode={browser.ticket}").status_code == 405


def test_an_enrolment_code_is_exchanged_once_for_a_new_collection_code(browser: Browser, desks: Desks) -> None:
    browser.apply()
    request_id = desks.request_of(browser)
    core, old = desks.core, browser.ticket
    assert core.enrolment.ask(desks.official("adb"), request_id, "lost", "KTP asli, dikenal petugas") is None
    (waiting,) = core.enrolment.waiting(desks.official("section_head"))
    code = core.enrolment.agree(desks.official("section_head"), waiting.id)
    page = browser.post("/ambil-akun/kode-pengganti", {"kode": code})
    assert "Kode pengambilan Anda yang baru" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    new = value_of(page.text)
    assert browser.post("/ajukan/lanjutkan", {"kode": old}).status_code == 422
    assert browser.post("/ajukan/lanjutkan", {"kode": new}).location == "/ajukan/saya/"
    assert browser.post("/ambil-akun/kode-pengganti", {"kode": code}).status_code == 422
