"""Every way to tamper with a signed pact is called by its name."""

import io
from dataclasses import dataclass, replace
from datetime import timedelta

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from provisioner.documents.pact import PactDocuments
from provisioner.documents.receipt import Receipts
from provisioner.pact import PactFacts, PactRecord
from provisioner.signing.authority import Holder
from provisioner.signing.pades import PadesSigner
from provisioner.signing.signer import SignatureRefused
from provisioner.signing.verdict import Verdict, VerdictCode
from tests.pdf_changes import with_another_title
from tests.provisioner.documents.samples import (
    APPLICANT,
    FIRST,
    SECOND,
    TEN_YEARS,
    authority,
    pact_documents,
    pact_facts,
    receipt_facts,
    signed_pact,
)

KEY = ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Given:
    documents: PactDocuments
    facts: PactFacts
    half: bytes
    signed: bytes
    record: PactRecord

    def verdict(self, document: bytes) -> Verdict:
        return self.documents.verify(document, self.record)

    def code(self, document: bytes) -> VerdictCode:
        return self.verdict(document).code

    def code_without_record(self, document: bytes) -> VerdictCode:
        return self.documents.verify(document).code


@pytest.fixture(scope="module")
def pact() -> Given:
    documents = pact_documents()
    facts = pact_facts(documents)
    half = documents.sign_as_applicant(documents.prepare(facts), KEY, facts, FIRST)
    signed = documents.sign_as_official(half, facts, SECOND)
    return Given(documents, facts, half, signed, documents.record(signed, facts))


def flipped(document: bytes, offset: int) -> bytes:
    return document[:offset] + bytes([document[offset] ^ 1]) + document[offset + 1 :]


def updated(document: bytes, page_text: bytes = b"BT (tambahan) Tj ET") -> bytes:
    """An editor appended another content stream to page 1 as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(document))
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=page_text)))  # type: ignore[no-untyped-call]
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def test_the_very_file_is_genuine(pact: Given) -> None:
    verdict = pact.verdict(pact.signed)
    assert (verdict.code, verdict.genuine, dict(verdict.data)) == (VerdictCode.GENUINE, True, {})


def test_the_number_for_the_look_up_is_read_from_the_file(pact: Given) -> None:
    assert pact.documents.number_of(pact.signed) == pact.facts.number
    assert pact.documents.number_of(b"junk") is None
    assert pact.documents.number_of(blank_pdf()) is None


def test_without_a_record_good_signatures_are_said_to_be_just_that(pact: Given) -> None:
    verdict = pact.documents.verify(pact.signed)
    assert verdict.code is VerdictCode.NO_RECORD
    assert not verdict.genuine
    assert verdict.data == {"number": pact.facts.number}


@pytest.mark.parametrize("junk", [b"\0", b"\n", b"junk after the end" * 50, b"%%EOF"])
def test_bytes_after_the_end_are_called_so(pact: Given, junk: bytes) -> None:
    for verdict in (pact.verdict(pact.signed + junk), pact.documents.verify(pact.signed + junk)):
        assert verdict.code is VerdictCode.APPENDED
        assert verdict.data == {"bytes": len(junk), "where": "after"}


def test_bytes_before_the_beginning_are_called_so(pact: Given) -> None:
    verdict = pact.verdict(b"junk\n" + pact.signed)
    assert verdict.code is VerdictCode.APPENDED
    assert verdict.data == {"bytes": 5, "where": "before"}


def test_an_update_after_signing_is_called_so(pact: Given) -> None:
    document = updated(pact.signed)
    for verdict in (pact.verdict(document), pact.documents.verify(document)):
        assert verdict.code is VerdictCode.UPDATED
        assert verdict.data == {"bytes": len(document) - len(pact.signed)}


def test_another_title_after_signing_is_an_update_and_no_validation_data(pact: Given) -> None:
    """pyHanko calls it harmless, because no page looks different."""
    document = with_another_title(pact.signed)
    for verdict in (pact.verdict(document), pact.documents.verify(document)):
        assert verdict.code is VerdictCode.UPDATED
        assert verdict.data == {"bytes": len(document) - len(pact.signed)}


def test_a_change_that_the_applicant_signed_breaks_both(pact: Given) -> None:
    offset = pact.signed.index(b"/Title") + 1
    for verdict in (pact.verdict(flipped(pact.signed, offset)), pact.documents.verify(flipped(pact.signed, offset))):
        assert verdict.code is VerdictCode.CHANGED
        assert verdict.data == {"fields": ["Pemohon", "Pejabat"], "readable": True}


def test_a_change_that_only_the_official_signed_breaks_theirs_alone(pact: Given) -> None:
    offset = pact.signed.index(b"/Reason", len(pact.half)) + 12
    verdict = pact.verdict(flipped(pact.signed, offset))
    assert verdict.code is VerdictCode.CHANGED
    assert verdict.data["fields"] == ["Pejabat"]


def test_text_put_in_between_the_two_signatures_is_noticed(pact: Given) -> None:
    """The official's own office could do that: both signatures are right, but not over the same pact."""
    with pytest.raises(SignatureRefused):
        pact.documents.sign_as_official(updated(pact.half), pact.facts, SECOND)
    document = sign_regardless(pact, updated(pact.half))
    verdict = pact.verdict(document)
    assert verdict.code is VerdictCode.CHANGED
    assert verdict.data == {"fields": ["Pemohon"], "readable": True}


def sign_regardless(pact: Given, document: bytes) -> bytes:
    """Sign as an official who does not check."""
    own = pact.documents._authority
    signer = PadesSigner.for_one_signature(own, Holder("Drs. Bambang", "Kasi"), SECOND)
    return signer.sign(document, "Pejabat", stamp=blank_pdf(), reason="", place="", at=SECOND)


@pytest.mark.parametrize("kept", [1 / 4, 1 / 2, 9 / 10, 0.999])
def test_a_missing_end_is_called_so(pact: Given, kept: float) -> None:
    document = pact.signed[: int(len(pact.signed) * kept)]
    assert pact.code(document) is VerdictCode.TRUNCATED


@pytest.mark.parametrize("missing", [1, 10, 1000])
def test_a_missing_end_is_called_so_without_a_record(pact: Given, missing: int) -> None:
    verdict = pact.documents.verify(pact.signed[:-missing])
    assert verdict.code is VerdictCode.TRUNCATED
    assert verdict.data == {"bytes": missing}


def test_one_signature_alone_is_incomplete(pact: Given) -> None:
    for verdict in (pact.verdict(pact.half), pact.documents.verify(pact.half)):
        assert verdict.code is VerdictCode.INCOMPLETE
        assert verdict.data == {"fields": ["Pejabat"]}


def test_a_pact_nobody_signed_is_unsigned(pact: Given) -> None:
    assert pact.code(pact.documents.prepare(pact.facts)) is VerdictCode.UNSIGNED


def test_saving_it_anew_in_another_program_breaks_the_signatures(pact: Given) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pact.signed)) as file:
        file.save(out)
    assert pact.code(out.getvalue()) in (VerdictCode.CHANGED, VerdictCode.TRUNCATED, VerdictCode.UNSIGNED)
    assert not pact.verdict(out.getvalue()).genuine


def test_another_office_s_certificate_is_foreign(pact: Given) -> None:
    other = pact_documents(authority("Dinas Kependudukan Kabupaten Lain"))
    verdict = pact.verdict(signed_pact(other, pact.facts))
    assert verdict.code is VerdictCode.FOREIGN_CERTIFICATE
    assert verdict.data["organisation"] == "Dinas Kependudukan Kabupaten Lain"
    assert verdict.data["imitates"] is False


def test_a_stranger_who_calls_themselves_us_is_foreign_and_imitates(pact: Given) -> None:
    forger = pact_documents(authority())
    for verdict in (
        pact.verdict(signed_pact(forger, pact.facts)),
        pact.documents.verify(signed_pact(forger, pact.facts)),
    ):
        assert verdict.code is VerdictCode.FOREIGN_CERTIFICATE
        assert verdict.data["imitates"] is True


@pytest.mark.parametrize(
    ("wrong", "outside"), [(-timedelta(days=1), "not-yet"), (TEN_YEARS + timedelta(days=1), "no-longer")]
)
def test_a_certificate_not_yet_or_no_longer_valid_is_called_so(pact: Given, wrong: timedelta, outside: str) -> None:
    signer = PadesSigner.for_one_signature(pact.documents._authority, Holder("Drs. Bambang", "Kasi"), SECOND)
    document = signer.sign(pact.half, "Pejabat", stamp=blank_pdf(), reason="", place="", at=SECOND + wrong)
    for verdict in (pact.verdict(document), pact.documents.verify(document)):
        assert verdict.code is VerdictCode.CERTIFICATE_TIME
        assert verdict.data["outside"] == outside
        assert verdict.data["holder"] == "Drs. Bambang (Kasi)"


def test_a_stranger_s_certificate_is_foreign_whatever_its_time(pact: Given) -> None:
    signer = PadesSigner.for_one_signature(authority("Dinas Lain"), Holder("Drs. Bambang", "Kasi"), SECOND)
    early = SECOND - timedelta(days=1)
    document = signer.sign(pact.half, "Pejabat", stamp=blank_pdf(), reason="", place="", at=early)
    assert pact.code(document) is VerdictCode.FOREIGN_CERTIFICATE


def test_another_good_pact_of_ours_is_another_pact(pact: Given) -> None:
    other = pact_facts(pact.documents, number="0008/PI-SIAK/XI/2026", applicant=replace(APPLICANT, name="Budi"))
    verdict = pact.verdict(signed_pact(pact.documents, other))
    assert verdict.code is VerdictCode.OTHER_PACT
    assert verdict.data == {"number": "0008/PI-SIAK/XI/2026"}


def test_the_same_number_made_anew_is_another_version(pact: Given) -> None:
    verdict = pact.verdict(signed_pact(pact.documents, replace(pact.facts, role="Verifikator")))
    assert verdict.code is VerdictCode.OTHER_VERSION


def test_an_applicant_cannot_sign_for_the_official(pact: Given) -> None:
    """They keep a key that our authority certified: the ticket's."""
    signer = PadesSigner(pact.documents._authority, KEY, Holder(APPLICANT.name, "Pemohon"), FIRST)
    forged = signer.sign(pact.half, "Pejabat", stamp=blank_pdf(), reason="", place="", at=SECOND)
    for verdict in (pact.verdict(forged), pact.documents.verify(forged)):
        assert verdict.code is VerdictCode.WRONG_SIGNER
        assert verdict.data["field"] == "Pejabat"


def test_a_pact_of_a_former_authority_stays_genuine(pact: Given) -> None:
    former = pact.documents._authority.certificate_pem()
    later = pact_documents()
    assert later.verify(pact.signed, pact.record).code is VerdictCode.GENUINE_UNPROVEN
    trusting = PactDocuments(later._renderer, later._authority, later._office, later.text, trusted=[former])
    assert trusting.verify(pact.signed, pact.record).genuine


def test_a_record_that_names_other_certificates_proves_nothing(pact: Given) -> None:
    wrong = replace(pact.record, applicant_certificate="0" * 64)
    assert pact.documents.verify(pact.signed, wrong).code is VerdictCode.GENUINE_UNPROVEN


@pytest.mark.parametrize("document", [b"", b"junk", b"PK\x03\x04", "pakta".encode("utf-16")])
def test_what_is_no_pdf_is_called_so(pact: Given, document: bytes) -> None:
    assert pact.code(document) is VerdictCode.NOT_PDF
    assert pact.code_without_record(document) is VerdictCode.NOT_PDF


@pytest.mark.parametrize("code", list(VerdictCode))
def test_every_code_is_a_stable_word(code: VerdictCode) -> None:
    assert code.value.replace("-", "").isalpha()
    assert code.value.islower()


def test_some_other_pdf_is_not_ours(pact: Given) -> None:
    receipt = Receipts(pact.documents._renderer, pact.documents._office).render(receipt_facts())
    for document in (blank_pdf(), receipt, b"%PDF-1.7\njunk"):
        assert pact.code_without_record(document) is VerdictCode.NOT_OURS


@pytest.mark.no_cover  # What it runs through is counted elsewhere; here only repetition would cost.
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_single_changed_byte_passes_with_or_without_a_record(pact: Given, data: st.DataObject) -> None:
    document = flipped(pact.signed, data.draw(st.integers(0, len(pact.signed) - 1)))
    assert pact.code(document) not in (VerdictCode.GENUINE, VerdictCode.GENUINE_UNPROVEN)


def blank_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as file:
        file.add_blank_page(page_size=(100, 100))
        file.save(out)
    assert PdfFileReader(io.BytesIO(out.getvalue())).embedded_signatures == []
    return out.getvalue()
