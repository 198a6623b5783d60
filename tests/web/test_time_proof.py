"""Verification tells anybody who proves the time of a signature."""

import io
from pathlib import Path

from tests.conftest import MakeOffice
from tests.servers.timestamps import SERVICE, timestamp_server
from tests.web.desk import Desk
from web.app import create_app


def test_the_page_says_whose_proof_the_time_is(make_office: MakeOffice, tmp_path: Path) -> None:
    with timestamp_server(tmp_path / "tsa") as server:
        office = make_office(signing={"timestamp_url": server.url, "timestamp_roots": server.roots})
        who = office.new("creation")
    _, paper = office.core.pacts.own_document(who.request_id)
    desk = Desk(create_app(office.core))
    desk.get("/verifikasi").post("/verifikasi/berkas", {"file": (io.BytesIO(paper), "pakta.pdf")})
    assert "Asli dan utuh" in desk.page
    assert desk.page.count(f"waktu dibuktikan oleh {SERVICE}: ") == 2


def test_the_section_head_is_told_that_the_service_is_down(make_office: MakeOffice, tmp_path: Path) -> None:
    with timestamp_server(tmp_path / "tsa") as server:
        office = make_office(signing={"timestamp_url": server.url, "timestamp_roots": server.roots})
        who = office.new("pact-official")
        server.mood = "error"
        desk = Desk(create_app(office.core)).sign_in("section_head")
        pact = office.pact(who).id
        desk.client.get(f"/pakta/{pact}/berkas")
        typed = {"pact": pact, "password": "section_head menyapu halaman 7"}
        desk.get("/pakta/").post("/pakta/tanda-tangan", typed)
    assert desk.status == 409
    assert "Layanan stempel waktu tidak memberi stempel waktu" in desk.page
