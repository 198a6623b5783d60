"""The receipt of a submitted request."""

import dataclasses
import io
from pathlib import Path

import pikepdf

from provisioner.documents.qr import qr_svg
from provisioner.documents.receipt import ReceiptFacts, Receipts
from provisioner.documents.renderer import Renderer
from tests.provisioner.documents.poppler import pages_of, text_of
from tests.provisioner.documents.samples import LETTERS, OFFICE, receipt_facts


def receipts() -> Receipts:
    return Receipts(Renderer(LETTERS), OFFICE)


def test_it_says_numbers_and_codes_on_one_page(tmp_path: Path) -> None:
    pdf = receipts().render(receipt_facts())
    text = text_of(pdf, tmp_path)
    assert pages_of(pdf, tmp_path) == 1
    for part in [
        "0012/PSIAK/XI/2026",
        "800/112/417.512/2026",
        "20 November 2026",
        "22 November 2026, 09.15 WIB",
        "7K2M-XQ4T-9RWB-H3PD",
        "K7QM-4T2X",
        "siak.example.go.id/lacak",
        "Kode pengambilan tidak tercetak di lembar ini.",
        "jejak audit 1042-3f9a2-c1188-d077a-b1234",
    ]:
        assert part in text


def test_it_has_no_place_for_the_ticket() -> None:
    names = {field.name for field in dataclasses.fields(ReceiptFacts)}
    assert not {name for name in names if "ticket" in name or "password" in name}


def test_the_printed_address_leaves_out_the_code_in_the_fragment(tmp_path: Path) -> None:
    assert "lacak#" not in text_of(receipts().render(receipt_facts()), tmp_path)


def test_the_same_facts_give_the_same_pdf_a() -> None:
    pdf = receipts().render(receipt_facts())
    assert receipts().render(receipt_facts()) == pdf
    with pikepdf.open(io.BytesIO(pdf)) as file, file.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"


def test_a_qr_code_is_an_svg_drawing_of_its_own_for_each_content() -> None:
    assert qr_svg("A").startswith("<svg")
    assert qr_svg("A") == qr_svg("A")
    assert qr_svg("A") != qr_svg("B")
