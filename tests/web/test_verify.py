"""Anybody may ask whether a pact is genuine; what was changed is said plainly."""

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from provisioner.documents.changed_parts import Change, Part
from provisioner.documents.comparison import Comparison, Difference
from provisioner.paper import PaperKind
from provisioner.provisioning.pact_facts import pact_mark
from provisioner.provisioning.paper_facts.shown import ON_PAPER_ONLY, SHOWN
from provisioner.provisioning.verification_answer import Standing
from provisioner.signing.verdict import Verdict, VerdictCode
from provisioner.store.tables import AccountRow, LetterRow
from tests.pdf_changes import page_with_code, with_broken_table
from tests.web.walking import BIO, Browser, Desks
from web.catalog import LANGUAGES
from web.paper_verdicts import KINDS, LABELS, ON_PAPER, STANDINGS, change_words, comparison_words
from web.verdicts import VERDICTS, verdict_words

DATA: dict[str, object] = {
    "number": "0001/PI-SIAK/VI/2026",
    "bytes": 12,
    "where": "after",
    "fields": ["Pemohon"],
    "field": "Pejabat",
    "holder": "Siti",
    "organisation": "Dinas",
    "issuer": "CA",
}


def _signed(app: Flask) -> tuple[Browser, str, bytes]:
    browser, desks = Browser(app), Desks(app.extensions["provisioner"])
    browser.apply()
    desks.to_handover(browser)
    number, document = desks.core.pacts.own_document(desks.request_of(browser))
    return browser, number, document


def _upload(browser: Browser, document: bytes, **more: str) -> TestResponse:
    data = {"file": (io.BytesIO(document), "pakta.pdf"), **more}
    return browser.post("/verifikasi/berkas", data, content_type="multipart/form-data")


def test_the_number_in_the_drawing_leads_to_what_the_office_says(app: Flask) -> None:
    _, number, _ = _signed(app)
    visitor = Browser(app)
    counted_up = visitor.get(f"/verifikasi/{number}")
    assert "ditandatangani lengkap" in counted_up.text
    assert "Siti Aminah" not in counted_up.text
    mark = pact_mark(app.extensions["provisioner"].context.keyring, number)
    page = visitor.get(f"/verifikasi/{number}?tanda={mark}")
    assert page.status_code == 200
    assert "ditandatangani lengkap" in page.text
    assert "Siti Aminah" in page.text
    assert "3576014708900001" not in page.text
    assert "tidak tersertifikasi" in page.text
    assert visitor.post("/verifikasi/nomor", {"nomor": number}).location == f"/verifikasi/{number}"


def test_an_unknown_number_is_not_called_a_pact(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.get("/verifikasi/9999/PI-SIAK/I/2020")
    assert answer.status_code == 404
    assert "Jangan dipakai sebelum dipastikan" in answer.text
    assert browser.post("/verifikasi/nomor", {"nomor": " "}).status_code == 422


def test_a_pact_that_is_not_fully_signed_is_not_confirmed(app: Flask) -> None:
    browser, desks = Browser(app), Desks(app.extensions["provisioner"])
    browser.apply()
    desks.to_pact(browser)
    number, _ = desks.core.pacts.own_document(desks.request_of(browser))
    assert browser.get(f"/verifikasi/{number}").status_code == 404


def test_uploads_are_judged_in_plain_words(app: Flask) -> None:
    browser, number, document = _signed(app)
    genuine = _upload(browser, document).text
    assert "Asli dan utuh" in genuine
    assert number in genuine
    cases = {
        document.replace(b"/Title", b"/Titel", 1): "Isinya diubah",
        document + b"junk": "Ada data asing yang ditambahkan",
        document[:-300]: "Berkas terpotong",
        b"no pdf at all": "Bukan berkas PDF",
        b"PK\x03\x04" + bytes(500): "Isinya arsip ZIP",
        with_broken_table(document): "berbeda, yang pertama bita ke-",
    }
    for changed, says in cases.items():
        page = _upload(browser, changed)
        assert page.status_code == 200
        assert says in page.text
        assert "Yang aman dilakukan:" in page.text
        assert "Asli dan utuh" not in page.text


def test_no_file_is_told_at_its_field(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.post("/verifikasi/berkas", {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Pilih berkasnya lebih dahulu" in answer.text
    assert _upload(browser, b"").status_code == 422


def test_the_code_of_a_paper_leads_to_its_page_which_nobody_lists_or_stores(app: Flask) -> None:
    browser, core = Browser(app).apply(), app.extensions["provisioner"]
    letter = Desks(core).at_letter(browser, "head")[1]
    with core.context.store.begin() as session:
        session.execute(update(LetterRow).values(letter_date=date(2026, 6, 5)))
    paper = core.papers.make(PaperKind.REQUEST_LETTER, letter)
    page = Browser(app).get(f"/v/{paper.code}")
    assert page.status_code == 200
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "lembar yang terbaru" in page.text
    assert "Siti Aminah" in page.text
    assert BIO["nik"] not in page.text
    document = core.papers.bytes_of(paper)
    assert "bita demi bita" in _upload(browser, document, kode=paper.code).text
    changed = _upload(browser, document + b"junk", kode=paper.code).text
    assert "ada 4 bita yang ditambahkan" in changed
    assert "Berubah" in changed


def test_a_drawing_that_leads_elsewhere_and_a_receipt_are_called_what_they_are(app: Flask) -> None:
    browser, number, _ = _signed(app)
    mark = pact_mark(app.extensions["provisioner"].context.keyring, number)
    elsewhere = _upload(browser, page_with_code(f"https://siak-palsu.example/verifikasi/{number}?tanda={mark}")).text
    for part in (
        'class="verdict bad"',
        "mengarah ke alamat lain (siak-palsu.example)",
        "Jangan buka alamat dari kode QR itu",
        "Siti Aminah",
    ):
        assert part in elsewhere
    assert 'href="https://siak-palsu' not in elsewhere
    receipt = _upload(browser, page_with_code("http://localhost/lacak#AAAA-BBBB-CCCC-DDDD")).text
    for part in ("Tanda terima, bukan naskah", 'href="/lacak"'):
        assert part in receipt
    assert "AAAA-BBBB" not in receipt


def test_a_pact_whose_account_ended_is_not_called_complete_by_its_number(app: Flask) -> None:
    browser, number, _ = _signed(app)
    with app.extensions["provisioner"].context.store.begin() as session:
        session.execute(update(AccountRow).values(state="revoked"))
    page = browser.get(f"/verifikasi/{number}").text
    assert "sudah dicabut atau habis masanya" in page
    assert "ditandatangani lengkap" not in page


def test_an_unknown_code_is_told_no_more_than_that(app: Flask) -> None:
    answer = Browser(app).get("/v/abcdefghijklmnop")
    assert answer.status_code == 404
    assert "tidak mengenal naskah dengan kode itu" in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_of_a_paper_has_words_with_nothing_left_to_fill(app: Flask, language: str) -> None:
    assert (set(STANDINGS), set(KINDS)) == (set(Standing), set(PaperKind))
    assert set(LABELS) >= {each.label for lines in SHOWN.values() for each in lines}
    assert (set(SHOWN), set(ON_PAPER_ONLY)) == (set(PaperKind), set(PaperKind))
    assert set(ON_PAPER) == {each for names in ON_PAPER_ONLY.values() for each in names}
    with app.test_request_context(f"/?lang={language}"):
        for how in Difference:
            for part in Part:
                data: dict[str, object] = {"bytes": 1, "position": 2, "part": part, "differing": [1], "pages": 2}
                words = comparison_words(Comparison(how, 0, data)) + change_words(Change(part, 1, "Pemohon"))
                assert "%(" not in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_words_with_nothing_left_to_fill(app: Flask, language: str) -> None:
    assert set(VERDICTS) == set(VerdictCode)
    with app.test_request_context(f"/?lang={language}"):
        for code in VerdictCode:
            for data in (DATA, {}):
                words = verdict_words(Verdict(code, data))
                assert words.kind == "ok" or code is not VerdictCode.GENUINE
                assert "%(" not in f"{words.title}{words.found}{words.safe}"


def test_the_form_says_what_the_signature_is_in_law(client: FlaskClient) -> None:
    assert "tanda tangan elektronik tidak tersertifikasi" in client.get("/verifikasi").text
