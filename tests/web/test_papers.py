"""The papers of the SOP on the pages: listed where they belong, opened in the browser, for those who may read them."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import MakeOffice
from tests.office import RealOffice, person
from tests.provisioner.documents.samples import CONFIG
from tests.web.desk import Desk
from web.app import create_app


@pytest.fixture
def office(make_office: MakeOffice, tmp_path: Path) -> RealOffice:
    """An office with files of its own."""
    return make_office(office_dir=shutil.copytree(CONFIG, tmp_path / "files"))


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def test_an_official_opens_and_keeps_the_papers_of_a_request(office: RealOffice, desk: Desk) -> None:
    who = office.new("pact-applicant")
    letter = office.letter(who).id
    desk.sign_in("section_head").get(f"/permohonan/{who.request_id}")
    for name in ("Surat Permohonan", "Lembar Disposisi", "Form Isian Bio Data Operator", "Surat Jawaban"):
        assert name in desk.page
    assert f"/dokumen/disposition-sheet/{letter}" in desk.html
    assert "/dokumen/handover-receipt/" not in desk.html
    shown = desk.client.get(f"/dokumen/answer/{who.request_id}")
    assert shown.mimetype == "application/pdf"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "surat-jawaban-001-SIAK-VI-2026.pdf" in shown.headers["Content-Disposition"]
    kept = desk.client.get(f"/dokumen/answer/{who.request_id}?unduh=1")
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert desk.client.get(f"/dokumen/nothing/{who.request_id}").status_code == 404
    assert desk.client.get(f"/dokumen/handover-receipt/{who.request_id}").status_code == 409
    desk.get(f"/surat/{letter}")
    assert "Lembar Disposisi" in desk.page


def test_an_applicant_prints_the_letter_to_be_signed_and_reads_their_papers(office: RealOffice, app: Flask) -> None:
    who = office.new("draft")
    desk = Desk(app)
    desk.client.set_cookie("pemohon", who.token)
    here = desk.get("/ajukan/saya/")
    assert "Cetak surat untuk ditandatangani" in here.page
    assert desk.client.get("/ajukan/saya/surat").mimetype == "application/pdf"
    office.bring(who, "sent")
    assert "Surat Permohonan" in desk.get("/ajukan/saya/").page
    assert desk.client.get("/ajukan/saya/dokumen/request-letter").mimetype == "application/pdf"
    assert desk.client.get("/ajukan/saya/dokumen/disposition-sheet").status_code == 404


def test_who_has_no_need_of_the_whole_nik_is_not_given_the_bio_form(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("review")
    desk.sign_in("auditor").get(f"/permohonan/{who.request_id}")
    assert "/dokumen/bio-form/" not in desk.html
    assert desk.client.get(f"/dokumen/bio-form/{who.request_id}").status_code == 403
    other = Desk(app).sign_in("it").get(f"/permohonan/{who.request_id}")
    assert "Belum ada dokumen yang dapat Anda baca." in other.page


def test_the_minutes_of_a_revocation_stand_on_the_page_of_the_account(office: RealOffice, desk: Desk) -> None:
    who = office.new("done")
    account = office.request(who).account_id or ""
    office.core.accounts.revoke(office.actor("section_head"), account, "transfer")
    desk.sign_in("it").get(f"/akun/{account}")
    assert "Berita Acara Pencabutan Hak Akses" in desk.page
    assert desk.client.get(f"/dokumen/revocation-report/{account}").mimetype == "application/pdf"


def test_a_broken_letter_shows_on_the_page_of_settings_and_letters_still_go_out(
    office: RealOffice, app: Flask, desk: Desk, tmp_path: Path
) -> None:
    who = office.new("sent")
    broken = tmp_path / "files" / "letters" / "surat-permohonan.typ"
    broken.write_text("\n#(")
    desk.sign_in("secretary")
    assert desk.client.get(f"/dokumen/request-letter/{office.letter(who).id}").mimetype == "application/pdf"
    settings = Desk(app).sign_in("it").get("/pengaturan")
    assert "surat tetap terbit dengan naskah baik yang terakhir" in settings.page
    assert f"{broken}:2" in settings.page


def test_a_paper_that_could_not_be_made_is_named_on_the_page_of_its_request(office: RealOffice, desk: Desk) -> None:
    who = office.bring(office.draft(person(0), subject="Permohonan 李"), "review")
    actor = office.actor("section_head")
    office.core.review.open(actor, who.request_id)
    office.core.review.reject(actor, who.request_id, office.request(who).revision, "Belum lengkap.")
    office.clock.move(minutes=61)
    office.core.heart.drain()
    desk.sign_in("section_head").get(f"/permohonan/{who.request_id}")
    assert "Ada tanda yang tidak dapat dicetak pada surat: U+674E." in desk.page
    assert "tidak dapat dibuat: ada tanda yang tidak dapat dicetak." in desk.get("/jejak-audit").page
    assert desk.client.get(f"/dokumen/bio-form/{who.request_id}").status_code == 200
