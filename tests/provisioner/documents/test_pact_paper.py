"""The pact on paper: what it says, for whom, and that it stays a PDF/A through both signatures."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest

from provisioner.documents.pact import PactDocuments
from provisioner.pact import Acting, ActingKind, PactText
from provisioner.signing.signer import SignatureRefused
from tests.provisioner.documents.poppler import fonts_of, pages_of, text_of
from tests.provisioner.documents.samples import APPLICANT, CONFIG, OFFICIAL, pact_documents, pact_facts, signed_pact

LONGEST = "Raden Ajeng " + "Kusumawardhaningrum " * 3


@pytest.fixture(scope="module")
def documents() -> PactDocuments:
    return pact_documents()


def test_the_pact_says_everything_that_is_frozen_in_it(documents: PactDocuments, tmp_path: Path) -> None:
    text = text_of(documents.prepare(pact_facts(documents)), tmp_path)
    for part in [
        "PAKTA INTEGRITAS",
        "Nomor: 0007/PI-SIAK/XI/2026",
        "0012/PSIAK/XI/2026",
        APPLICANT.name,
        "3576**********01",
        "19900512 201503 2 004",
        "Penata Muda (III/a)",
        "siti.rahmawati",
        "sampai dengan 31 Desember 2027",
        "Mengetahui/Menyaksikan,",
        "Mojokerto, 22 November 2026",
        OFFICIAL.name,
        "K7QM-4T2X",
        "urutan 18.342",
        "9f2c" * 16,
        "Tanda tangan elektronik tidak tersertifikasi (PP 71/2019 Pasal 60)",
        "yang dibuktikan",
        "yang tidak dibuktikan",
        "siak.example.go.id/verifikasi",
    ]:
        assert part in text


def test_every_clause_stands_in_it(documents: PactDocuments, tmp_path: Path) -> None:
    text = text_of(documents.prepare(pact_facts(documents)), tmp_path)
    clauses = PactText.load(CONFIG / "pact.toml").clauses
    assert len(clauses) == 9
    for number, clause in enumerate(clauses, 1):
        assert f"{number}. {clause}" in text


def test_a_text_nobody_approved_is_called_a_draft(documents: PactDocuments, tmp_path: Path) -> None:
    assert "Naskah ini masih konsep." in text_of(documents.prepare(pact_facts(documents)), tmp_path)


def test_it_takes_two_pages_and_both_signatures_stand_on_the_first(documents: PactDocuments, tmp_path: Path) -> None:
    pdf = documents.prepare(pact_facts(documents))
    assert pages_of(pdf, tmp_path) == 2
    with pikepdf.open(io.BytesIO(pdf)) as file:
        names = [str(field.T) for field in file.Root.AcroForm.Fields]
        on_first = [str(one.T) for one in file.pages[0].Annots if one.get("/FT") == "/Sig"]
        assert names == ["Pemohon", "Pejabat"]
        assert sorted(on_first) == ["Pejabat", "Pemohon"]


def test_the_same_facts_give_the_same_bytes(documents: PactDocuments) -> None:
    facts = pact_facts(documents)
    assert documents.prepare(facts) == documents.prepare(facts)


@pytest.mark.parametrize(
    "name",
    [
        "#set page(fill: red) Budi",
        "$ integral $",
        '*Budi* _S_ @ref "q" \\',
        "Łukasz Žižek, S.Kom.",
        LONGEST[:60],
        "Drs. H. " + LONGEST[:60] + ", S.Kom., M.Si., Ph.D.",
    ],
)
def test_any_name_is_printed_and_signed_as_it_is(documents: PactDocuments, tmp_path: Path, name: str) -> None:
    facts = pact_facts(documents, applicant=replace(APPLICANT, name=name), official=replace(OFFICIAL, name=name))
    pdf = signed_pact(documents, facts)
    found = documents.verify(pdf, documents.record(pdf, facts))
    assert found.genuine
    assert pages_of(pdf, tmp_path) == 2
    assert "".join(text_of(pdf, tmp_path).split()).count("".join(name.split())) >= 2


@pytest.mark.parametrize(
    ("official", "lines"),
    [
        (
            replace(
                OFFICIAL,
                acting=Acting(ActingKind.PLT, "Kepala Seksi Identitas Penduduk", "800/77/2026", date(2026, 11, 2)),
            ),
            ["Plt. Kepala Seksi", "Kepala Seksi Identitas Penduduk", "Surat perintah 800/77/2026, 2 November 2026"],
        ),
        (
            replace(OFFICIAL, acting=Acting(ActingKind.PLH, "Analis Kebijakan", "800/78/2026", date(2026, 11, 3))),
            ["Plh. Kepala Seksi", "Analis Kebijakan", "Surat perintah 800/78/2026"],
        ),
        (replace(OFFICIAL, on_behalf_of=("Kepala Bidang",)), ["a.n. Kepala Bidang"]),
        (replace(OFFICIAL, on_behalf_of=("Kepala Dinas", "Kepala Bidang")), ["a.n. Kepala Dinas", "u.b."]),
    ],
)
def test_the_official_signs_in_the_office_s_forms(
    documents: PactDocuments, tmp_path: Path, official: object, lines: list[str]
) -> None:
    text = text_of(documents.prepare(pact_facts(documents, official=official)), tmp_path)
    for line in lines:
        assert line in text


def test_what_is_unknown_is_left_out(documents: PactDocuments, tmp_path: Path) -> None:
    applicant = replace(APPLICANT, staff_number="", rank="", employment="Non-ASN")
    facts = pact_facts(documents, applicant=applicant, username="", valid_until=None)
    text = text_of(documents.prepare(facts), tmp_path)
    for label in ["Masa berlaku", "Nama pengguna :", "Pangkat/Golongan"]:
        assert label not in text


@pytest.mark.parametrize("change", [{"text_revision": "2019-1"}, {"template_revision": "000000000000"}])
def test_a_pact_of_another_revision_is_not_made_with_this_one(
    documents: PactDocuments, change: dict[str, object]
) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        documents.prepare(pact_facts(documents, **change))
    assert refusal.value.code == "signature-wrong-document"


def test_the_signed_pact_is_still_a_pdf_a(documents: PactDocuments, tmp_path: Path) -> None:
    pdf = signed_pact(documents, pact_facts(documents))
    with pikepdf.open(io.BytesIO(pdf)) as file:
        with file.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"
        assert "/NeedAppearances" not in file.Root.AcroForm
        for page in file.pages:
            for annotation in page.get("/Annots", []):
                assert "/AP" in annotation or annotation.Subtype == "/Link"
                assert int(annotation.F) & 0b100  # Printed.
                assert not int(annotation.F) & 0b100011  # Neither invisible, nor hidden, nor without view.
        assert str(file.docinfo["/CreationDate"]).startswith("D:20261122120000")
    assert file_has_no_script(pdf)
    fonts = fonts_of(pdf, tmp_path)
    assert len(fonts) >= 6
    assert all(font.embedded for font in fonts)


def test_a_pact_waiting_for_its_signatures_is_a_pdf_a_too(documents: PactDocuments) -> None:
    with pikepdf.open(io.BytesIO(documents.prepare(pact_facts(documents)))) as file:
        fields = [one for one in file.pages[0].Annots if one.get("/FT") == "/Sig"]
        assert len(fields) == 2
        assert all("/N" in field.AP for field in fields)


def file_has_no_script(pdf: bytes) -> bool:
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return not any(
            key in one
            for one in file.objects
            if isinstance(one, pikepdf.Dictionary)
            for key in ("/JS", "/JavaScript", "/Launch", "/EmbeddedFile")
        )
