"""The secretary's page of disposition sheets, and what the head sees of it."""

import io
import re

from tests.conftest import MakeOffice
from tests.pdf_pages import one_page, text_of
from tests.web.desk import Desk
from web.app import create_app


def test_a_sheet_is_printed_scanned_recorded_and_shown_to_the_head_who_objects(make_office: MakeOffice) -> None:
    office = make_office(procedure={"paper_dispositions": True})
    who = office.new("sent")
    letter_id, app = office.letter(who).id, create_app(office.core)
    desk, path = Desk(app).sign_in("secretary"), "/lembar-disposisi"
    desk.get(path).post(f"{path}/cetak")
    assert desk.status == 422
    assert "Pilih sedikitnya satu surat." in desk.page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', desk.get(path).html)[0]
    sheet = desk.client.post(f"{path}/cetak", data={"csrf_token": token, "letter": letter_id}).get_data()
    assert "1/2026" in text_of(sheet)[0]

    def send(content: bytes) -> Desk:
        sent = {"files": (io.BytesIO(content), "lembar.pdf")}
        return desk.get(path).post(f"{path}/unggah", sent, content_type="multipart/form-data")

    send(one_page())
    assert desk.status == 422
    assert "Kode QR di halaman 1 tidak terbaca." in desk.page
    send(sheet)
    assert "Tulis sekarang apa yang diputuskan." in desk.page
    taken = office.core.paper_dispositions.sheets(office.actor("secretary"), letter_id)[0]
    given = {"sheet": taken.id, "official": office.actor("head").official_id}
    desk.post(f"{path}/{letter_id}", given)
    assert desk.status == 422
    desk.post(f"{path}/{letter_id}", {**given, "decision": "forward", "note": "Segera."})
    assert "Disposisi tercatat menurut lembar berparaf." in desk.page
    assert "dicatat oleh Sekretaris, Pejabat Secretary menurut lembar berparaf" in desk.page

    head = Desk(app).sign_in("head").get("/kotak-masuk/")
    assert "Dicatat atas nama Anda menurut lembar berparaf" in head.page
    undo = re.search(rf"/surat/{letter_id}/tindakan/[0-9a-f]+/batalkan", head.html)
    assert undo
    head.post(undo.group())
    assert "Tindakan dibatalkan. Surat kembali di meja Anda." in head.page


def test_where_nothing_is_recorded_from_paper_the_page_says_so(make_office: MakeOffice) -> None:
    office = make_office()
    desk = Desk(create_app(office.core)).sign_in("secretary").get("/lembar-disposisi")
    assert "Tidak ada surat yang menunggu disposisi" in desk.page
    assert "Kantor ini tidak mencatat disposisi dari kertas" in desk.page
    assert Desk(create_app(office.core)).sign_in("head").get("/lembar-disposisi").status == 403
