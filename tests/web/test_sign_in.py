"""Officials sign in, set up the second factor, change passwords, end sessions; Plt. and Plh. are recorded."""

import base64
import re

import pytest
from flask import Flask

from provisioner import totp
from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.web.desk import Desk
from web.app import create_app

NEW = "perahu kertas di kali brantas"


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def _secret(html: str) -> bytes:
    """The secret that an authenticator application would read."""
    found = re.search(r'data-copy="([A-Z2-7 ]+)"', html)
    assert found
    text = found.group(1).replace(" ", "")
    return base64.b32decode(text + "=" * (-len(text) % 8))


def test_an_official_signs_in_and_sees_what_waits(desk: Desk) -> None:
    desk.sign_in("head")
    assert desk.status == 200
    assert "Menunggu tindakan Anda" in desk.page
    assert "Tidak ada yang menunggu Anda" in desk.page


def test_a_page_that_was_asked_for_comes_after_signing_in(desk: Desk) -> None:
    desk.get("/permohonan/?status=review")
    assert "Untuk pejabat" in desk.page
    action = re.search(r'action="(/masuk[^"]*)"', desk.html)
    assert action
    desk.post(action.group(1).replace("&amp;", "&"), {"username": "head", "password": own_password("head")})
    assert "Tidak ada yang cocok" in desk.page


def test_a_wrong_name_and_a_wrong_password_read_the_same(desk: Desk) -> None:
    desk.sign_in("head", "salah sama sekali")
    first = desk.page
    assert desk.status == 422
    desk.sign_in("tidak-ada", "salah sama sekali")
    assert desk.page == first
    assert "salah sama sekali" not in desk.html


def test_after_five_wrong_tries_the_lock_is_told_with_its_end(desk: Desk) -> None:
    for _ in range(5):
        desk.sign_in("head", "salah sama sekali")
    desk.sign_in("head")
    assert desk.status == 429
    assert "Coba lagi sesudah 8 Juni 2026" in desk.page


def test_the_first_password_must_be_changed_and_the_rules_stand_before_the_field(
    office: RealOffice, desk: Desk
) -> None:
    office.add_official("baru", "head", must_change=True)
    desk.sign_in("baru")
    assert "Kata sandi awal wajib diganti" in desk.page
    assert desk.html.index('class="rules"') < desk.html.index('name="new"')
    assert "Kata sandi awal wajib diganti" in desk.get("/kotak-masuk/").page
    desk.post("/masuk/kata-sandi-baru", {"old": own_password("baru"), "new": "pendek", "again": "pendek"})
    assert desk.status == 422
    assert "Terlalu pendek." in desk.page
    desk.post("/masuk/kata-sandi-baru", {"old": own_password("baru"), "new": NEW, "again": NEW + "x"})
    assert "Berbeda dari yang di atas." in desk.page
    desk.post("/masuk/kata-sandi-baru", {"old": "bukan ini", "new": NEW, "again": NEW})
    assert "Kata sandi lama salah." in desk.page
    desk.post("/masuk/kata-sandi-baru", {"old": own_password("baru"), "new": NEW, "again": NEW})
    assert "Kata sandi Anda sudah diganti" in desk.page
    assert Desk(create_app(office.core)).sign_in("baru", NEW).status == 200


def test_a_post_that_needs_a_second_factor_sets_it_up_before_anything_else(make_office: MakeOffice) -> None:
    office = make_office(totp={"mandatory_for": ["head"]})
    desk = Desk(create_app(office.core))
    desk.sign_in("head")
    assert "Jabatan Anda mewajibkan verifikasi dua langkah" in desk.page
    assert "Jabatan Anda mewajibkan" in desk.get("/kotak-masuk/").page
    secret = _secret(desk.html)
    desk.post("/masuk/pasang-verifikasi", {"code": "000000"})
    assert desk.status == 422
    assert "Kode verifikasi salah" in desk.page
    assert "data-copy" not in desk.html
    desk.post("/masuk/pasang-verifikasi", {"code": totp.current_code(secret, office.clock())})
    assert "Verifikasi dua langkah terpasang" in desk.page
    office.clock.move(minutes=2)
    again = Desk(create_app(office.core)).sign_in("head")
    assert "enam angka" in again.page.lower()
    again.post("/masuk/kode-verifikasi", {"code": "123"})
    assert again.status == 422
    again.post("/masuk/kode-verifikasi", {"code": totp.current_code(secret, office.clock())})
    assert "Menunggu tindakan Anda" in again.page


def test_the_page_with_the_secret_is_stored_nowhere(desk: Desk) -> None:
    desk.sign_in("head")
    answer = desk.client.get("/pejabat-saya/verifikasi")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_other_sessions_are_listed_and_ended(app: Flask, desk: Desk) -> None:
    other = Desk(app).sign_in("head")
    desk.sign_in("head").get("/pejabat-saya")
    assert desk.page.count("sesi ini") == 1
    session = re.search(r"/pejabat-saya/sesi/([0-9a-f]+)/akhiri", desk.html)
    assert session
    desk.post(session.group(0))
    assert "Sesi itu diakhiri" in desk.page
    assert "Untuk pejabat" in other.get("/kotak-masuk/").page
    Desk(app).sign_in("head")
    desk.get("/pejabat-saya").post("/pejabat-saya/sesi/akhiri-lainnya")
    assert "Semua sesi lain diakhiri" in desk.page
    assert "/akhiri-lainnya" not in desk.html


def test_signing_out_ends_the_session(desk: Desk) -> None:
    desk.sign_in("head")
    desk.post("/keluar")
    assert "Untuk pejabat" in desk.get("/kotak-masuk/").page


def test_the_secretary_records_a_stand_in_and_ends_it(app: Flask, office: RealOffice, desk: Desk) -> None:
    desk.sign_in("secretary").get("/plt-plh")
    assert "Tidak ada Plt. atau Plh." in desk.page
    mandate = {
        "username": "adb",
        "kind": "PLH",
        "post": "head",
        "order_number": "800/9",
        "order_date": "2026-06-07",
        "starts_on": "2026-06-08",
        "ends_on": "2026-06-01",
    }
    desk.post("/plt-plh", mandate)
    assert desk.status == 422
    assert "Lebih awal dari tanggal mulainya." in desk.page
    desk.post("/plt-plh", {**mandate, "order_date": "kemarin"})
    assert desk.status == 422
    desk.post("/plt-plh", {**mandate, "username": "hantu"})
    assert desk.status == 422
    desk.post("/plt-plh", {**mandate, "ends_on": "2026-06-12"})
    assert "Plh. Kepala Dinas" in desk.page
    assert office.actor("adb").holds("head")
    ending = re.search(r"/plt-plh/[0-9a-f]+/akhiri", desk.html)
    assert ending
    watcher = Desk(app).sign_in("auditor").get("/plt-plh")
    assert "Plh. Kepala Dinas" in watcher.page
    assert "Catat penugasan" not in watcher.page
    assert watcher.get("/pejabat-saya").post(ending.group(0)).status == 403
    desk.post(ending.group(0))
    assert "Tidak ada Plt. atau Plh." in desk.page


def test_english_is_whole_here(desk: Desk) -> None:
    desk.sign_in("head")
    assert "Where you are signed in" in desk.get("/pejabat-saya?lang=en").page
