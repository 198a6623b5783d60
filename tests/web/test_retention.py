"""Masa simpan: proposed by the secretary, approved by the head, and what pages say afterwards."""

import io
import zipfile

import pytest
from flask import Flask

from provisioner.paper import PaperKind
from tests.conftest import MakeOffice
from tests.office import RealOffice, own_password
from tests.provisioner.provisioning.destroyable import BASIS, over, years_later
from tests.web.desk import Desk
from web.app import create_app

LIST = "/arsip/masa-simpan"


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


def test_from_the_list_to_the_minutes_and_what_every_page_says_then(office: RealOffice, app: Flask) -> None:
    who, living = over(office), office.new("done", 1)
    paper = office.core.papers.make(PaperKind.ANSWER, who.request_id)
    document, pact = office.core.papers.bytes_of(paper), office.pact(who)
    number, account = office.request(who).number or "", office.request(who).account_id
    secretary = Desk(app).sign_in("secretary").get(LIST)
    assert "Belum ada yang lewat masa simpan" in secretary.page
    assert "10 tahun sesudah berakhir" in secretary.page
    years_later(office)
    secretary = Desk(app).sign_in("secretary").get(LIST)
    assert number in secretary.page
    assert (office.request(living).number or "-") not in secretary.page
    assert "Tidak ada berkas yang cocok" in Desk(app).sign_in("head").get(f"{LIST}?q=tidakada").page
    secretary.get(LIST).post(LIST, {"basis": BASIS})
    assert secretary.status == 422
    assert "Pilih sedikitnya satu berkas" in secretary.page
    assert BASIS in secretary.html
    secretary.post(LIST, {"case": who.request_id, "basis": ""})
    assert secretary.status == 422
    secretary.post(LIST, {"case": who.request_id, "basis": BASIS})
    assert "Menunggu Kepala Dinas" in secretary.page
    assert "Kata sandi" not in secretary.page
    ((proposal,), _) = office.core.destructions.page(office.actor("head"))
    path = f"{LIST}/{proposal.id}"

    head = Desk(app).sign_in("head").get("/arsip")
    assert "1 usulan pemusnahan menunggu persetujuan Anda" in head.page
    head.get(path)
    assert number in head.page
    assert BASIS in head.page
    token = head.html.partition('name="csrf_token" value="')[2].partition('"')[0]
    archive = head.client.post(f"{path}/zip", data={"csrf_token": token})
    assert zipfile.ZipFile(io.BytesIO(archive.data)).testzip() is None
    seen = {"fingerprint": proposal.fingerprint, "password": own_password("head")}
    head.get(path).post(f"{path}/setujui", seen)
    assert (head.status, "Nyatakan dahulu" in head.page) == (422, True)
    head.post(f"{path}/setujui", {**seen, "seen": "1", "password": "salah"})
    assert "Tidak ada yang dimusnahkan." in head.page
    head.post(f"{path}/setujui", {**seen, "seen": "1"})
    assert "Sedang dimusnahkan" in head.page
    assert "0 dari 1" in head.get(f"{path}/jalan").html
    office.core.heart.drain()
    minutes = office.core.destructions.view(office.actor("head"), proposal.id).number
    assert "1 berkas dimusnahkan" in head.get(path).page
    assert head.client.get(f"{path}/berita-acara.pdf").data.startswith(b"%PDF-")

    said = f"berita acara nomor {minutes}"
    pages = [f"/permohonan/{who.request_id}", f"/surat/{office.letter(who).id}", f"/akun/{account}"]
    for page in (*pages, f"/v/{paper.code}", f"/verifikasi/{pact.number}"):
        assert said in head.get(page).page, page
        assert "Dewi" not in head.page, page
        assert head.status == 200
    assert "nama sudah dihapus" in head.get("/permohonan/").page
    assert number in head.get(f"/permohonan/?q={number}").page
    assert (office.request(who).username or "-") in head.get("/akun").page
    assert (office.request(who).username or "-") in head.get("/pemeriksaan").page
    for file, word in ((document, "Pernah dibuat kantor ini"), (document + b"\n% x", "Menyebut naskah")):
        head.get("/verifikasi").post(
            "/verifikasi/berkas", {"file": (io.BytesIO(file), "surat.pdf")}, content_type="multipart/form-data"
        )
        assert word in head.page
        assert said in head.page
    assert "Arsip ini sudah dimusnahkan" in head.get(f"/dokumen/{PaperKind.ANSWER.value}/{who.request_id}").page


def test_a_proposal_is_taken_back_and_other_posts_see_nothing_of_it(office: RealOffice, app: Flask) -> None:
    who = over(office)
    years_later(office)
    secretary = Desk(app).sign_in("secretary").get(LIST)
    secretary.post(LIST, {"everything": "1", "basis": BASIS})
    ((proposal,), _) = office.core.destructions.page(office.actor("head"))
    assert proposal.count == 1
    for path in (LIST, f"{LIST}/{proposal.id}"):
        assert Desk(app).sign_in("adb").get(path).status == 403
    assert "sudah diusulkan" in secretary.get(LIST).page
    secretary.get(f"{LIST}/{proposal.id}").post(f"{LIST}/{proposal.id}/tarik")
    assert "Tidak ada yang dimusnahkan" in secretary.page
    assert "dapat diusulkan" in secretary.get(LIST).page
    assert office.request(who).full_name
