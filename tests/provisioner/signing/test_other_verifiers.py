"""What pdfsig and pyHanko's own command say of the same files, held against our verdict and the table in the docs."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.documents.pact import PactDocuments
from provisioner.pact import PactRecord
from provisioner.signing.authority import Authority, Holder
from provisioner.signing.pades import PadesSigner
from provisioner.signing.verdict import VerdictCode
from tests.pdf_changes import (
    flipped,
    only_named,
    saved_anew,
    with_another_field_value,
    with_another_title,
    with_broken_table,
    with_more_on_a_page,
    with_note,
    with_one_page_more,
)
from tests.provisioner.documents.samples import (
    APPLICANT,
    FIRST,
    FOUNDED,
    OFFICIAL,
    SECOND,
    authority,
    pact_documents,
    pact_facts,
    signed_pact,
)
from tests.provisioner.signing.other_verifiers import pdfsig, pyhanko

DOCS = Path(__file__).parents[3] / "docs" / "audit.md"
HEAD = "| berkas | layanan ini | pdfsig | pyHanko |\n| --- | --- | --- | --- |\n"
DAY = timedelta(days=1)


class Files:
    """One pact, and everything that was done to it, by its name in the docs."""

    def __init__(self) -> None:
        self.own = authority()
        self.documents = pact_documents(self.own)
        self.facts = pact_facts(self.documents)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.half = self.documents.sign_as_applicant(self.documents.prepare(self.facts), self.key, self.facts, FIRST)
        self.signed = self.documents.sign_as_official(self.half, self.facts, SECOND)
        self.record: PactRecord = self.documents.record(self.signed, self.facts)

    def all(self) -> Mapping[str, bytes]:
        pact, half = self.signed, self.half
        return {
            "pakta asli, dua tanda tangan": pact,
            "baru pemohon yang menandatangani": half,
            "satu bita diubah di isi halaman": flipped(pact, in_page(pact)),
            "satu bita diubah di tanda tangan pemohon": with_wrong_signature(pact),
            "satu bita diubah di bagian pejabat": flipped(pact, pact.index(b"/Reason", len(half)) + 12),
            "satu bita diubah di tabel rujukan terakhir": flipped(pact, pact.rindex(b"xref\n", 0, -30) + 12),
            "alamat tabel rujukan dirusak": with_broken_table(pact),
            "empat bita ditempelkan di belakang": pact + b"junk",
            "ujungnya terpotong": pact[:-300],
            "catatan ditempelkan di atas halaman (pembaruan bertahap)": with_note(pact),
            "halaman ditambahkan (pembaruan bertahap)": with_one_page_more(pact),
            "isian formulir diubah (pembaruan bertahap)": with_another_field_value(pact, "Pejabat"),
            "judul berkas diubah (pembaruan bertahap)": with_another_title(pact),
            "teks disisipkan di antara dua tanda tangan": self.signed_by(self.own, with_more_on_a_page(half)),
            "disimpan ulang oleh program lain": saved_anew(pact),
            "pakta sah kantor lain": self._of(authority("Dinas Kependudukan Kabupaten Lain")),
            "pemohon menandatangani tempat pejabat": self._by_applicant(),
            "sertifikat belum berlaku saat menandatangani": self.signed_by(self.own, half, certified=SECOND + DAY),
            "PDF lain tanpa tanda tangan": only_named(""),
        }

    def _of(self, other: Authority) -> bytes:
        documents: PactDocuments = pact_documents(other)
        return signed_pact(documents, self.facts)

    def month(self) -> Authority:
        """The same authority, in the days when its certificates lasted a month."""
        return replace(self.own, retention=30 * DAY)

    def signed_by(self, issuer: Authority, document: bytes, certified: object = SECOND) -> bytes:
        holder = Holder(OFFICIAL.name, OFFICIAL.position)
        signer = PadesSigner.for_one_signature(issuer, holder, certified)  # type: ignore[arg-type]
        return signer.sign(document, "Pejabat", stamp=only_named(""), reason="", place="", at=SECOND)

    def _by_applicant(self) -> bytes:
        signer = PadesSigner(self.own, self.key, Holder(APPLICANT.name, "Pemohon"), FIRST)
        return signer.sign(self.half, "Pejabat", stamp=only_named(""), reason="", place="", at=SECOND)


def in_page(document: bytes) -> int:
    """Offset of a byte of what is drawn on page 1."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return document.index(pdf.pages[0].Contents.read_raw_bytes()) + 100


def with_wrong_signature(document: bytes) -> bytes:
    """The last digit of the first signature's value is other."""
    end = document.index(b">", document.index(b"/Contents <"))
    last = len(document[:end].rstrip(b"0")) - 1
    return document[:last] + (b"1" if document[last : last + 1] != b"1" else b"2") + document[last + 1 :]


Opinions = Mapping[str, tuple[VerdictCode, str, str]]


@pytest.fixture(scope="module")
def files() -> Files:
    return Files()


@pytest.fixture(scope="module")
def opinions(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Opinions:
    folder = tmp_path_factory.mktemp("opinions")
    root, file = folder / "root.pem", folder / "file.pdf"
    root.write_bytes(files.own.certificate_pem())
    found: dict[str, tuple[VerdictCode, str, str]] = {}
    for name, content in files.all().items():
        file.write_bytes(content)
        verdict = files.documents.verify(content, files.record)
        found[name] = (verdict.code, pdfsig(file), pyhanko(file, root))
    return found


def test_the_table_in_the_docs_is_what_was_measured(opinions: Opinions) -> None:
    table = HEAD + "".join(f"| {name} | `{ours}` | {one} | {two} |\n" for name, (ours, one, two) in opinions.items())
    assert table in DOCS.read_text(), f"put this into {DOCS.name}:\n{table}"


def test_we_call_genuine_only_what_both_others_accept_to_the_end(opinions: Opinions) -> None:
    genuine = {name: said for name, said in opinions.items() if said[0] is VerdictCode.GENUINE}
    assert list(genuine) == ["pakta asli, dua tanda tangan"]
    assert [said[1:] for said in genuine.values()] == [("sah, sah; sampai akhir berkas", "sah, sah; diterima")]


@pytest.mark.parametrize(
    ("blind", "says"),
    [
        # Poppler 22.12 looks at the signed bytes alone: what is saved on top of them does not make a signature wrong.
        ("catatan ditempelkan di atas halaman (pembaruan bertahap)", "sah, sah; tidak sampai akhir berkas"),
        ("halaman ditambahkan (pembaruan bertahap)", "sah, sah; tidak sampai akhir berkas"),
        ("teks disisipkan di antara dua tanda tangan", "sah, sah; sampai akhir berkas"),
    ],
)
def test_where_pdfsig_is_blind_we_and_pyhanko_are_not(opinions: Opinions, blind: str, says: str) -> None:
    ours, theirs, pyhankos = opinions[blind]
    assert theirs == says
    assert ours in (VerdictCode.UPDATED, VerdictCode.CHANGED)
    assert pyhankos.endswith("ditolak")


def test_a_certificate_outside_its_validity_is_told_from_a_strangers(files: Files, opinions: Opinions) -> None:
    late = files.documents.verify(files.signed_by(files.month(), files.half, certified=FOUNDED))
    assert (late.code, late.data["outside"]) == (VerdictCode.CERTIFICATE_TIME, "no-longer")
    assert opinions["sertifikat belum berlaku saat menandatangani"][0] is VerdictCode.CERTIFICATE_TIME
    assert opinions["pakta sah kantor lain"][0] is VerdictCode.FOREIGN_CERTIFICATE


def test_nothing_of_an_uploaded_file_gets_into_the_log(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    files.documents.verify(with_another_field_value(files.signed, "Pejabat"))
    assert [record.name for record in caplog.records if record.name.startswith("pyhanko")] == []
