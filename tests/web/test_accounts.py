"""Operators' accounts as the office sees them."""

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from provisioner.connector import Marker, NewAccount, Profile
from provisioner.store.tables import AccountRow
from tests.web.at_work import NEW, AtWork, Operator
from tests.web.walking import Browser


def act(browser: Browser, one: Operator, what: str, **fields: str) -> TestResponse:
    return browser.post(f"/akun/{one.account_id}/{what}", fields)


def page_of(browser: Browser, one: Operator) -> str:
    answer = browser.get(f"/akun/{one.account_id}")
    assert answer.status_code == 200
    return answer.text


def test_the_list_is_empty_then_searched_and_filtered(office: AtWork) -> None:
    it = office.at_desk("it")
    assert "Belum ada akun" in it.get("/akun").text
    one = office.active(full_name="Dewi Lestari")
    assert one.username in it.get("/akun").text
    assert one.username in it.get("/akun?cari=LESTARI&status=active").text
    for query in ("cari=tidakada", "status=revoked", "peran=SUPERVISOR", "wilayah=35.76.01"):
        assert "Tidak ada akun yang sesuai" in it.get(f"/akun?{query}").text


NIP = {"employment_status": "pns", "staff_number": "19900807 201012 2 001"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3576014708900042", True),
        ("35 7601 4708900042", True),
        ("19900807 201012 2 001", True),
        ("kelurahan wates", True),
        ("357601470890004", False),
        ("3576014708900043", False),
        ("19900807 201012 2 002", False),
        ("Kelurahan Meri", False),
    ],
)
def test_an_account_is_found_by_a_whole_number_and_by_its_unit(office: AtWork, text: str, found: bool) -> None:
    one = office.operator(opened=False, drained=False, nik="3576014708900042", **NIP)
    page = office.at_desk("adb").get("/akun", query_string={"cari": text}).text
    assert (f"/akun/{one.account_id}" in page) is found
    assert "NIK atau NIP lengkap" in page  # What can be typed stands at the field.


def test_suspending_takes_one_press_and_no_reason(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    assert "Bekukan sekarang" in page_of(it, one)
    assert act(it, one, "bekukan").location == f"/akun/{one.account_id}"
    office.core.heart.drain()
    page = page_of(it, one)
    assert "dibekukan" in page
    assert "Akun ini dibekukan." in page
    assert "Lengkapi alasannya" in page
    browser = Browser(office.app)
    assert browser.post("/akun-saya/masuk", {"username": one.username, "password": NEW}).status_code == 401


def test_a_system_operated_by_people_stays_red_until_its_person_confirms(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    act(it, one, "bekukan")
    office.core.heart.drain()
    page = page_of(it, one)
    assert "Belum berlaku di SIAK Terpusat." in page
    assert '<span class="chip bad">menunggu petugas</span>' in page
    adb = office.desks.official("adb")
    (card,) = office.core.cards.open(adb)
    office.core.cards.confirm_done(adb, card.id, "Layar SIAK: status nonaktif")
    office.core.heart.drain()
    page = page_of(it, one)
    assert "Berlaku di semua sistem." in page
    assert "menunggu petugas" not in page


def test_it_says_until_when_an_open_connection_may_live(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    adb = office.desks.official("adb")
    act(it, one, "bekukan")
    office.core.heart.drain()
    (card,) = office.core.cards.open(adb)
    office.core.cards.confirm_done(adb, card.id, "Layar SIAK: status nonaktif")
    office.core.heart.drain()
    page = page_of(it, one)
    assert "Tidak diketahui berapa lama sambungan" in page  # The table does not say.
    assert "Sambungan yang sudah terbuka dapat bertahan sampai" in page  # SIAK: an hour.


def test_the_reason_is_added_later_and_stands_in_the_history(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    act(it, one, "bekukan")
    assert act(it, one, "alasan", cause="bukan-alasan").status_code == 422
    act(it, one, "alasan", cause="long_leave", cause_note="Cuti besar")
    page = page_of(it, one)
    assert "Cuti panjang" in page
    assert "Cuti besar" in page
    assert "melengkapi alasan" in page


def test_reactivating_opens_the_account_again(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    act(it, one, "bekukan")
    act(it, one, "aktifkan")
    office.core.heart.drain()
    assert "Bekukan sekarang" in page_of(it, one)
    assert office.core.operators.sign_in(one.username, NEW)[1] == "full"


def test_a_step_taken_twice_in_two_tabs_is_answered_clearly(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    act(it, one, "bekukan")
    answer = act(it, one, "bekukan")
    assert answer.status_code == 409
    assert "sudah ditindaklanjuti" in answer.text


def test_revoking_asks_for_a_reason_of_the_office_and_is_for_good(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    page = page_of(it, one)
    assert "Menurut PP 37/2007" in page
    refused = act(it, one, "cabut", reason_code="", note="")
    assert refused.status_code == 422
    assert "Pilih dari daftar." in refused.text
    act(it, one, "cabut", reason_code="data_leak", note="Dilaporkan")
    page = page_of(it, one)
    assert "dicabut" in page
    assert "Membocorkan data" in page
    assert "Bekukan sekarang" not in page


def test_a_reset_with_a_spent_code_asks_a_second_official_for_a_replacement(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    answer = act(it, one, "reset", person_check="Datang membawa KTP-el")
    assert answer.status_code == 302
    waiting = office.core.enrolment.waiting(office.desks.official("adb"))
    assert [line.request_id for line in waiting] == [one.request_id]
    page = page_of(it, one)
    assert "Kata sandi awal menunggu kode pengambilan yang baru." in page
    assert "Minta kode pengganti lagi" in page
    assert act(it, one, "kode-pengganti", code_check="").status_code == 422
    assert act(it, one, "kode-pengganti", code_check="Bertemu di kantor").status_code == 302


def test_a_reset_without_saying_how_the_person_was_checked_changes_nothing(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    answer = act(it, one, "reset", person_check=" ")
    assert answer.status_code == 422
    assert "Wajib diisi." in answer.text
    assert office.core.operators.sign_in(one.username, NEW)[1] == "full"


def test_validity_is_extended_but_not_into_the_past(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    today = office.core.context.today()
    assert act(it, one, "perpanjang", valid_until=(today - timedelta(days=1)).isoformat()).status_code == 422
    assert act(it, one, "perpanjang", valid_until="besok").status_code == 422
    assert act(it, one, "perpanjang", valid_until=(today + timedelta(days=90)).isoformat()).status_code == 302


def test_an_expired_account_needs_a_new_last_day(office: AtWork) -> None:
    today = office.core.context.today()
    one, it = office.active(valid_until=today.isoformat()), office.at_desk("it")
    with office.core.context.store.begin() as session:
        session.get_one(AccountRow, one.account_id).valid_until = today - timedelta(days=1)
    office.core.heart.account_expiry.expire()
    assert "kedaluwarsa" in page_of(it, one)
    assert act(it, one, "aktifkan").status_code == 422
    assert act(it, one, "aktifkan", valid_until=(today + timedelta(days=30)).isoformat()).status_code == 302


def test_role_and_region_are_changed_by_a_new_request_only(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    assert act(it, one, "peran", role="ADB", region="35.76").status_code == 404


def test_the_section_head_decides_where_a_stranger_has_the_name(office: AtWork) -> None:
    one = office.operator(drained=False)
    stranger = NewAccount(one.username, Marker("orang-lain", 1), Profile("Orang Lain", "Orang Lain", "X", "Y"))
    office.core.targets["akun"].connector.create(stranger)
    office.core.heart.drain()
    assert "Kepala Seksi memutuskan" in page_of(office.at_desk("it"), one)
    head = office.at_desk("section_head")
    page = page_of(head, one)
    assert "Nama pengguna lain, untuk semua sistem" in page
    assert "Tanpa Basis data akun" in page
    assert act(head, one, "nama-pengguna", username="dewi.lain").status_code == 302
    office.core.heart.drain()
    assert "dewi.lain" in page_of(head, one)
    assert "Kepala Seksi memutuskan" not in page_of(head, one)


def test_a_system_can_be_done_without(office: AtWork) -> None:
    one = office.operator(drained=False)
    stranger = NewAccount(one.username, Marker("orang-lain", 1), Profile("Orang Lain", "Orang Lain", "X", "Y"))
    office.core.targets["akun"].connector.create(stranger)
    office.core.heart.drain()
    (link,) = [each for each in office.core.accounts.progress(one.account_id) if each.reason == "AccountExists"]
    head = office.at_desk("section_head")
    assert act(head, one, f"sistem/{link.link_id}/tanpa").status_code == 302
    assert "tidak diberi akun" in page_of(head, one)


def test_the_systems_renew_themselves_until_nothing_goes_on(office: AtWork) -> None:
    one, it = office.operator(drained=False), office.at_desk("it")
    assert "X-Live" not in it.get(f"/akun/{one.account_id}/sistem").headers
    office.core.heart.drain()
    assert it.get(f"/akun/{one.account_id}/sistem").headers["X-Live"] == "done"


def test_what_is_not_shut_yet_renews_itself_until_a_person_has_shut_it(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    systems, adb = f"/akun/{one.account_id}/sistem", office.desks.official("adb")
    act(it, one, "bekukan")
    both = it.get(systems).text
    assert "Belum berlaku di Basis data akun, SIAK Terpusat." in both
    assert "note bad" in both
    office.core.heart.drain()
    waiting = it.get(systems)
    assert "Belum berlaku di SIAK Terpusat." in waiting.text
    assert "X-Live" not in waiting.headers
    page = page_of(it, one)
    assert 'data-seconds="10"' in page  # Only a person is waited for.
    assert page.count("Belum berlaku di SIAK Terpusat.") == 1
    (card,) = office.core.cards.open(adb)
    office.core.cards.confirm_done(adb, card.id, "Layar SIAK: status nonaktif")
    office.core.heart.drain()
    done = it.get(systems)
    assert "Berlaku di semua sistem." in done.text
    assert done.headers["X-Live"] == "done"


@pytest.mark.parametrize("post", ["head", "division_head", "auditor"])
def test_who_may_look_sees_no_buttons_and_changes_nothing(office: AtWork, post: str) -> None:
    one, browser = office.active(), office.at_desk(post)
    page = page_of(browser, one)
    assert "Bekukan sekarang" not in page
    assert "tidak mengubahnya" in page
    for what in ("bekukan", "cabut", "reset", "aktifkan"):
        assert act(browser, one, what).status_code == 403


def test_a_secretary_does_not_see_accounts(office: AtWork) -> None:
    assert office.at_desk("secretary").get("/akun").status_code == 403


def test_nobody_sees_accounts_without_signing_in(office: AtWork) -> None:
    assert Browser(office.app).get("/akun").location.startswith("/masuk")


def test_an_unknown_account_is_not_found(office: AtWork) -> None:
    assert office.at_desk("it").get("/akun/tidak-ada").status_code == 404


def test_the_pact_is_downloaded(office: AtWork) -> None:
    one = office.operator()
    assert office.at_desk("adb").get(f"/akun/{one.account_id}/pakta").data.startswith(b"%PDF")


def test_the_page_is_whole_in_english(office: AtWork) -> None:
    one, it = office.active(), office.at_desk("it")
    page = it.get(f"/akun/{one.account_id}?lang=en").text
    assert "Suspend now" in page
    assert "Section head" in page
    assert "Bekukan" not in page


def test_a_system_is_tried_again_at_once(office: AtWork) -> None:
    one = office.operator(drained=False)
    (link, *_) = office.core.accounts.progress(one.account_id)
    assert act(office.at_desk("it"), one, f"sistem/{link.link_id}/coba-lagi").status_code == 302
    assert act(office.at_desk("it"), one, "sistem/tidak-ada/coba-lagi").status_code == 404
