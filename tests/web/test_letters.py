"""A letter on the desks of steps 2 and 3."""

import io

import pytest
from flask import Flask
from PIL import Image

from tests.conftest import MakeOffice
from tests.office import RealOffice, person
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
    return Desk(app)


def _scan() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 1200), "white").save(out, "JPEG")
    return out.getvalue()


def test_the_head_disposes_of_a_letter_with_a_request_and_a_note(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("head").get(there)
    assert "Langkah 2 dari 6 · di meja Anda" in desk.page
    assert "Diteruskan kepada Kepala Bidang" in desk.page
    action = office.core.office.requested_actions[0]
    desk.post(f"{there}/teruskan", {"requested_action": action.code, "note": "Mohon ditindaklanjuti."})
    assert "Disposisi tercatat" in desk.page
    assert f"Dengan hormat harap: {action.label.id}." in desk.page
    assert "Mohon ditindaklanjuti." in desk.page
    assert office.letter(who).step == 3


def test_a_disposition_is_undone_until_the_next_desk_opens_the_letter(
    office: RealOffice, app: Flask, desk: Desk
) -> None:
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("head").get(there).post(f"{there}/teruskan")
    undo = f"{there}/tindakan/{office.last_act(who, 'forward')}/batalkan"
    assert undo in desk.html
    desk.post(undo)
    assert "Surat kembali di meja Anda" in desk.page
    desk.post(f"{there}/teruskan")
    late = f"{there}/tindakan/{office.last_act(who, 'forward')}/batalkan"
    Desk(app).sign_in("division_head").get(there)
    desk.post(late)
    assert desk.status == 409
    assert "sudah membukanya" in desk.page


def test_returning_and_rejecting_need_a_reason(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("head").get(there).post(f"{there}/kembalikan", {"return_reason": " "})
    assert desk.status == 422
    assert 'id="return_reason-error-1"' in desk.html
    desk.post(f"{there}/tolak", {"reject_reason": ""})
    assert desk.status == 422
    assert 'id="reject_reason-error-1"' in desk.html
    desk.post(f"{there}/kembalikan", {"return_reason": "Tanggalnya keliru."})
    assert "Tanggalnya keliru." in desk.page
    assert "pada pemohon" in desk.page
    assert office.letter(who).state == "returned"


def test_a_rejected_letter_ends_for_everybody_on_it(office: RealOffice, desk: Desk) -> None:
    first = office.draft(person(0), person(1))
    office.bring(first, "sent")
    there = f"/surat/{office.letter(first).id}"
    desk.sign_in("head").get(there)
    assert "2 orang" in desk.page
    desk.post(f"{there}/tolak", {"reject_reason": "Bukan wewenang kami."})
    assert "Bukan wewenang kami." in desk.page
    assert office.state(first) == ("rejected", "rejected")


def test_who_withdrew_is_struck_out_and_not_counted(office: RealOffice, desk: Desk) -> None:
    first, second, _ = office.draft_of_all(person(0), person(1), person(2))
    office.bring(first, "sent")
    office.core.repair.withdraw(second.request_id)
    desk.sign_in("head").get(f"/surat/{office.letter(first).id}")
    assert "2 orang · 1 ditarik" in desk.page
    assert "<s>Agus Lestari Handayani, A.Md.</s>" in desk.html
    assert desk.html.count("<s>") == 1
    assert "Surat dan 2 permohonan di dalamnya berakhir di sini." in desk.page
    assert "Agus" not in desk.get("/kotak-masuk/").page


def test_a_letter_that_everybody_left_does_not_come_back(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    there = f"/surat/{office.letter(who).id}"
    undo = f"{there}/tindakan/{office.last_act(who, 'assign')}/batalkan"
    assert undo in desk.sign_in("division_head").get(there).html
    office.core.repair.withdraw(who.request_id)
    desk.post(undo)
    assert desk.status == 409
    assert "Semua pemohon pada surat ini sudah menarik permohonannya" in desk.page
    assert undo not in desk.get(there).html


def test_a_page_opened_before_somebody_was_faster_is_refused_with_what_is_the_case(
    office: RealOffice, app: Flask, desk: Desk
) -> None:
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("head").get(there)
    Desk(app).sign_in("head").get(there).post(f"{there}/teruskan")
    desk.post(f"{there}/kembalikan", {"return_reason": "Terlambat."})
    assert desk.status in (403, 409)
    assert office.letter(who).state == "disposing"


def test_nobody_takes_two_steps_of_one_letter(office: RealOffice, app: Flask) -> None:
    office.add_official("rangkap", "head", "division_head")
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk = Desk(app).sign_in("rangkap").get(there)
    desk.post(f"{there}/teruskan")
    desk.post(f"{there}/teruskan", {"revision": str(office.letter(who).revision)})
    assert desk.status == 403
    assert "langkah lain dalam permohonan ini" in desk.get(there).page
    assert f'action="{there}/teruskan"' not in desk.html


def test_nobody_decides_on_an_own_request(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent", nik="3576010101700001", birth_date="1970-01-01", sex="male")
    desk.sign_in("head").get(f"/surat/{office.letter(who).id}")
    assert "Permohonan Anda sendiri." in desk.page
    assert "/teruskan" not in desk.html


def test_a_letter_on_another_desk_is_read_but_not_acted_on(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent")
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("auditor").get(there)
    assert "Surat ada di meja Kepala Dinas." in desk.page
    assert desk.get("/pejabat-saya").post(f"{there}/teruskan", {"revision": "1"}).status == 403


def test_a_stand_in_is_named_with_the_order(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent")
    day = office.core.context.today()
    office.core.mandates.add("auditor", "head", "PLH", ("800/9", day), (day, day), office.actor("it"))
    there = f"/surat/{office.letter(who).id}"
    desk.sign_in("auditor").get(there).post(f"{there}/teruskan")
    assert "Plh. Kepala Dinas, Pejabat Auditor meneruskan surat kepada Kepala Bidang." in desk.page
    assert "800/9" in desk.page


def test_a_scan_opens_and_its_reading_is_written_down(office: RealOffice, desk: Desk) -> None:
    who = office.draft(person())
    office.core.attachments.add(who.request_id, "letter", [("surat.jpg", _scan())])
    office.bring(who, "sent")
    desk.sign_in("head").get(f"/surat/{office.letter(who).id}")
    paper = office.core.attachments.of_request(who.request_id)[0]
    assert f"/surat/lampiran/{paper.id}" in desk.html
    answer = desk.client.get(f"/surat/lampiran/{paper.id}")
    assert answer.mimetype == paper.media_type
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(office.events("attachment-read")) == 1


def test_an_unknown_letter_has_a_page_of_its_own(desk: Desk) -> None:
    assert desk.sign_in("head").get("/surat/tidak-ada").status == 404
    assert "Surat ini tidak ditemukan" in desk.page
