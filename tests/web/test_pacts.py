"""The section head reads pacts and signs several with the password typed once."""

import base64

import pytest
from flask import Flask

from provisioner import totp
from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.web.desk import Desk
from web.app import create_app


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app).sign_in("section_head")


def test_no_pact_waits(desk: Desk) -> None:
    assert "Tidak ada pakta yang menunggu Anda" in desk.get("/pakta/").page


def test_only_pacts_that_were_read_can_be_chosen(office: RealOffice, desk: Desk) -> None:
    pact = office.pact(office.new("pact-official"))
    desk.get("/pakta/")
    assert "belum dibaca" in desk.page
    assert f'value="{pact.id}" disabled' in desk.html
    assert 'name="password"' not in desk.html
    assert "X-Live" not in desk.client.get("/pakta/terbaca?terbaca=0").headers
    document = desk.client.get(f"/pakta/{pact.id}/berkas")
    assert document.mimetype == "application/pdf"
    assert document.data.startswith(b"%PDF")
    assert desk.client.get("/pakta/terbaca?terbaca=0").headers["X-Live-Next"] == "/pakta/"
    desk.get("/pakta/")
    assert "sudah dibaca" in desk.page
    assert f'value="{pact.id}" checked' in desk.html


def test_several_are_signed_at_once(office: RealOffice, desk: Desk) -> None:
    people = [office.new("pact-official", number) for number in range(3)]
    pacts = [office.pact(who).id for who in people]
    for pact in pacts:
        desk.client.get(f"/pakta/{pact}/berkas")
    desk.get("/pakta/").post("/pakta/tanda-tangan", {"pact": pacts, "password": own_password("section_head")})
    assert "3 pakta ditandatangani" in desk.page
    assert [office.request(who).state for who in people] == ["creation"] * 3


def test_a_wrong_password_signs_nothing_and_keeps_the_choice(office: RealOffice, desk: Desk) -> None:
    who = office.new("pact-official")
    pact = office.pact(who).id
    desk.client.get(f"/pakta/{pact}/berkas")
    desk.get("/pakta/").post("/pakta/tanda-tangan", {"pact": pact, "password": "bukan ini"})
    assert desk.status == 422
    assert "Tidak ada yang ditandatangani." in desk.page
    assert f'value="{pact}" checked' in desk.html
    assert "bukan ini" not in desk.html
    assert office.request(who).state == "pact-official"


def test_nothing_chosen_is_told(office: RealOffice, desk: Desk) -> None:
    desk.client.get(f"/pakta/{office.pact(office.new('pact-official')).id}/berkas")
    desk.get("/pakta/").post("/pakta/tanda-tangan", {"password": own_password("section_head")})
    assert desk.status == 422


def test_one_that_cannot_be_signed_does_not_hold_the_others_up(office: RealOffice, desk: Desk) -> None:
    good, unread = office.new("pact-official", 0), office.new("pact-official", 1)
    pacts = [office.pact(good).id, office.pact(unread).id]
    desk.client.get(f"/pakta/{pacts[0]}/berkas")
    desk.get("/pakta/").post("/pakta/tanda-tangan", {"pact": pacts, "password": own_password("section_head")})
    assert desk.status == 409
    assert "Hasil penandatanganan" in desk.page
    assert "Buka dan baca paktanya sebelum menandatangani." in desk.page
    assert office.request(good).state == "creation"
    assert office.request(unread).state == "pact-official"


def test_the_second_factor_is_asked_where_it_is_set_up(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("pact-official")
    pact = office.pact(who).id
    desk.client.get(f"/pakta/{pact}/berkas")
    assert 'name="code"' not in desk.get("/pakta/").html
    cookie = desk.client.get_cookie("pejabat")
    assert cookie
    info = office.core.sign_in.session(cookie.value)
    assert info
    text, _ = office.core.second_factors.begin(info.info)
    secret = base64.b32decode(text.replace(" ", "") + "=" * (-len(text.replace(" ", "")) % 8))
    office.core.second_factors.confirm(info.info, totp.current_code(secret, office.clock()))
    office.clock.move(minutes=2)
    desk = Desk(app).sign_in("section_head")
    desk.post("/masuk/kode-verifikasi", {"code": totp.current_code(secret, office.clock())})
    office.clock.move(minutes=2)
    assert 'name="code"' in desk.get("/pakta/").html
    password = own_password("section_head")
    desk.post("/pakta/tanda-tangan", {"pact": pact, "password": password, "code": "000000"})
    assert desk.status == 422
    code = totp.current_code(secret, office.clock())
    desk.post("/pakta/tanda-tangan", {"pact": pact, "password": password, "code": code})
    assert "pakta ditandatangani" in desk.page.lower()


@pytest.mark.parametrize("post", ["head", "adb", "auditor", "secretary"])
def test_only_the_section_head_signs(office: RealOffice, app: Flask, post: str) -> None:
    pact = office.pact(office.new("pact-official")).id
    desk = Desk(app).sign_in(post)
    assert desk.get("/pakta/").status == 403
    desk.get("/pejabat-saya")
    assert desk.post("/pakta/tanda-tangan", {"pact": pact, "password": own_password(post)}).status == 403
    assert desk.client.get(f"/pakta/{pact}/berkas").status_code == (403 if post == "secretary" else 200)
