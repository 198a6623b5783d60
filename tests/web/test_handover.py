"""The envelope: opened once, shown again to the same browser for a while, and every refusal in its own words."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from provisioner.clock import system_clock
from tests.web.house import Given, make_app
from tests.web.walking import Browser, Desks, value_of


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


def test_opening_shows_user_name_and_password_and_leads_to_changing_it(browser: Browser, desks: Desks) -> None:
    browser.apply()
    desks.to_handover(browser)
    page = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    username, password = value_of(page.text), value_of(page.text, 1)
    assert username == "siti.aminah"
    assert "Basis data akun" in page.text
    entered = browser.post("/akun-saya/masuk", {"username": username, "password": password})
    assert browser.get(entered.location).location == "/akun-saya/kata-sandi-awal"
    assert "Selesai" in browser.get("/ajukan/saya/").text


def test_the_same_browser_may_see_it_again_for_a_while_even_after_typing_the_code_anew(
    browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    first = browser.post("/ambil-akun/buka", {"kode": browser.ticket}).text
    status = browser.post("/ambil-akun", {"kode": browser.ticket}).text
    assert "Tampilkan lagi" in status
    again = browser.post("/ambil-akun/buka", {"kode": browser.ticket}).text
    assert value_of(again, 1) == value_of(first, 1)


def test_somebody_elsewhere_is_told_when_it_was_opened_and_sees_nothing(
    app: Flask, browser: Browser, desks: Desks
) -> None:
    browser.apply()
    desks.to_handover(browser)
    password = value_of(browser.post("/ambil-akun/buka", {"kode": browser.ticket}).text, 1)
    stranger = Browser(app)
    status = stranger.post("/ambil-akun", {"kode": browser.ticket}).text
    assert "Amplop ini sudah dibuka" in status
    assert "Tampilkan lagi" not in status
    answer = stranger.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert answer.status_code == 409
    assert "segera hubungi kantor" in answer.text
    assert password not in answer.text


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
    desks.core.handover.lapse()
    answer = browser.post("/ambil-akun/buka", {"kode": browser.ticket})
    assert answer.status_code == 409
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
