"""The building blocks in a real browser: within reach of everybody, on a wide screen and on a narrow one."""

from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Look

pytestmark = pytest.mark.browser

WIDTHS = [1200, 360]
PATHS = ["/", "/uji/gaya", "/uji/gagal/wrong-state", "/tidak-ada", "/?lang=en"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(page: Page, site: str, axe: Look, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + path)
    assert axe(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_nothing_sticks_out_of_a_narrow_screen(page: Page, site: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(site + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_everything_to_press_is_big_enough_for_a_thumb(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{site}/uji/gaya")
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, input:not([type=hidden]), select, summary, .nav a')]
            .filter(each => each.offsetParent && !each.closest('.choice, .more') && !each.matches('.small'))
            .filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(page: Page, site: str) -> None:
    page.goto(f"{site}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "isi"
    assert page.evaluate("getComputedStyle(document.querySelector('.brand')).outlineStyle") == "none"
    page.locator(".brand").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.querySelector('.brand')).outlineStyle") == "solid"


def test_what_is_wrong_gets_the_focus_and_leads_to_its_field(page: Page, site: str) -> None:
    page.goto(f"{site}/uji/gaya")
    assert page.evaluate("document.activeElement.id") == "salah"
    page.get_by_role("alert").get_by_role("link", name="NIK").click()
    expect(page.locator("#nik")).to_have_attribute("aria-invalid", "true")
    assert page.url.endswith("#nik")


def test_a_live_part_renews_itself_and_then_rests(page: Page, site: str) -> None:
    page.goto(f"{site}/uji/gaya")
    live = page.locator(".live")
    expect(live).to_have_text("Sudah selesai.")
    expect(live).to_have_attribute("data-state", "done")


def test_a_code_is_copied_and_saved_as_a_picture(page: Page, site: str, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/uji/gaya")
    card = page.locator(".secret")
    card.get_by_role("button", name="Salin").click()
    expect(card.get_by_role("button", name="Tersalin")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "K7QF-2M9D-XW4H-8RTA-6PJE-3NBC"
    with page.expect_download() as download:
        card.get_by_role("button", name="Simpan sebagai gambar").click()
    picture = tmp_path / download.value.suggested_filename
    download.value.save_as(picture)
    assert picture.name == "kode-pengambilan.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_a_script_nothing_is_offered_that_needs_one(page: Page, site: str) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    bare = context.new_page()
    bare.goto(f"{site}/uji/gaya")
    expect(bare.get_by_role("button", name="Simpan sebagai gambar")).to_be_hidden()
    expect(bare.get_by_text("ambil tangkapan layar")).to_be_visible()
    bare.get_by_text("Kembalikan untuk perbaikan").click()
    expect(bare.get_by_role("button", name="Kembalikan", exact=True)).to_be_visible()
    context.close()


def test_leaving_a_form_half_filled_asks_first_and_sending_it_does_not(page: Page, site: str) -> None:
    page.goto(f"{site}/uji/gaya")
    page.locator("#jawaban").fill("Disetujui.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.evaluate("document.querySelector('.brand').click()")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Setujui dan buat pakta").click()
    expect(page.locator("body")).to_contain_text("diterima")


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page, site: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{site}/uji/gaya")
    page.evaluate("() => { const b = document.querySelector('form[data-guard] .btn.go'); b.click(); b.click(); }")
    expect(page.locator("body")).to_contain_text("diterima")
    assert len(sent) == 1


def test_a_paper_shows_the_office_and_no_buttons(page: Page, site: str) -> None:
    page.goto(f"{site}/uji/gaya")
    page.emulate_media(media="print")
    expect(page.locator(".kop")).to_be_visible()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.get_by_role("button", name="Setujui dan buat pakta")).to_be_hidden()
