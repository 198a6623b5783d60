"""An operator's own page: signing in, the forced change, what works where, sessions, help."""

from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.web.at_work import NEW, AtWork
from tests.web.house import TABLE, Given, make_app
from tests.web.walking import Browser


def change(
    browser: Browser, old: str, new: str = NEW, again: str = NEW, path: str = "/akun-saya/kata-sandi-awal"
) -> TestResponse:
    return browser.post(path, {"old": old, "new": new, "again": again})


def test_an_initial_password_opens_the_change_of_it_and_nothing_else(office: AtWork) -> None:
    one = office.operator()
    browser = Browser(office.app)
    answer = browser.post("/akun-saya/masuk", {"username": one.username, "password": one.password})
    assert answer.status_code == 302
    for path in ("/akun-saya", "/akun-saya/pakta", "/akun-saya/kata-sandi"):
        assert browser.get(path).location == "/akun-saya/kata-sandi-awal"
    page = browser.get("/akun-saya/kata-sandi-awal").text
    assert "Sedikitnya 12 tanda" in page
    assert page.index("Aturan kata sandi baru") < page.index('id="new"')


def test_after_the_change_one_is_in_and_sees_where_the_access_works(office: AtWork) -> None:
    one = office.operator()
    browser = office.signed_in(one)
    assert change(browser, one.password).location == "/akun-saya"
    page = browser.get("/akun-saya").text
    assert "Kata sandi awal sudah diganti. Anda sudah masuk." in page
    assert "Anda bisa masuk ke:" in page
    assert "Basis data akun" in page
    office.core.heart.drain()
    places = browser.get("/akun-saya/tempat")
    assert "bisa masuk" in places.text
    assert "Dikerjakan petugas di sistem itu" in places.text
    assert places.headers["X-Live"] == "done"


def test_a_system_operated_by_people_says_where_its_password_is_changed(office: AtWork) -> None:
    one = office.active()
    adb = office.desks.official("adb")
    (card,) = office.core.cards.open(adb)
    assert card.ticket_ready
    office.core.cards.confirm_created(adb, card.id, "dewi01", "Awal-1234")
    office.core.heart.drain()
    page = office.signed_in(one, NEW).get("/akun-saya").text
    assert "ganti kata sandi di SIAK" in page


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ("kudalaut7", "Terlalu pendek."),
        ("password1234", "terlalu umum"),
        ("lestari selalu jaya", "memuat nama Anda"),
    ],
)
def test_a_broken_rule_is_told_at_the_field_and_in_the_list(office: AtWork, new: str, text: str) -> None:
    one = office.operator()
    answer = change(office.signed_in(one), one.password, new, new)
    assert answer.status_code == 422
    assert text in answer.text
    assert 'class="unmet"' in answer.text
    assert 'class="met"' in answer.text
    assert new not in answer.text
    assert one.password not in answer.text


def test_two_new_passwords_that_differ_and_a_wrong_old_one_are_told_at_their_fields(office: AtWork) -> None:
    one = office.operator()
    browser = office.signed_in(one)
    assert "Berbeda dari yang di atas." in change(browser, one.password, again="lain sekali ini").text
    assert "Kata sandi lama salah." in change(browser, "bukan-yang-ini").text


@pytest.mark.parametrize("forced", [True, False])
def test_a_password_that_is_weak_and_mistyped_is_told_so_in_one_round(office: AtWork, forced: bool) -> None:
    one = office.operator() if forced else office.active()
    browser = office.signed_in(one, "" if forced else NEW)
    page = "/akun-saya/kata-sandi-awal" if forced else "/akun-saya/kata-sandi"
    answer = browser.post(page, {"old": one.password if forced else NEW, "new": "pendek", "again": "lain"})
    assert answer.status_code == 422
    assert "Terlalu pendek." in answer.text
    assert "Berbeda dari yang di atas." in answer.text
    assert 'value="pendek"' not in answer.text


def test_wrong_password_and_unknown_name_are_answered_alike(office: AtWork) -> None:
    one = office.operator()
    browser = Browser(office.app)
    answers = [
        browser.post("/akun-saya/masuk", {"username": name, "password": "salah"})
        for name in (one.username, "tidak.ada")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    pages = {answer.text.replace(one.username, "X").replace("tidak.ada", "X") for answer in answers}
    assert len({page.split("<main")[1].split('name="csrf_token"')[0] for page in pages}) == 1


def test_too_many_wrong_passwords_lock_the_name_and_say_until_when(office: AtWork) -> None:
    one = office.operator()
    browser = Browser(office.app)
    for _ in range(5):
        browser.post("/akun-saya/masuk", {"username": one.username, "password": "salah"})
    answer = browser.post("/akun-saya/masuk", {"username": one.username, "password": one.password})
    assert answer.status_code == 429
    assert "Coba lagi sesudah" in answer.text


def test_a_suspended_operator_is_out_at_once_and_told_why_that_may_be(office: AtWork) -> None:
    one = office.active()
    browser = office.signed_in(one, NEW)
    office.core.accounts.suspend_now(office.desks.official("it"), one.account_id)
    assert browser.get("/akun-saya").location.startswith("/akun-saya/masuk")
    assert "Sesi Anda sudah berakhir." in browser.get("/akun-saya/masuk").text
    answer = browser.post("/akun-saya/masuk", {"username": one.username, "password": NEW})
    assert answer.status_code == 401
    assert "dibekukan, dicabut, atau kedaluwarsa" in answer.text


def test_a_system_that_is_away_is_told_without_blaming_the_password(office: AtWork) -> None:
    """The database of a working account is replaced by a folder: nobody can read passwords there."""
    one = office.operator()
    core = office.app.extensions["provisioner"]
    for target in core.targets.values():
        target.connector.close()
    accounts = core.settings.data_dir / "accounts.db"
    accounts.rename(accounts.with_suffix(".away"))
    accounts.mkdir()
    answer = Browser(office.app).post("/akun-saya/masuk", {"username": one.username, "password": one.password})
    assert answer.status_code == 503
    assert "sedang tidak dapat dihubungi" in answer.text
    assert "Kata sandi dan akun Anda tidak berubah." in answer.text


def test_an_office_where_nobody_can_sign_in_here_says_so(tmp_path: Path) -> None:
    app = make_app(Given(tmp_path, settings={"targets": {"akun": {**TABLE, "sign_in": False}}}))
    page = Browser(app).get("/akun-saya/masuk").text
    assert "Masuk di halaman ini belum disiapkan" in page
    assert 'name="password"' not in page
    app.extensions["provisioner"].close()


def test_an_account_that_ends_soon_says_when(office: AtWork) -> None:
    until = office.core.context.today() + timedelta(days=10)
    one = office.active(valid_until=until.isoformat())
    assert "Masa berlaku akun habis pada" in office.signed_in(one, NEW).get("/akun-saya").text


def test_the_own_pact_is_downloaded_as_pdf(office: AtWork) -> None:
    answer = office.signed_in(office.active(), NEW).get("/akun-saya/pakta")
    assert answer.data.startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_sessions_are_listed_and_ended(office: AtWork) -> None:
    one = office.active()
    first, second = office.signed_in(one, NEW), office.signed_in(one, NEW)
    assert "sesi ini" in first.get("/akun-saya").text
    first.post("/akun-saya/sesi/akhiri-lainnya")
    assert second.get("/akun-saya").status_code == 302
    assert first.get("/akun-saya").status_code == 200


def test_signing_out_works_before_the_first_change_too(office: AtWork) -> None:
    browser = office.signed_in(office.operator())
    assert browser.post("/akun-saya/keluar").location == "/akun-saya/masuk"
    assert browser.get("/akun-saya").location.startswith("/akun-saya/masuk")


def test_asking_for_help_makes_a_card_and_is_always_answered_alike(office: AtWork) -> None:
    one = office.operator()
    browser = Browser(office.app)
    for name in (one.username, "tidak.ada"):
        answer = browser.post("/akun-saya/bantuan", {"username": name, "kind": "locked"})
        assert answer.location == "/akun-saya/bantuan/terkirim"
    assert "Permintaan diterima" in browser.get("/akun-saya/bantuan/terkirim").text
    (card,) = office.core.help_answers.waiting(office.desks.official("adb"))
    assert (card.username, card.kind) == (one.username, "locked")


def test_too_many_requests_for_help_are_told_alike_for_every_name(office: AtWork) -> None:
    one = office.operator()
    browser, limit = Browser(office.app), office.core.settings.limits.help_per_hour
    for _ in range(limit):
        browser.post("/akun-saya/bantuan", {"username": "tidak.ada", "kind": "locked"})
    for name in ("tidak.ada", one.username):
        answer = browser.post("/akun-saya/bantuan", {"username": name, "kind": "locked", "note": "Tolong"})
        assert answer.status_code == 429
        assert "terlalu sering diminta" in answer.text
        assert "Tolong" in answer.text  # What was written is not lost.


def test_help_needs_a_name_and_a_known_kind(office: AtWork) -> None:
    browser = Browser(office.app)
    assert browser.post("/akun-saya/bantuan", {"username": "", "kind": "locked"}).status_code == 422
    assert browser.post("/akun-saya/bantuan", {"username": "dewi", "kind": "lain"}).status_code == 422


def test_a_password_can_be_shown_while_typing_without_a_script(office: AtWork) -> None:
    browser = Browser(office.app)
    assert 'type="password"' in browser.get("/akun-saya/masuk").text
    assert 'type="password"' not in browser.get("/akun-saya/masuk?tampil=1").text


def test_nobody_is_sent_to_another_site_after_signing_in(office: AtWork) -> None:
    one = office.operator()
    for there in ("//jahat.example", "https://jahat.example", "/\\jahat.example"):
        answer = Browser(office.app).post(
            "/akun-saya/masuk", {"username": one.username, "password": one.password}, query_string={"lanjut": there}
        )
        assert answer.location == "/akun-saya"
