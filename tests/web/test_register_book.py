"""Buku Agenda in the browser: lines, struck-through ones too, the three files, and who may change what."""

import csv
import io

import openpyxl
import pikepdf
import pytest

from provisioner.provisioning.register_book import Direction
from provisioner.store.tables import RegisterEntryRow
from tests.conftest import MakeOffice
from tests.office import RealOffice
from tests.pdf_pages import text_of
from tests.web.desk import Desk
from web.app import create_app

LETTER = {"sender": "=HYPERLINK(1)", "number": "+800/77", "letter_date": "2026-06-05", "subject": "Surat Permohonan"}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office()


def desk(office: RealOffice, post: str = "secretary") -> Desk:
    return Desk(create_app(office.core)).sign_in(post)


def _first_line(office: RealOffice) -> str:
    return office.core.register.page(office.actor("secretary"), Direction.INCOMING).lines[-1].id


def test_a_line_is_struck_through_with_its_reason_and_stays(office: RealOffice) -> None:
    office.core.registering.register(office.actor("secretary"), LETTER)
    office.new("sent")
    at = desk(office).get("/buku-agenda")
    assert "1/2026" in at.page
    assert "2/2026" in at.page
    entry = _first_line(office)
    at.post(f"/buku-agenda/{entry}/batal", {"void_reason": ""})
    assert at.status == 422
    assert "Wajib diisi." in at.page
    at.post(f"/buku-agenda/{entry}/batal", {"void_reason": "Tercatat dua kali."})
    assert "Catatan dicoret." in at.page
    assert "<s>1/2026</s>" in at.html
    assert "Tercatat dua kali." in at.page
    at.post(f"/buku-agenda/{entry}/keterangan", {"remark": "Tidak boleh lagi"})
    assert at.status == 409
    at.get("/buku-agenda?q=tidak-ada")
    assert "Tidak ada yang cocok" in at.page
    at.get("/buku-agenda?buku=keluar")
    assert "Belum ada surat keluar" in at.page


def test_the_book_is_carried_away_in_three_forms_and_text_never_becomes_a_formula(office: RealOffice) -> None:
    office.core.registering.register(office.actor("secretary"), LETTER)
    office.core.register.void(office.actor("secretary"), _first_line(office), "Tercatat dua kali.")
    at = desk(office, "auditor").get("/buku-agenda")
    token = {"csrf_token": at.html.split('name="csrf_token" value="')[1].split('"')[0]}

    text = at.client.post("/buku-agenda/unduh/csv?tahun=2026", data=token).get_data()
    assert text.startswith(b"\xef\xbb\xbf")
    head, line = csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";")
    assert head[:4] == ["No", "Tgl. Terima", "No. Agenda", "Pengirim"]
    assert (line[2], line[3], line[5]) == ("1/2026", "'=HYPERLINK(1)", "'+800/77")
    assert line[-1] == "BATAL: Tercatat dua kali."

    sheet = openpyxl.load_workbook(io.BytesIO(at.client.post("/buku-agenda/unduh/xlsx", data=token).get_data())).active
    assert sheet is not None
    sender = sheet["D2"]
    assert (sender.value, sender.data_type, sender.font.strike) == ("=HYPERLINK(1)", "s", True)
    assert sheet["B2"].is_date

    answer = at.client.post("/buku-agenda/unduh/pdf", data=token)
    with pikepdf.open(io.BytesIO(answer.get_data())) as pdf:
        assert pdf.pages[0].mediabox[2] > pdf.pages[0].mediabox[3]
    assert [event.kind for event in office.events("register-exported")] == ["register-exported"] * 3


def test_a_long_book_is_one_file_whose_pages_are_numbered_through(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        for number in range(1, 231):
            session.add(
                RegisterEntryRow(
                    direction="incoming",
                    year=2026,
                    sequence=number,
                    number=f"{number}/2026",
                    received_on=office.core.context.today(),
                    sender="Kelurahan",
                    entered_at=office.clock(),
                )
            )
    pdf = office.core.register_export.pdf(office.actor("head"), Direction.INCOMING, 2026)
    pages = text_of(pdf)
    assert all(f"Halaman {number}" in page for number, page in enumerate(pages, start=1))
    assert all("No. Agenda" in " ".join(page.split()) for page in pages)
    assert sum(page.count("/2026") for page in pages) == 230


def test_a_letter_that_is_not_registered_is_registered_from_its_page(make_office: MakeOffice) -> None:
    office = make_office(register_book={"numbers": "typed"})
    who = office.new("sent")
    letter = f"/surat/{office.letter(who).id}"
    assert "belum dicatat" in desk(office, "head").get(letter).page
    at = desk(office).get("/surat-masuk/")
    assert "Surat yang belum dicatat" in at.page
    at.get(letter).post(f"/surat-masuk/{office.letter(who).id}/agenda", {"register_number": ""})
    assert at.status == 422
    at.post(f"/surat-masuk/{office.letter(who).id}/agenda", {"register_number": "045/9"})
    assert "Surat dicatat dengan nomor agenda 045/9." in at.page
    assert "Surat yang belum dicatat" not in at.get("/kotak-masuk/").page


def test_the_book_is_shown_to_those_who_need_it_and_changed_by_the_secretary(office: RealOffice) -> None:
    office.core.registering.register(office.actor("secretary"), LETTER)
    for post, status in (("head", 200), ("adb", 403)):
        at = desk(office, post).get("/buku-agenda")
        assert at.status == status
        assert "Coret catatan" not in at.page
