"""An operator is asked at sign-in to sign the pact anew, can put it off until the last day, and signs."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.web.at_work import NEW, AtWork, Operator
from tests.web.house import Given
from tests.web.walking import Browser
from web.area import Area

CONFIG = Path(__file__).parents[2] / "config"


def moved_on(office: AtWork, days: int = 14) -> AtWork:
    """The same office, opened again with a new revision that is to be signed within so many days."""
    today = office.core.context.today()
    folder = office._given.folder
    office.close()
    shutil.copytree(CONFIG, folder / "office")
    text = (CONFIG / "pact.toml").read_text().replace('"2026-1"', '"2026-2"')
    approval = f'[approval]\nby = "Kepala Dinas"\norder = "188/1"\non = {today}\n'
    (folder / "office" / "pact.toml").write_text(
        f"{text}\n{approval}[renewal]\nsign_by = {today + timedelta(days=days)}\n"
    )
    later = AtWork(Given(folder, settings={**office._given.settings, "office_dir": folder / "office"}))
    later._desks = office.desks.elsewhere(later.core)
    return later


@pytest.fixture
def one(office: AtWork) -> Operator:
    return office.active()


def entered(office: AtWork, one: Operator) -> tuple[Browser, str]:
    browser = Browser(office.app)
    return browser, browser.post("/akun-saya/masuk", {"username": one.username, "password": NEW}).location


def test_at_sign_in_the_new_pact_is_shown_and_can_be_put_off(office: AtWork, one: Operator) -> None:
    later = moved_on(office)
    browser, there = entered(later, one)
    assert there.startswith("/akun-saya/pakta-baru")
    page = browser.get(there).text
    assert "revisi 2026-2" in page
    assert "Nanti saja" in page
    assert "Memahami bahwa seluruh aktivitas akun dicatat." in page
    assert browser.get("/akun-saya/pakta-baru/berkas").data.startswith(b"%PDF")
    assert "perlu ditandatangani lagi" in browser.get("/akun-saya").text
    later.close()


def test_the_password_signs_it_and_the_section_head_finds_it_ready_to_be_chosen(office: AtWork, one: Operator) -> None:
    later = moved_on(office)
    browser, there = entered(later, one)
    wrong = browser.post(there, {"way": "password", "password": "salah", "dibaca": "1"})
    assert (wrong.status_code, "Tidak ada yang ditandatangani" in wrong.text) == (422, True)
    assert browser.post(there, {"way": "password", "dibaca": "1"}).status_code == 422
    assert browser.post(there, {"way": "password", "password": NEW, "dibaca": "1"}).location == "/akun-saya"
    page = browser.get("/akun-saya").text
    assert "sudah Anda tandatangani" in page
    assert "perlu ditandatangani lagi" not in page
    assert browser.get("/akun-saya/pakta-baru").location == "/akun-saya"
    head = later.at_desk("section_head")
    waiting = head.get("/pakta/").text
    assert "pembaruan" in waiting
    assert "1 pakta menunggu Anda" in waiting
    (pact,) = later.core.pacts.to_sign(later.desks.official("section_head"))
    sent = {"pact": pact.id, "password": later.desks._people["section_head"][1]}
    assert head.post("/pakta/tanda-tangan", sent).status_code == 302
    assert "Pembaruan pakta ditandatangani." in head.get("/pakta/").text
    later.close()


def test_a_late_operator_gets_nowhere_else_and_an_official_sees_it_and_gives_time(
    office: AtWork, one: Operator
) -> None:
    later = moved_on(office, days=-1)
    browser, there = entered(later, one)
    page = browser.get(there).text
    assert "Batas waktunya sudah lewat" in page
    assert "Nanti saja" not in page
    assert browser.get("/akun-saya").location == "/akun-saya/pakta-baru"
    with later.core.context.store.begin() as session:
        token, _ = later.core.sessions.start(session, "applicant", one.request_id)
    applicant = later._browser(Area.PUBLIC, token)
    assert "Baca dan tandatangani di sini" in applicant.get("/ajukan/saya/").text
    here = "/ajukan/saya/pakta/tanda-tangan-lagi"
    assert applicant.post(here, {"dibaca": "1", "kode": "SALAH"}).status_code == 422
    desk = later.at_desk("section_head")
    account = f"/akun/{one.account_id}"
    assert "perlu menandatangani pakta lagi" in desk.get(account).text
    assert desk.post(f"{account}/waktu-pakta", {"pact_until": ""}).status_code == 422
    until = (later.core.context.today() + timedelta(days=3)).isoformat()
    assert desk.post(f"{account}/waktu-pakta", {"pact_until": until}).status_code == 302
    assert browser.get("/akun-saya").status_code == 200
    assert applicant.post(here, {"dibaca": "1", "kode": one.ticket}).status_code == 302
    assert "perlu menandatangani pakta lagi" not in desk.get(account).text
    later.close()


def test_the_overview_tells_who_signed_what_and_who_is_late(office: AtWork, one: Operator) -> None:
    later = moved_on(office, days=-1)
    desk = later.at_desk("section_head")
    assert "1 operator belum menandatangani revisi yang baru" in desk.get("/kotak-masuk/").text
    for group, listed in (("all", True), ("older", True), ("late", True), ("current", False), ("official", False)):
        assert (one.username in desk.get(f"/pakta-operator/?daftar={group}").text) is listed, group
    browser, there = entered(later, one)
    browser.post(there, {"way": "password", "password": NEW, "dibaca": "1"})
    for group, listed in (("late", False), ("current", True), ("official", True)):
        assert (one.username in desk.get(f"/pakta-operator/?daftar={group}").text) is listed, group
    rows = desk.get("/pakta-operator/berkas.csv").data.decode("utf-8-sig").splitlines()
    assert (len(rows), one.username in rows[1], "2026-2" in rows[1]) == (2, True, True)
    assert desk.get("/pakta-operator/berkas.xlsx").data.startswith(b"PK")
    assert later.at_desk("secretary").get("/pakta-operator/").status_code == 403
    later.close()
