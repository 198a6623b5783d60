"""A time-stamp service proves when a pact was signed; what the proof is judged by stays in the file."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore

from provisioner.documents.pact import PactDocuments
from provisioner.documents.renderer import Renderer
from provisioner.pact import PactFacts, PactText
from provisioner.signing.authority import Authority
from provisioner.signing.timestamp import TimeProof, TimestampService, TimestampUnavailable, read_roots
from provisioner.signing.verdict import VerdictCode
from tests.provisioner.documents.poppler import signatures_of, text_of
from tests.provisioner.documents.samples import (
    CONFIG,
    FIRST,
    LETTERS,
    OFFICE,
    SECOND,
    authority,
    pact_facts,
    signed_pact,
)
from tests.servers.timestamps import SERVICE, Mood, TimestampServer, timestamp_server

KEY = ec.generate_private_key(ec.SECP256R1())
OWN = authority()
NOWHERE = "http://127.0.0.1:9/tsa"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampServer]:
    with timestamp_server(tmp_path_factory.mktemp("tsa")) as server:
        yield server


@pytest.fixture
def server(started: TimestampServer) -> TimestampServer:
    started.mood, started.revoked = "good", False
    return started


@pytest.fixture(scope="module")
def stamped(started: TimestampServer) -> tuple[PactDocuments, PactFacts, bytes]:
    started.mood, started.revoked = "good", False
    documents = documents_with(service_of(started))
    facts = pact_facts(documents, time_proof=documents.time_proof)
    return documents, facts, signed_pact(documents, facts, KEY)


def service_of(
    server: TimestampServer, *, needed: bool = True, url: str = "", seconds: float = 0.4
) -> TimestampService:
    return TimestampService(url or server.url, read_roots(server.roots), seconds, needed)


def documents_with(
    service: TimestampService | None, own: Authority = OWN, roots: tuple[bytes, ...] | None = None
) -> PactDocuments:
    trusted = roots if roots is not None else (service.roots if service else ())
    text = PactText.load(CONFIG / "pact.toml")
    return PactDocuments(Renderer(LETTERS), own, OFFICE, text, timestamps=service, timestamp_roots=trusted)


def test_a_time_stamp_proves_both_signatures_times(stamped: tuple[PactDocuments, PactFacts, bytes]) -> None:
    documents, facts, pdf = stamped
    verdict = documents.verify(pdf, documents.record(pdf, facts))
    assert verdict.genuine
    now = datetime.now(UTC)
    for one in verdict.signatures:
        assert one.timestamp is not None
        assert (one.timestamp.service, one.timestamp.trusted) == (SERVICE, True)
        assert now - timedelta(minutes=10) < one.timestamp.at <= now + timedelta(seconds=1)
    assert [one.claimed_at for one in verdict.signatures] == [FIRST, SECOND]


def test_certificates_and_lists_of_revoked_ones_lie_in_the_file(
    stamped: tuple[PactDocuments, PactFacts, bytes],
) -> None:
    _, _, pdf = stamped
    reader = PdfFileReader(io.BytesIO(pdf))
    store = DocumentSecurityStore.read_dss(reader)
    names = {one.subject.native["common_name"] for one in store.load_certs()}
    signers = {one.signer_cert.subject.native["common_name"] for one in reader.embedded_regular_signatures}
    assert names >= {*signers, SERVICE}
    assert len(store.crls) == 2


def test_poppler_finds_both_signatures_valid_with_their_time_stamps(
    stamped: tuple[PactDocuments, PactFacts, bytes], tmp_path: Path
) -> None:
    assert signatures_of(stamped[2], tmp_path) == ["Signature is Valid."] * 2


def test_the_pact_says_that_its_time_is_proven_only_where_it_is(tmp_path: Path) -> None:
    documents = documents_with(None)
    words = {
        proof: text_of(documents.prepare(pact_facts(documents, time_proof=proof)), tmp_path).split()
        for proof in TimeProof
    }
    # The columns stand side by side, so sentences are interwoven; "sendiri" ends the one about what is not proven.
    assert [("stempel" in words[proof], words[proof].count("kecuali")) for proof in TimeProof] == [
        (False, 0),
        (True, 1),
        (True, 0),
    ]
    assert ["sendiri:" in words[proof] or "sendiri," in words[proof] for proof in TimeProof] == [True, True, False]


def test_a_time_stamp_of_an_unknown_service_is_shown_and_not_believed(
    stamped: tuple[PactDocuments, PactFacts, bytes],
) -> None:
    documents, facts, pdf = stamped
    other = documents_with(None, roots=())
    for one in other.verify(pdf, documents.record(pdf, facts)).signatures:
        assert one.timestamp is not None
        assert (one.intact, one.trusted, one.timestamp.trusted) == (True, True, False)


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("refuses", "refused"),
        ("garbage", "refused"),
        ("error", "unreachable"),
        ("slow", "unreachable"),
        ("stale", "refused"),
    ],
)
def test_without_a_usable_answer_nothing_is_signed(server: TimestampServer, mood: Mood, reason: str) -> None:
    documents = documents_with(service_of(server))
    facts = pact_facts(documents, time_proof=documents.time_proof)
    prepared = documents.prepare(facts)
    server.mood = mood
    with pytest.raises(TimestampUnavailable) as refusal:
        documents.sign_as_applicant(prepared, KEY, facts, FIRST)
    assert refusal.value.data == {"reason": reason}


def test_a_service_that_sends_many_certificates_along_finds_room(server: TimestampServer) -> None:
    documents = documents_with(service_of(server, seconds=5))
    facts = pact_facts(documents, time_proof=documents.time_proof)
    prepared, before = documents.prepare(facts), server.questions
    server.send_along(16)
    half = documents.sign_as_applicant(prepared, KEY, facts, FIRST)
    server.send_along(0)
    assert server.questions == before + 2
    (one,) = documents.verify(half).signatures
    assert one.timestamp is not None
    assert one.timestamp.trusted


def test_a_service_that_is_away_refuses_or_not_as_the_setting_says(server: TimestampServer) -> None:
    strict = documents_with(service_of(server, url=NOWHERE))
    lenient = documents_with(service_of(server, url=NOWHERE, needed=False))
    facts = pact_facts(lenient, time_proof=lenient.time_proof)
    prepared = lenient.prepare(facts)
    with pytest.raises(TimestampUnavailable, match="unreachable"):
        strict.sign_as_applicant(prepared, KEY, facts, FIRST)
    signed = signed_pact(lenient, facts, KEY)
    verdict = lenient.verify(signed, lenient.record(signed, facts))
    assert verdict.genuine
    assert [one.timestamp for one in verdict.signatures] == [None, None]


@pytest.mark.parametrize("service", ["none", "lenient"])
def test_a_pact_that_promises_a_proof_is_never_signed_without(server: TimestampServer, service: str) -> None:
    chosen = None if service == "none" else service_of(server, url=NOWHERE, needed=False)
    documents = documents_with(chosen)
    facts = pact_facts(documents, time_proof=TimeProof.ALWAYS)
    with pytest.raises(TimestampUnavailable):
        documents.sign_as_applicant(documents.prepare(facts), KEY, facts, FIRST)


def test_a_service_whose_root_is_not_trusted_is_refused(server: TimestampServer, tmp_path: Path) -> None:
    with timestamp_server(tmp_path / "other") as other:
        documents = documents_with(TimestampService(server.url, read_roots(other.roots), 5.0))
    facts = pact_facts(documents)
    with pytest.raises(TimestampUnavailable) as refusal:
        documents.sign_as_applicant(documents.prepare(facts), KEY, facts, FIRST)
    assert refusal.value.data == {"reason": "untrusted"}


@pytest.mark.parametrize("trouble", ["revoked", "no-list"])
def test_a_service_that_was_revoked_or_whose_list_is_missing_is_refused_at_the_last_signature(
    server: TimestampServer, trouble: str
) -> None:
    documents = documents_with(service_of(server))
    facts = pact_facts(documents)
    half = documents.sign_as_applicant(documents.prepare(facts), KEY, facts, FIRST)
    server.revoked, server.mood = trouble == "revoked", "no-list" if trouble == "no-list" else "good"
    with pytest.raises(TimestampUnavailable) as refusal:
        documents.sign_as_official(half, facts, SECOND)
    assert refusal.value.data == {"reason": "revocation"}


def test_validation_data_are_no_change_but_what_else_is_added_or_cut_is_told(
    stamped: tuple[PactDocuments, PactFacts, bytes],
) -> None:
    documents, facts, pdf = stamped
    record = documents.record(pdf, facts)
    end = max(one.end for one in documents.verify(pdf, record).signatures)
    assert end < len(pdf)
    assert documents.verify(pdf).code is VerdictCode.NO_RECORD
    for junk in (b"\0", b"%%EOF", b"junk"):
        assert documents.verify(pdf + junk, record).code is VerdictCode.APPENDED
        assert documents.verify(pdf + junk).code in (VerdictCode.APPENDED, VerdictCode.UPDATED)
    for cut in (1, 100, len(pdf) - end):
        assert documents.verify(pdf[:-cut], record).code is VerdictCode.TRUNCATED
