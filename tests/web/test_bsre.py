"""The section head's page where BSrE signs: what it asks for, what it says, and what it never shows again."""

import io
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.servers.bsre import PASSPHRASE, BsreServer, bsre_server
from tests.web.desk import Desk
from web.app import create_app

NIK = "3576010101700003"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BsreServer]:
    with bsre_server(tmp_path_factory.mktemp("bsre")) as server:
        yield server


@pytest.fixture
def office(make_office: MakeOffice, server: BsreServer) -> RealOffice:
    server.niks = {NIK: "ISSUE"}
    return make_office(signing={"way": "bsre", "bsre": server.settings()})


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


def test_nik_and_passphrase_are_asked_for_and_what_is_wrong_is_told(
    office: RealOffice, app: Flask, server: BsreServer
) -> None:
    desk = Desk(app).sign_in("section_head")
    pact = office.pact(office.new("pact-official")).id
    desk.client.get(f"/pakta/{pact}/berkas")
    desk.get("/pakta/")
    assert 'name="nik"' in desk.html
    assert "tersertifikasi oleh BSrE" in desk.page
    typed = {"pact": pact, "password": own_password("section_head"), "nik": NIK, "passphrase": "bukan-frasa-ini"}
    desk.post("/pakta/tanda-tangan", {**typed, "nik": "3576010101700004"})
    assert desk.status == 422
    assert "bukan NIK yang tercatat" in desk.page
    desk.post("/pakta/tanda-tangan", typed)
    assert desk.status == 409
    assert "Frasa sandi BSrE salah" in desk.page
    assert "bukan-frasa-ini" not in desk.html
    server.niks[NIK] = "EXPIRED"
    desk.post("/pakta/tanda-tangan", {**typed, "passphrase": PASSPHRASE})
    assert "status EXPIRED" in desk.page
    server.niks[NIK] = "ISSUE"
    desk.post("/pakta/tanda-tangan", {**typed, "passphrase": PASSPHRASE})
    assert "pakta ditandatangani" in desk.page.lower()
    assert PASSPHRASE not in desk.html


def test_verification_says_that_the_official_s_signature_is_certified(office: RealOffice, app: Flask) -> None:
    who = office.new("pact-official")
    pact, actor = office.pact(who).id, office.actor("section_head")
    office.core.pacts.document(actor, pact)
    password = own_password("section_head")
    office.core.signatures.sign(actor, [pact], password, nik=NIK, passphrase=PASSPHRASE)
    number, paper = office.core.pacts.own_document(who.request_id)
    desk = Desk(app)
    desk.get(f"/verifikasi/{number}")
    assert "Tanda tangan pejabat tersertifikasi (BSrE)" in desk.page
    desk.get("/verifikasi").post("/verifikasi/berkas", {"file": (io.BytesIO(paper), "pakta.pdf")})
    assert "Asli dan utuh" in desk.page
    assert "Pejabat Percobaan<small>tersertifikasi (BSrE)" in desk.html
