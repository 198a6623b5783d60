"""The officials' pages in a real browser: small, by keyboard, with live parts, and as axe sees them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from provisioner.provisioning.register_book import Direction
from tests.browser.conftest import Look, Serve
from tests.browser.desk import aside, sign_in
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password, person
from web.app import create_app

Address = Callable[[Applicant, RealOffice], str]


def _letter(who: Applicant, office: RealOffice) -> str:
    return f"/surat/{office.letter(who).id}"


def _request(who: Applicant, office: RealOffice) -> str:  # noqa: ARG001  One shape for both.
    return f"/permohonan/{who.request_id}"


def _bring(office: RealOffice, state: str) -> Applicant:
    """A person at a state."""
    return aside(lambda: office.new(state))


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("state", "post", "address"),
    [
        ("sent", "head", _letter),
        ("review", "section_head", _request),
        ("pact-official", "section_head", _request),
        ("handover", "section_head", _request),
    ],
)
def test_a_page_of_each_desk_is_clean_and_fits_a_narrow_screen(
    office: RealOffice, serve: Serve, page: Page, axe: Look, state: str, post: str, address: Address
) -> None:
    who = _bring(office, state)
    site = serve(create_app(office.core))
    sign_in(page, site, post)
    for path in ("/kotak-masuk/", address(who, office)):
        for width in (1200, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(site + path)
            assert _fits(page), (path, width)
            assert axe(page) == [], (path, width)


@pytest.mark.parametrize(
    ("post", "path"),
    [
        ("auditor", "/kotak-masuk/"),
        ("secretary", "/surat-masuk/catat"),
        ("secretary", "/surat-masuk/"),
        ("secretary", "/lembar-disposisi"),
        ("auditor", "/buku-agenda"),
        ("secretary", "/plt-plh"),
        ("head", "/pejabat-saya"),
        ("head", "/pejabat-saya/kata-sandi"),
        ("head", "/pejabat-saya/verifikasi"),
        ("head", "/permohonan/"),
        ("section_head", "/pakta/"),
        ("adb", "/akun-tercatat/baca"),
        ("auditor", "/pemeriksaan"),
        ("auditor", "/pemeriksaan/pengecualian"),
        ("auditor", "/arsip"),
        ("secretary", "/arsip/masa-simpan"),
    ],
)
def test_pages_with_nothing_on_them_are_clean_too(
    office: RealOffice, serve: Serve, page: Page, axe: Look, post: str, path: str
) -> None:
    site = serve(create_app(office.core))
    sign_in(page, site, post)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(site + path)
    assert _fits(page)
    assert axe(page) == []


def test_the_register_book_and_a_sheet_to_record_are_clean_and_fit_a_narrow_screen(
    make_office: MakeOffice, serve: Serve, page: Page, axe: Look
) -> None:
    office = make_office(procedure={"paper_dispositions": True})
    secretary, letter_id = office.actor("secretary"), office.letter(_bring(office, "sent")).id
    office.core.registering.register(secretary, {"number": "800/7", "letter_date": "2026-06-05", "sender": "Lurah"})
    line = office.core.register.page(secretary, Direction.INCOMING).lines[0]
    office.core.register.void(secretary, line.id, "Tercatat dua kali.")
    papers = office.core.paper_dispositions
    papers.take_in(secretary, [("lembar.pdf", papers.stack(secretary, [letter_id]))])
    site = serve(create_app(office.core))
    sign_in(page, site, "secretary")
    for path in ("/buku-agenda", "/lembar-disposisi", f"/lembar-disposisi/{letter_id}"):
        for width in (1200, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(site + path)
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert _fits(page), (path, width)
            assert axe(page) == [], (path, width)


def test_a_letter_is_disposed_of_by_keyboard_alone(office: RealOffice, serve: Serve, page: Page) -> None:
    who = _bring(office, "sent")
    site = serve(create_app(office.core))
    sign_in(page, site, "head")
    page.goto(site + _letter(who, office))
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "note":
            break
    page.keyboard.type("Mohon ditindaklanjuti.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Disposisi tercatat.")).to_be_visible()
    expect(page.get_by_text("Mohon ditindaklanjuti.")).to_be_visible()


def test_the_systems_answer_about_the_offered_name_by_themselves(office: RealOffice, serve: Serve, page: Page) -> None:
    who = _bring(office, "review")
    site = serve(create_app(office.core))
    sign_in(page, site, "section_head")
    page.goto(site + _request(who, office))
    expect(page.get_by_label("Nama pengguna")).to_have_value("dewi.handayani")
    expect(page.locator(".live").get_by_text("bebas")).to_be_visible()


def test_a_pact_read_in_another_window_can_then_be_chosen_and_signed(
    office: RealOffice, serve: Serve, page: Page
) -> None:
    who = _bring(office, "pact-official")
    site = serve(create_app(office.core))
    sign_in(page, site, "section_head")
    page.goto(f"{site}/pakta/")
    expect(page.get_by_text("belum dibaca")).to_be_visible()
    office.core.pacts.document(office.actor("section_head"), office.pact(who).id)
    expect(page.get_by_text("sudah dibaca", exact=True)).to_be_visible()
    page.locator("#password").fill(own_password("section_head"))
    page.get_by_role("button", name="Tanda tangani").click()
    expect(page.get_by_text("ditandatangani keduanya")).to_be_visible()
    expect(page.locator(".live").get_by_text("dikerjakan")).to_be_visible()
    office.core.heart.drain()
    expect(page.locator(".live").get_by_text("siap diambil")).to_be_visible()


def _after_a_withdrawal_and_a_restart(office: RealOffice) -> tuple[list[Applicant], str]:
    """Three on one letter: one withdrew, one started again with another role and has a new code; and the old letter."""
    people = office.draft_of_all(person(0), person(1), person(2))
    office.bring(people[0], "review")
    old = office.letter(people[0]).id
    office.core.repair.withdraw(people[1].request_id)
    row = office.request(people[2])
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "Peran keliru.")
    office.fill(people[2], person(2, role="OPERATOR_KECAMATAN", region_scope="35.76.02"))
    office.core.repair.resubmit(people[2].request_id)
    office.core.enrolment.ask(office.actor("adb"), people[2].request_id, "lost", "Datang dengan KTP")
    (line,) = office.core.enrolment.waiting(office.actor("it"))
    made = office.core.enrolment.exchange(office.core.enrolment.agree(office.actor("it"), line.id))
    people[2].ticket, people[2].token = made.ticket, made.session_token
    return people, old


def test_pages_after_a_withdrawal_and_a_new_round_are_clean_and_fit_a_narrow_screen(
    office: RealOffice, serve: Serve, page: Page, axe: Look
) -> None:
    (_, _, again), old = _after_a_withdrawal_and_a_restart(office)
    site = serve(create_app(office.core))
    sign_in(page, site, "section_head")
    paths = {
        f"/surat/{old}": "1 orang · 1 ditarik",
        _letter(again, office): "Dimulai lagi karena",
        _request(again, office): "Kirim WhatsApp: kode diganti",
        "/permohonan/?status=withdrawn": "Agus Lestari",
    }
    for path, said in paths.items():
        for width in (1200, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(site + path)
            expect(page.get_by_text(said).first).to_be_visible()
            assert _fits(page), (path, width)
            assert axe(page) == [], (path, width)
