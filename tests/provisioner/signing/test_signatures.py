"""Both sign, in order, and both signatures hold."""

import io
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader

from provisioner.documents.pact import PactDocuments
from provisioner.pact import Authentication, PactFacts
from provisioner.signing.authority import Holder
from provisioner.signing.pades import PadesSigner
from provisioner.signing.signer import SignatureField, SignatureRefused, Signer
from tests.provisioner.documents.poppler import signatures_of, text_of
from tests.provisioner.documents.samples import (
    APPLICANT,
    FIRST,
    OFFICIAL,
    SECOND,
    authority,
    pact_documents,
    pact_facts,
    signed_pact,
)

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def documents() -> PactDocuments:
    return pact_documents()


@pytest.fixture(scope="module")
def facts(documents: PactDocuments) -> PactFacts:
    return pact_facts(documents)


@pytest.fixture(scope="module")
def prepared(documents: PactDocuments, facts: PactFacts) -> bytes:
    return documents.prepare(facts)


@pytest.fixture(scope="module")
def half(documents: PactDocuments, facts: PactFacts, prepared: bytes) -> bytes:
    return documents.sign_as_applicant(prepared, KEY, facts, FIRST)


@pytest.fixture(scope="module")
def signed(documents: PactDocuments, facts: PactFacts, half: bytes) -> bytes:
    return documents.sign_as_official(half, facts, SECOND)


def code_of(refusal: pytest.ExceptionInfo[SignatureRefused]) -> str:
    return refusal.value.code


def test_both_signatures_hold_after_both_have_signed(documents: PactDocuments, signed: bytes, facts: PactFacts) -> None:
    verdict = documents.verify(signed, documents.record(signed, facts))
    assert verdict.genuine
    assert [one.field for one in verdict.signatures] == ["Pemohon", "Pejabat"]
    assert all(one.intact and one.trusted and not one.tampered_after for one in verdict.signatures)
    assert [one.claimed_at for one in verdict.signatures] == [FIRST, SECOND]


def test_a_signature_that_needs_more_room_than_usual_gets_it(
    documents: PactDocuments, facts: PactFacts, half: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.signing.pades._USUAL_CMS_BYTES", 1000)
    signed = documents.sign_as_official(half, facts, SECOND)
    assert documents.verify(signed, documents.record(signed, facts)).genuine


def test_poppler_finds_both_signatures_valid(signed: bytes, tmp_path: Path) -> None:
    assert signatures_of(signed, tmp_path) == ["Signature is Valid."] * 2


def test_signing_only_appends(prepared: bytes, half: bytes, signed: bytes) -> None:
    assert half.startswith(prepared)
    assert signed.startswith(half)


def test_the_signatures_are_pades_with_ecdsa_p256(signed: bytes) -> None:
    for one in PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures:
        assert one.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
        assert one.sig_object["/Reason"] == "Pakta Integritas 0007/PI-SIAK/XI/2026"
        assert one.signer_info["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"
        names = {attribute["type"].native for attribute in one.signer_info["signed_attrs"]}
        assert "signing_certificate_v2" in names
        assert "signing_time" not in names  # PAdES claims the time in the PDF's dictionary instead.
        assert one.signer_cert.public_key.curve == ("named", "secp256r1")


def test_the_applicant_signs_with_the_ticket_s_key(signed: bytes) -> None:
    one, two = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    numbers = KEY.public_key().public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
    assert one.signer_cert.public_key["public_key"].native == point
    assert two.signer_cert.public_key["public_key"].native != point


def test_the_official_s_key_is_another_one_each_time(documents: PactDocuments, half: bytes, facts: PactFacts) -> None:
    found = {
        documents.record(documents.sign_as_official(half, facts, SECOND), facts).official_certificate for _ in range(3)
    }
    assert len(found) == 3


def test_the_applicant_s_signature_is_the_same_for_the_same_input(
    documents: PactDocuments, prepared: bytes, half: bytes, facts: PactFacts
) -> None:
    assert documents.sign_as_applicant(prepared, KEY, facts, FIRST) == half


def test_each_stamp_says_who_in_which_capacity_when_and_how_proved(signed: bytes, tmp_path: Path) -> None:
    text = text_of(signed, tmp_path)
    assert text.count("Ditandatangani secara elektronik oleh") == 2
    assert text.count(APPLICANT.name) >= 2
    assert text.count(OFFICIAL.name) >= 2
    for part in [
        "22 November 2026, 14.30 WIB",
        "22 November 2026, 14.41 WIB",
        "kode pengambilan · sertifikat",
        "kata sandi dan kode verifikasi · sertifikat",
    ]:
        assert part in text


def test_an_official_without_a_second_factor_is_stamped_so(
    documents: PactDocuments, half: bytes, facts: PactFacts, tmp_path: Path
) -> None:
    weak = replace(facts, authentication=Authentication.PASSWORD)
    assert "kata sandi · sertifikat" in text_of(documents.sign_as_official(half, weak, SECOND), tmp_path)


def test_the_official_cannot_sign_first(documents: PactDocuments, prepared: bytes, facts: PactFacts) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_official(prepared, facts, SECOND)
    assert code_of(refusal) == "signature-applicant-first"


def test_nobody_signs_twice(documents: PactDocuments, half: bytes, signed: bytes, facts: PactFacts) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_applicant(half, KEY, facts, SECOND)
    assert code_of(refusal) == "signature-done"
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_official(signed, facts, SECOND)
    assert code_of(refusal) == "signature-done"
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_applicant(signed, KEY, facts, SECOND)
    assert code_of(refusal) == "signature-done"


def test_the_official_does_not_sign_a_changed_pact(documents: PactDocuments, half: bytes, facts: PactFacts) -> None:
    changed = half.replace(b"/Title", b"/Titlo", 1)
    for document in (changed, half + b"%junk"):
        with pytest.raises(SignatureRefused) as refusal:
            documents.sign_as_official(document, facts, SECOND)
        assert code_of(refusal) == "signature-document-changed"


def test_the_official_does_not_sign_what_a_stranger_s_authority_certified(
    documents: PactDocuments, facts: PactFacts
) -> None:
    stranger = pact_documents(authority())
    theirs = stranger.sign_as_applicant(stranger.prepare(facts), KEY, facts, FIRST)
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_official(theirs, facts, SECOND)
    assert code_of(refusal) == "signature-document-changed"


def test_a_pact_is_signed_only_for_its_own_facts(documents: PactDocuments, prepared: bytes, half: bytes) -> None:
    other = pact_facts(documents, number="0008/PI-SIAK/XI/2026")
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_applicant(prepared, KEY, other, FIRST)
    assert code_of(refusal) == "signature-wrong-document"
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_official(half, other, SECOND)
    assert code_of(refusal) == "signature-wrong-document"


@pytest.mark.parametrize("junk", [b"", b"junk", b"%PDF-1.7\n%%EOF"])
def test_what_is_no_pdf_is_not_signed(documents: PactDocuments, facts: PactFacts, junk: bytes) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        documents.sign_as_applicant(junk, KEY, facts, FIRST)
    assert code_of(refusal) == "signature-no-pdf"


def test_the_signer_itself_refuses_missing_and_filled_fields(prepared: bytes, half: bytes) -> None:
    signer: Signer = PadesSigner.for_one_signature(authority(), Holder("Budi", "Saksi"), FIRST)
    for pdf, field, code in [
        (prepared, "Saksi", "signature-no-field"),
        (half, SignatureField.APPLICANT.value, "signature-done"),
        (b"junk", "Saksi", "signature-no-pdf"),
    ]:
        with pytest.raises(SignatureRefused) as refusal:
            signer.sign(pdf, field, stamp=prepared, reason="", place="", at=FIRST)
        assert code_of(refusal) == code


def test_the_official_must_have_proved_who_they_are(documents: PactDocuments, half: bytes, facts: PactFacts) -> None:
    with pytest.raises(ValueError, match="proved"):
        documents.sign_as_official(half, replace(facts, authentication=None), SECOND)


def test_only_a_whole_pact_signed_by_both_is_recorded(
    documents: PactDocuments, prepared: bytes, half: bytes, signed: bytes, facts: PactFacts
) -> None:
    for document in (prepared, half, signed + b"\n"):
        with pytest.raises(SignatureRefused) as refusal:
            documents.record(document, facts)
        assert code_of(refusal) == "signature-document-changed"


def test_signing_and_verifying_touch_no_network(
    documents: PactDocuments, facts: PactFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: socket.socket, address: object) -> None:
        raise AssertionError(f"a connection to {address} was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    pdf = signed_pact(documents, facts)
    assert documents.verify(pdf, documents.record(pdf, facts)).genuine
