"""An applicant's way in a real browser: fits a phone, suits a screen reader, keeps codes out of addresses."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Look, Serve
from tests.web.house import Given, make_app
from tests.web.walking import BIO, Browser, Desks

pytestmark = pytest.mark.browser

Office = tuple[str, Desks, Callable[..., Any]]


@pytest.fixture
def office(given: Given, serve: Serve) -> Iterator[Office]:
    """The address, the officials, and a way to let them act: signing needs a thread without the browser's loop."""
    app = make_app(given)
    core = app.extensions["provisioner"]
    with ThreadPoolExecutor(1) as beside:
        yield serve(app), Desks(core), lambda act, *given: beside.submit(act, *given).result()
    core.close()


def _begin(page: Page, site: str) -> Browser:
    """Begin a draft and keep its codes, in the shape that the desks know."""
    page.goto(f"{site}/ajukan/")
    page.click("text=Mulai permohonan")
    codes = Browser.__new__(Browser)
    codes.ticket = page.locator(".secret .value").inner_text().strip()
    codes.tracking_code = page.locator(".copy .value").first.inner_text().strip()
    return codes


def _fill(page: Page, site: str) -> None:
    for number in range(1, 5):
        page.goto(f"{site}/ajukan/konsep/bio-data/{number}")
        for control in page.locator("main form [name]").all():
            name = control.get_attribute("name") or ""
            if control.get_attribute("type") == "radio":
                control.set_checked(control.get_attribute("value") == BIO[name])
            elif name in BIO:
                control.select_option(BIO[name]) if control.evaluate("e => e.tagName") == "SELECT" else control.fill(
                    BIO[name]
                )
        page.click("main button.go")


def _fits(page: Page, axe: Look) -> None:
    """Nothing serious for axe, and nothing wider than a small phone."""
    assert axe(page) == [], page.url
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    page.set_viewport_size({"width": 1200, "height": 900})


def test_the_whole_way_is_accessible_and_fits_a_phone(page: Page, office: Office, axe: Look) -> None:
    site, desks, beside = office
    page.goto(f"{site}/ajukan/")
    _fits(page, axe)
    codes = _begin(page, site)
    _fits(page, axe)
    page.check("input[name=tersimpan]")
    page.click("main button.go")
    _fits(page, axe)
    page.goto(f"{site}/ajukan/konsep/bio-data/1")
    page.fill("#nik", "1")
    page.click("main button.go")
    assert page.evaluate("document.activeElement.id") == "salah"  # What is wrong is read first.
    _fits(page, axe)
    _fill(page, site)
    for path in ("konsep/surat", "konsep/lampiran", "konsep/periksa"):
        page.goto(f"{site}/ajukan/{path}")
        _fits(page, axe)
    page.click("main button.go")
    _fits(page, axe)
    pact = beside(desks.to_pact, codes)
    page.goto(f"{site}/ajukan/saya/")
    page.click("text=Baca isinya di layar")
    _fits(page, axe)
    page.check("#dibaca")
    page.fill("#kode", codes.ticket.lower())
    page.click("main button.go")
    _fits(page, axe)
    beside(desks.countersign, pact)
    page.wait_for_selector("text=Akun Anda sedang dibuat")  # Without anybody reloading the page.
    _fits(page, axe)
    beside(desks.core.heart.drain)
    page.wait_for_selector("text=Akun siap")
    _fits(page, axe)
    page.goto(f"{site}/ambil-akun#{codes.ticket}")
    page.click("main button.go")
    _fits(page, axe)
    page.click("text=Buka amplop sekarang")
    _fits(page, axe)
    page.click("text=Masuk dan ganti kata sandi")
    assert page.url == f"{site}/akun-saya/kata-sandi-awal"


def test_a_scanned_code_goes_into_the_form_and_off_the_address(page: Page, office: Office, axe: Look) -> None:
    site, _, _ = office
    codes = _begin(page, site)
    page.goto(f"{site}/ambil-akun#{codes.ticket}")
    assert page.input_value("#kode") == codes.ticket
    assert page.url == f"{site}/ambil-akun"
    page.goto(f"{site}/lacak#{codes.tracking_code}")
    page.wait_for_selector("h1:has-text('Status permohonan')")
    assert page.url == f"{site}/lacak"
    _fits(page, axe)


def test_the_collection_code_is_saved_as_a_picture(page: Page, office: Office, tmp_path: Path) -> None:
    site, _, _ = office
    _begin(page, site)
    with page.expect_download() as download:
        page.click("text=Simpan sebagai gambar")
    assert download.value.suggested_filename == "kode-pengambilan.png"
    download.value.save_as(tmp_path / "kode.png")
    assert (tmp_path / "kode.png").stat().st_size > 10_000


def test_verification_pages_are_accessible(page: Page, office: Office, axe: Look) -> None:
    site, _, _ = office
    for path in (
        "/verifikasi",
        "/verifikasi/1/2",
        "/lacak",
        "/ambil-akun",
        "/ambil-akun/kode-pengganti",
        "/ajukan/lanjutkan",
    ):
        page.goto(site + path)
        _fits(page, axe)
