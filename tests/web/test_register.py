"""The secretary registers a letter that came on paper, fills it in for the people it names, and sends it."""

import io
import re

import pytest
from flask import Flask
from PIL import Image

from tests.conftest import MakeOffice
from tests.office import RealOffice, person
from tests.web.desk import Desk
from web.app import create_app

LETTER = {
    "sender": "Kecamatan Magersari",
    "number": "800/77",
    "letter_date": "2026-06-05",
    "subject": "Surat Permohonan",
    "urgency": "urgent",
    "applicants": "2",
}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app).sign_in("secretary")


def _scan() -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (900, 1200), "white").save(out, "JPEG")
    out.seek(0)
    return out, "surat.jpg"


def _people(desk: Desk) -> list[str]:
    """The ids of the applicants on the letter's page."""
    return list(dict.fromkeys(re.findall(r"/surat-masuk/pemohon/([0-9a-f]+)/bio-data", desk.html)))


def _registered(desk: Desk, **changes: str) -> tuple[str, list[str]]:
    """A registered letter: its page's path and the people on it."""
    desk.get("/surat-masuk/catat").post("/surat-masuk/catat", {**LETTER, **changes})
    found = re.search(r"/surat-masuk/([0-9a-f]{32})/kirim", desk.html)
    assert found, desk.page
    return f"/surat-masuk/{found.group(1)}", _people(desk)


def _fill(desk: Desk, request_id: str, number: int = 0, **changes: str) -> Desk:
    path = f"/surat-masuk/pemohon/{request_id}/bio-data"
    return desk.get(path).post(path, person(number, **changes))


def test_a_letter_is_registered_filled_in_and_sent_with_everybody_on_it(office: RealOffice, desk: Desk) -> None:
    there, people = _registered(desk)
    assert len(people) == 2
    assert "bio data belum diisi" in desk.page
    _fill(desk, people[0], 0)
    assert "Bio data Dewi Lestari Handayani, A.Md. lengkap dan tersimpan." in desk.page
    _fill(desk, people[1], 1)
    desk.get(there).post(f"{there}/kirim")
    assert "Surat dikirim ke meja pertama" in desk.page
    assert "Langkah 2 dari 6 · di meja Kepala Dinas" in desk.page
    assert office.core.inboxes.of(office.actor("head")).letters[0].applicants == (
        "Dewi Lestari Handayani, A.Md.",
        "Agus Lestari Handayani, A.Md.",
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sender": ""}, "Wajib diisi."),
        ({"letter_date": "2030-01-01"}, "Tanggal ini belum tiba."),
        ({"applicants": "0"}, "Tulis jumlah dari 1 sampai 20."),
        ({"applicants": "dua"}, "Tulis jumlah dari 1 sampai 20."),
    ],
)
def test_what_is_wrong_with_the_letter_is_said_and_nothing_is_kept(
    office: RealOffice, desk: Desk, change: dict[str, str], said: str
) -> None:
    desk.get("/surat-masuk/catat").post("/surat-masuk/catat", {**LETTER, **change})
    assert desk.status == 422
    assert said in desk.page
    assert 'value="800/77"' in desk.html
    assert office.core.inboxes.of(office.actor("secretary")).drafts == ()


def test_a_half_filled_bio_form_is_kept_and_says_what_is_missing(desk: Desk) -> None:
    there, (first, _) = _registered(desk)
    _fill(desk, first, nik="123", mail="")
    assert desk.status == 422
    assert "Yang diketik sudah tersimpan." in desk.page
    assert "NIK terdiri atas 16 angka." in desk.page
    assert 'value="Kelurahan Gedongan"' in desk.get(f"/surat-masuk/pemohon/{first}/bio-data").html
    assert "bio data belum lengkap" in desk.get(there).page
    desk.post(f"{there}/kirim")
    assert desk.status == 422
    assert "Bio data belum lengkap." in desk.page


def test_people_are_added_and_taken_off_until_the_letter_is_sent(desk: Desk) -> None:
    there, people = _registered(desk, applicants="1")
    desk.get(there).post(f"{there}/pemohon")
    assert "Form Isian Bio Data Operator" in desk.page
    added = [each for each in _people(desk.get(there)) if each not in people]
    assert len(added) == 1
    desk.post(f"/surat-masuk/pemohon/{added[0]}/tarik")
    assert _people(desk) == people


def test_the_letters_data_can_be_corrected(desk: Desk) -> None:
    there, _ = _registered(desk)
    corrected = {name: value for name, value in LETTER.items() if name != "applicants"}
    desk.post(f"{there}/data", {**corrected, "number": "800/78"})
    assert "Data surat disimpan." in desk.page
    assert "Surat 800/78" in desk.page
    desk.post(f"{there}/data", {**corrected, "letter_date": "bukan"})
    assert desk.status == 422


def test_a_scan_is_attached_and_taken_off_again(office: RealOffice, desk: Desk) -> None:
    there, (first, _) = _registered(desk)
    path = f"/surat-masuk/pemohon/{first}/lampiran"
    desk.get(path).post(path, {"kind": "letter", "files": _scan()}, content_type="multipart/form-data")
    assert "Lampiran tersimpan." in desk.page
    paper = office.core.attachments.of_request(first)[0]
    assert "surat" in desk.get(there).page.lower()
    assert paper.id in desk.html
    desk.get(path).post(f"{path}/{paper.id}/hapus")
    assert office.core.attachments.of_request(first) == ()
    desk.post(path, {"kind": "letter", "files": (io.BytesIO(b"MZ program"), "surat.pdf")})
    assert desk.status == 422
    assert "Hanya foto (JPEG, PNG, WebP) atau PDF yang diterima." in desk.page


def test_each_applicant_gets_a_code_that_is_shown_once_and_becomes_a_ticket(office: RealOffice, desk: Desk) -> None:
    there, (first, second) = _registered(desk)
    _fill(desk, first)
    desk.get(there).post(f"/surat-masuk/pemohon/{first}/kode")
    assert "Kode pengganti untuk Dewi Lestari Handayani, A.Md." in desk.page
    shown = re.search(r'class="value"[^>]*>([^<]+)<', desk.html)
    assert shown
    exchanged = office.core.enrolment.exchange(shown.group(1), address="192.0.2.9")
    assert exchanged.request_id == first
    assert "punya kode pengambilan" in desk.get(there).page
    desk.post(f"/surat-masuk/pemohon/{first}/kode")
    assert desk.status == 409
    assert f"/surat-masuk/pemohon/{second}/kode" in desk.get(there).html


def test_a_person_with_an_account_or_a_request_is_told_before_and_at_sending(office: RealOffice, desk: Desk) -> None:
    office.new("review", 0)
    there, people = _registered(desk, applicants="1")
    _fill(desk, people[0], 0)
    assert "Orang ini masih mempunyai permohonan lain: 0001/PSIAK/VI/2026." in desk.get(there).page
    desk.post(f"{there}/kirim")
    assert desk.status == 409
    assert "Surat belum dikirim." in desk.page
    assert office.core.reading.letter(office.actor("secretary"), there.rsplit("/", 1)[1]).state == "draft"


def test_a_returned_letter_comes_back_to_the_counter_and_is_sent_again(office: RealOffice, desk: Desk) -> None:
    there, people = _registered(desk, applicants="1")
    _fill(desk, people[0])
    desk.get(there).post(f"{there}/kirim")
    letter_id, head = there.rsplit("/", 1)[1], office.actor("head")
    revision = office.core.reading.letter(head, letter_id).revision
    office.core.desks.return_for_repair(head, letter_id, revision, "Perihalnya keliru.")
    assert "Surat di loket yang belum dikirim" in desk.get("/surat-masuk/").page
    assert "Perihalnya keliru." in desk.get(there).page
    desk.post(f"{there}/kirim")
    assert "Surat dikirim ke meja pertama" in desk.page


def test_a_bio_form_that_follows_later_is_filled_in_at_the_counter(office: RealOffice, desk: Desk) -> None:
    there, people = _registered(desk, applicants="1")
    desk.post(f"{there}/kirim")
    letter_id = there.rsplit("/", 1)[1]
    for post in ("head", "division_head"):
        actor = office.actor(post)
        office.core.desks.forward(actor, letter_id, office.core.reading.letter(actor, letter_id).revision)
    assert "Permohonan loket yang menunggu pemohon" in desk.get("/kotak-masuk/").page
    request = f"/permohonan/{people[0]}"
    assert f"/surat-masuk/pemohon/{people[0]}/bio-data" in desk.get(request).html
    desk.get(f"/surat-masuk/pemohon/{people[0]}/bio-data").post(f"/surat-masuk/pemohon/{people[0]}/kirim")
    assert desk.status == 422
    _fill(desk, people[0])
    desk.get(f"/surat-masuk/pemohon/{people[0]}/bio-data").post(f"/surat-masuk/pemohon/{people[0]}/kirim")
    assert "Permohonan dikirim ke meja yang menunggunya." in desk.page
    assert "Langkah 4 dari 6 · di meja Kepala Seksi" in desk.page


def test_what_the_public_sent_is_not_the_secretarys_to_change(office: RealOffice, desk: Desk) -> None:
    who = office.new("draft")
    assert desk.get(f"/surat-masuk/pemohon/{who.request_id}/bio-data").status == 404
    desk.get("/surat-masuk/catat")
    assert desk.post(f"/surat-masuk/pemohon/{who.request_id}/bio-data", person()).status == 404


@pytest.mark.parametrize("post", ["head", "section_head", "adb", "it", "auditor"])
def test_only_the_secretary_registers_letters(app: Flask, post: str) -> None:
    desk = Desk(app).sign_in(post)
    assert desk.get("/surat-masuk/").status == 403
    desk.get("/pejabat-saya")
    assert desk.post("/surat-masuk/catat", LETTER).status == 403


def test_the_letters_data_can_be_corrected_after_its_first_person_was_taken_off(office: RealOffice, desk: Desk) -> None:
    there, (first, second) = _registered(desk)
    desk.post(f"/surat-masuk/pemohon/{first}/tarik")
    desk.post(f"{there}/data", {**LETTER, "number": "800/78"})
    assert "Data surat disimpan." in desk.page
    assert office.core.tracking.own(second).letter["number"] == "800/78"
