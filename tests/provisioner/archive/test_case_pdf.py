"""The case file as one PDF: what an office prints and puts into the box."""

import io
from pathlib import Path

import pikepdf
import pytest

from provisioner.documents.case_binding import Bound, bind
from provisioner.errors import NotAllowed
from provisioner.signing.verdict import VerdictCode
from tests.office import RealOffice, person
from tests.pdf_pages import one_page
from tests.provisioner.documents.poppler import texts_of


def _page_of(opened: pikepdf.Pdf, destination: object) -> int:
    assert isinstance(destination, pikepdf.Array)
    return opened.pages.index(pikepdf.Page(destination[0])) + 1


def test_cover_index_and_papers_lie_in_one_pdf_and_the_index_is_right(office: RealOffice, tmp_path: Path) -> None:
    who = office.draft(person(0))
    office.core.attachments.add(who.request_id, "id-card", [("ktp.pdf", one_page())])
    office.bring(who, "done")
    pdf = office.core.case_files.pdf(office.actor("section_head"), who.request_id)
    pages = texts_of(pdf, tmp_path)
    assert "BERKAS PERMOHONAN" in pages[0]
    assert "belum dicatat" in pages[0]
    index = pages[1]
    assert index.index("Surat Permohonan") < index.index("Pakta Integritas") < index.index("KTP-el")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert f"Halaman 1 dari {len(opened.pages)}" in pages[0]
        with opened.open_outline() as outline:
            found = {item.title: _page_of(opened, item.destination) for item in outline.root}
        assert "PAKTA INTEGRITAS" in pages[found["Pakta Integritas"] - 1]
        assert f"· {found['Pakta Integritas']}" in pages[found["Pakta Integritas"] - 1]
        assert found["Lampiran: KTP-el"] == len(opened.pages)
        (embedded,) = opened.attachments.values()
        original = embedded.get_file().read_bytes()
    assert "Ditandatangani secara elektronik oleh" in pages[found["Pakta Integritas"] - 1]
    assert office.core.verification.by_upload(original).verdict.code is VerdictCode.GENUINE


def test_other_posts_get_no_case_pdf(office: RealOffice) -> None:
    who = office.new("sent")
    with pytest.raises(NotAllowed):
        office.core.case_files.pdf(office.actor("it"), who.request_id)


def test_a_paper_that_cannot_be_read_leaves_the_others_bound() -> None:
    papers = [Bound("rusak", b"%PDF-1.7 tidak ada isinya"), Bound("utuh", one_page())]
    bound = bind(one_page(), papers, "0001")
    assert bound == bind(one_page(), papers, "0001")
    with pikepdf.open(io.BytesIO(bound)) as opened:
        assert len(opened.pages) == 2
