"""The pages of operators, IT, the ADB and auditors: within reach of everybody, on a wide screen and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from provisioner.connector import Changes, Marker, NewAccount, Profile
from tests.browser.conftest import Look, Serve
from tests.browser.desk import aside
from tests.web.at_work import NEW, WITH_SIAK, AtWork, Operator
from tests.web.house import Given
from tests.web.walking import Browser

pytestmark = pytest.mark.browser

WIDTHS = [1200, 360]


@pytest.fixture
def office(given: Given) -> Iterator[AtWork]:
    given.settings = WITH_SIAK
    made = AtWork(given)
    yield made
    made.close()


def lend(page: Page, url: str, browser: Browser, name: str) -> None:
    """Give the real browser the session of ``browser``."""
    cookie = browser.client.get_cookie(name)
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": url}])


def look_at(page: Page, axe: Look, addresses: list[str]) -> None:
    for address in addresses:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            for summary in page.locator("main details > summary").all()[:8]:
                summary.click()
            assert axe(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_operators_pages_are_within_reach(page: Page, serve: Serve, office: AtWork, axe: Look) -> None:
    one, url = aside(office.active), serve(office.app)
    look_at(page, axe, [f"{url}/akun-saya/masuk", f"{url}/akun-saya/bantuan", f"{url}/akun-saya/bantuan/terkirim"])
    lend(page, url, office.signed_in(one, NEW), "operator")
    look_at(page, axe, [f"{url}/akun-saya", f"{url}/akun-saya/kata-sandi", f"{url}/akun-saya?lang=en"])


def found_by_comparison(office: AtWork, one: Operator) -> None:
    """Something of every kind: a changed row, one that is gone, our marker without an account, a stranger."""
    connector, it = office.core.targets["akun"].connector, office.desks.official("it")
    changed = connector.get(one.username)
    assert changed is not None
    assert changed.marker is not None
    other = Profile(full_name="Nama Lain", display_name="Nama Lain", role="OPERATOR_CAPIL", region="35.76.01")
    connector.update(changed, Changes(profile=other, enabled=False), changed.marker)
    connector.create(NewAccount("tanpa.surat", Marker("f" * 32, 1), other))
    assert office.core.reconciliations.run(it, "akun").found_anything
    office.core.systems.check(it, "akun")
    office.core.systems.pause(it, "siak", "pindah server")


def in_trouble(office: AtWork) -> tuple[Operator, Operator, str, str]:
    """A suspended operator, one whose envelope was tried from elsewhere, an open card, somebody who asks for help."""
    one, robbed, other = office.active(), office.operator(), office.operator(opened=False)
    Browser(office.app).post("/ambil-akun", {"kode": robbed.ticket})
    it, adb = office.desks.official("it"), office.desks.official("adb")
    office.core.accounts.suspend_now(it, one.account_id)
    office.core.heart.drain()
    office.core.help_cards.ask(other.username)
    office.core.enrolment.ask(it, other.request_id, "lost", "Datang sendiri")
    found_by_comparison(office, robbed)
    return one, robbed, office.core.cards.open(adb)[-1].id, office.core.help_answers.waiting(adb)[0].id


def test_the_offices_pages_are_within_reach(page: Page, serve: Serve, office: AtWork, axe: Look) -> None:
    (one, robbed, card, call), url = aside(lambda: in_trouble(office)), serve(office.app)
    lend(page, url, office.at_desk("it"), "pejabat")
    paths = [
        "/akun",
        f"/akun/{one.account_id}",
        "/antrean",
        f"/antrean/kartu/{card}",
        "/kartu",
        f"/antrean/bantuan/{call}",
    ]
    paths += ["/kotak-masuk/", f"/akun/{robbed.account_id}"]
    paths += [f"/akun/{robbed.account_id}/rencana?perubahan=suspend", "/kesesuaian", "/kesesuaian/siak"]
    paths += ["/sistem", "/sistem?lang=en", f"/akun/{one.account_id}/rencana?perubahan=role"]
    paths += [f"/permohonan/{one.request_id}/rencana"]
    paths += [f"/kesesuaian/akun?jenis={kind}" for kind in ("drift", "orphan")]
    paths += ["/pejabat", "/pejabat/tambah", "/pejabat/adb", "/pejabat/section-head/keputusan", "/pengaturan"]
    look_at(page, axe, [f"{url}{path}" for path in [*paths, "/jejak-audit", "/jejak-audit?lang=en"]])


def test_an_account_is_suspended_on_a_phone_in_two_presses(page: Page, serve: Serve, office: AtWork) -> None:
    one, url = aside(office.active), serve(office.app)
    lend(page, url, office.at_desk("it"), "pejabat")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{url}/akun")
    page.get_by_role("link", name=one.username).click()
    button = page.get_by_role("button", name="Bekukan sekarang")
    expect(button).to_be_in_viewport()
    button.click()
    expect(page.get_by_text("dibekukan", exact=True).first).to_be_visible()


def test_the_first_sign_in_with_the_issued_password(page: Page, serve: Serve, office: AtWork) -> None:
    one, url = aside(office.operator), serve(office.app)
    page.goto(f"{url}/akun-saya/masuk")
    page.get_by_label("Nama pengguna").fill(one.username)
    field = page.get_by_label("Kata sandi", exact=True)
    field.fill(one.password)
    page.get_by_role("button", name="Tampilkan Kata sandi").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page.get_by_role("heading", name="Ganti kata sandi awal")).to_be_visible()
    page.get_by_label("Kata sandi awal", exact=True).fill(one.password)
    page.get_by_label("Kata sandi baru", exact=True).fill(NEW)
    page.get_by_label("Kata sandi baru, sekali lagi").fill(NEW)
    page.get_by_role("button", name="Ganti kata sandi").click()
    expect(page.get_by_text("Kata sandi awal sudah diganti. Anda sudah masuk.")).to_be_visible()
    expect(page.get_by_role("heading", name="Anda bisa masuk ke:")).to_be_visible()
