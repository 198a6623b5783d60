"""The archive's pages: boxes for the secretary, case files for those who answer for them."""

import io
import zipfile

import pytest
from flask import Flask

from tests.conftest import MakeOffice
from tests.office import RealOffice
from tests.web.desk import Desk
from web.app import create_app


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


def test_the_secretary_writes_a_box_down_and_everybody_finds_it(office: RealOffice, app: Flask) -> None:
    who = office.new("sent")
    secretary = Desk(app).sign_in("secretary").get("/arsip")
    assert "Belum ada boks" in secretary.page
    assert "Arsip satu tahun" not in secretary.page
    path = f"/arsip/permohonan/{who.request_id}/boks"
    secretary.get(path).post(path, {"number": "x" * 61})
    assert secretary.status == 422
    assert "Nomor boks" in secretary.page
    secretary.post(path, {"number": "2026/A-01", "place": "Rak 3"})
    assert "Naskah kertas di boks 2026/A-01 , Rak 3" in secretary.page.replace("A-01,", "A-01 ,")
    found = Desk(app).sign_in("head").get("/arsip?q=Dewi")
    assert "2026/A-01" in found.page
    (box,) = office.core.boxes.find(office.actor("head"))[0]
    assert "Dewi Lestari Handayani" in found.get(f"/arsip/boks/{box.id}").page
    assert "Pindahkan boks" not in found.page
    assert found.client.get(f"/arsip/boks/{box.id}/daftar.pdf").data.startswith(b"%PDF-")
    secretary.get(f"/arsip/boks/{box.id}").post(f"/arsip/boks/{box.id}", {"place": "Gudang"})
    assert "Gudang" in secretary.page


def test_case_files_are_downloaded_by_those_who_may(office: RealOffice, app: Flask) -> None:
    who = office.new("sent")
    page = f"/permohonan/{who.request_id}"
    auditor = Desk(app).sign_in("auditor").get(page)
    assert "Arsip ZIP" in auditor.page
    token = auditor.html.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = auditor.client.post(f"/arsip/permohonan/{who.request_id}/zip", data={"csrf_token": token})
    assert answer.headers["Content-Disposition"] == "attachment; filename=arsip-0001-PSIAK-VI-2026.zip"
    assert "verify.py" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    year = auditor.client.post("/arsip/tahun", data={"csrf_token": token, "tahun": "2026"})
    assert zipfile.ZipFile(io.BytesIO(year.data)).testzip() is None
    pdf = auditor.client.post(f"/arsip/permohonan/{who.request_id}/pdf", data={"csrf_token": token})
    assert pdf.data.startswith(b"%PDF-")
    it = Desk(app).sign_in("it").get(page)
    assert "Arsip ZIP" not in it.page
