"""A pact on paper, on its page: the scan is brought in, seen, and confirmed with what was seen."""

from io import BytesIO

import pytest
from flask import Flask

from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.pdf_pages import one_page
from tests.web.desk import Desk
from web.app import create_app

SEEN = {"applicant_signature": "1", "official_signature": "1", "number": "1", "person": "1"}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office(signing={"way": "wet-ink"})


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


def file(content: bytes, name: str = "pakta.pdf") -> dict[str, object]:
    return {"files": (BytesIO(content), name)}


def test_the_secretary_brings_the_scan_and_the_section_head_confirms_what_they_saw(
    office: RealOffice, app: Flask
) -> None:
    who, paper = office.new("pact-applicant"), one_page()
    pact = office.pact(who)
    here = f"/pakta/{pact.id}/kertas"
    secretary = Desk(app).sign_in("secretary").get("/kotak-masuk/")
    assert here in secretary.html
    assert "menunggu pindaian" in secretary.get(here).page
    secretary.post(f"{here}/pindaian", {})
    assert secretary.status == 422
    secretary.get(here).post(f"{here}/pindaian", file(b"PK\x03\x04 zip", "pakta.pdf"))
    assert (secretary.status, "Hanya foto (JPEG, PNG, WebP) atau PDF" in secretary.page) == (422, True)
    secretary.get(here).post(f"{here}/pindaian", file(b"%PDF-1.7 broken"))
    assert (secretary.status, "rusak dan tidak dapat dibuka" in secretary.page) == (422, True)
    secretary.get(here).post(f"{here}/pindaian", file(paper))
    assert "Pindaian disimpan" in secretary.page

    head = Desk(app).sign_in("section_head").get("/pakta/")
    assert "menunggu dipastikan" in head.page
    assert "Buka pindaiannya lebih dahulu" in head.get(here).page
    assert head.client.get(f"{here}/pindaian").data == paper
    head.get(here)
    sent = {**SEEN, "sha256": office.pact(who).scan_sha256, "password": own_password("section_head")}
    head.post(f"{here}/pastikan", {**sent, "number": ""})
    assert (head.status, office.request(who).state) == (422, "pact-official")
    head.get(here).post(f"{here}/pastikan", sent)
    assert "Pakta dipastikan" in head.page
    assert office.request(who).account_id is not None
    assert "tidak dapat diganti lagi" in secretary.get(here).page

    visitor = app.test_client()
    assert "Ditandatangani basah; pindaian disimpan dinas." in visitor.get(f"/verifikasi/{pact.number}").text


def test_the_applicant_is_asked_to_come_and_not_for_a_code(office: RealOffice, app: Flask) -> None:
    who = office.new("pact-applicant")
    client = app.test_client()
    client.set_cookie("pemohon", who.token)
    page = client.get("/ajukan/saya/").text
    assert "Tandatangani pakta integritas di kantor" in page
    assert 'name="kode"' not in page
