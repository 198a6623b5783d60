"""What IT does once a month and when somebody is added: by keyboard, on a small screen, and as axe sees it."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from provisioner.month.point import Point, Subject, Urgency
from tests.browser.conftest import Look, Serve
from tests.browser.desk import clean_on_every_screen, sign_in
from tests.office import RealOffice
from web.app import create_app


def test_the_months_list_is_asked_for_and_read(office: RealOffice, serve: Serve, page: Page, axe: Look) -> None:
    today = office.core.context.today()
    office.core.month.asks(
        told=lambda: [
            Point(Subject.DISK, Urgency.GOOD, facts={"percent": 61, "gib": 88, "folder": "/var/lib/siak"}),
            Point(Subject.SITE_CERTIFICATE, Urgency.NOW, today + timedelta(days=3)),
            Point(Subject.SECOND_COPY, Urgency.NOW, facts={"day": "", "keys": "a1b2c3d4", "state": "missing"}),
            Point(Subject.UPDATES, Urgency.MONTH, facts={"count": 12, "security": 0}),
            Point(Subject.OFFICIAL_ENDS, Urgency.MONTH, today + timedelta(days=12), "auditor"),
            Point(Subject.CHECK, Urgency.MONTH, about="pact", facts={"message": "the text is a draft", "remedy": ""}),
            Point(Subject.BACKUP, Urgency.UNKNOWN),
        ]
    )
    site = serve(create_app(office.core))
    sign_in(page, site, "it")
    page.get_by_role("link", name="Pemeriksaan bulan ini").click()
    clean_on_every_screen(page, axe)
    page.get_by_role("button", name="Periksa sekarang").click()
    expect(page.get_by_text("2 hal mendesak.")).to_be_visible()
    expect(page.get_by_text("3 hari lagi")).to_be_visible()
    clean_on_every_screen(page, axe)
    page.goto(f"{site}/kotak-masuk/")
    clean_on_every_screen(page, axe)


def test_the_envelope_opens_in_a_window_of_its_own(office: RealOffice, serve: Serve, page: Page, axe: Look) -> None:
    site = serve(create_app(office.core))
    sign_in(page, site, "it")
    page.goto(f"{site}/pejabat/tambah")
    page.get_by_label("Nama pengguna").fill("baru")
    page.get_by_label("Nama lengkap").fill("Endang Purwanti")
    page.get_by_label("Administrator Database").check()
    page.get_by_role("button", name="Tambah pejabat").click()
    expect(page.get_by_text("Belum dibuat.")).to_be_visible()
    clean_on_every_screen(page, axe)
    with page.context.expect_event("response", lambda answer: answer.url.endswith("/amplop")) as answered:
        page.get_by_role("button", name="Buat amplop untuk dicetak").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    page.reload()
    expect(page.get_by_text("belum dipakai")).to_be_visible()
    clean_on_every_screen(page, axe)
