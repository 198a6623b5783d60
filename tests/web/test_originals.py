"""Papers at the counter: the original shown, and files that are not what they say they are."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest

from provisioner.paper import PaperKind
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import text_of
from tests.web.desk import Desk
from web.app import create_app

LETTER = {"sender": "Kecamatan Magersari", "number": "800/77", "letter_date": "2026-06-05"}


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    return make_office()


def _at_counter(office: RealOffice) -> tuple[str, Desk]:
    """A request that the secretary enters, and the page of its papers."""
    secretary = office.actor("secretary")
    letter_id = office.core.registering.register(secretary, LETTER)
    request_id = office.core.reading.letter(secretary, letter_id).requests[0].id
    office.core.drafting.save_bio(request_id, 1, person(), secretary)
    desk = Desk(create_app(office.core)).sign_in("secretary")
    return request_id, desk.get(f"/surat-masuk/pemohon/{request_id}/lampiran")


def _add(desk: Desk, request_id: str, content: bytes, **more: str) -> Desk:
    sent = {"kind": "decree", "files": (io.BytesIO(content), "surat.pdf"), **more}
    return desk.post(f"/surat-masuk/pemohon/{request_id}/lampiran", sent, content_type="multipart/form-data")


def test_an_original_that_was_shown_is_marked_with_who_saw_it_and_the_section_head_reads_it(office: RealOffice) -> None:
    request_id, desk = _at_counter(office)
    _add(desk, request_id, one_page(), original_seen="1")
    _add(desk, request_id, one_page())
    seen, unseen = office.core.attachments.of_request(request_id)
    assert (seen.original_seen_by, unseen.original_seen_at) == ("Sekretaris, Pejabat Secretary", None)
    desk.post(f"/surat-masuk/pemohon/{request_id}/lampiran/{unseen.id}/asli")
    assert "Tercatat: asli diperlihatkan." in desk.page
    assert len(office.events("original-seen")) == 2
    secretary = office.actor("secretary")
    office.core.drafting.submit(request_id, secretary)
    shown = Desk(create_app(office.core)).sign_in("section_head").get(f"/permohonan/{request_id}")
    assert shown.page.count("asli diperlihatkan kepada Sekretaris, Pejabat Secretary") == 2


def test_the_bio_form_on_paper_says_to_whom_an_original_was_shown(office: RealOffice, tmp_path: Path) -> None:
    request_id, desk = _at_counter(office)
    _add(desk, request_id, one_page(), original_seen="1")
    office.core.drafting.submit(request_id, office.actor("secretary"))
    who = Applicant(request_id, "", "", "", person())
    office.forward(who, "head")
    office.forward(who, "division_head")
    form = office.core.papers.make(PaperKind.BIO_FORM, request_id)
    text = text_of(office.core.papers.bytes_of(form), tmp_path)
    assert "SK/surat tugas : asli diperlihatkan, 8 Juni 2026, Sekretaris, Pejabat Secretary" in text
    assert "KTP-el : asli diperlihatkan paraf petugas" in text


def test_the_public_cannot_say_that_an_original_was_seen(office: RealOffice) -> None:
    who = office.new("draft")
    paper = office.core.attachments.add(who.request_id, "decree", [("sk.pdf", one_page())], original_seen=True)
    assert paper.original_seen_at is None


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("surat.txt", "bukan surat")
    return out.getvalue()


def _cut_off() -> bytes:
    """A PDF whose cross-reference table and objects were lost on the way."""
    whole = one_page()
    return whole[: len(whole) // 3]


def _misleading_table() -> bytes:
    """A whole PDF whose cross-reference table points somewhere else: readers rebuild it, and so do we."""
    whole = one_page()
    at = int(whole.rsplit(b"startxref", 1)[1].split()[0])
    return whole.replace(f"startxref\n{at}".encode(), b"startxref\n7")


def test_a_file_that_is_not_a_paper_gets_a_clear_answer_and_nothing_is_kept(office: RealOffice) -> None:
    request_id, desk = _at_counter(office)
    for content, said in (
        (_zip(), "Hanya foto (JPEG, PNG, WebP) atau PDF yang diterima."),
        (_cut_off(), "Berkas ini rusak dan tidak dapat dibuka."),
    ):
        _add(desk, request_id, content)
        assert desk.status == 422
        assert said in desk.page
    assert office.core.attachments.of_request(request_id) == ()
    _add(desk, request_id, _misleading_table())
    (kept,) = office.core.attachments.of_request(request_id)
    content = office.core.attachments.read(office.actor("section_head"), kept.id).content
    assert content == _misleading_table()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 1


def test_a_scan_of_forty_megabytes_is_refused_with_its_limit(office: RealOffice) -> None:
    request_id, desk = _at_counter(office)
    token = desk.html.split('name="csrf_token" value="')[1].split('"')[0]
    scan = io.BytesIO(b"%PDF-1.7\n" + bytes(40 * 1024 * 1024))
    answer = desk.client.post(
        f"/surat-masuk/pemohon/{request_id}/lampiran",
        data={"csrf_token": token, "kind": "decree", "files": (scan, "surat.pdf")},
    )
    answer.request.environ["wsgi.input"].close()  # The test's own client keeps what it sent.
    assert answer.status_code == 422
    assert "Berkas terlalu besar; paling besar 10 MB." in answer.text
    assert office.core.attachments.of_request(request_id) == ()
