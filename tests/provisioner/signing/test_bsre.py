"""BSrE signs beside the applicant; what comes back is believed only when it is ours and signed as it should be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.documents.pact import PactDocuments
from provisioner.documents.renderer import Renderer
from provisioner.pact import PactFacts, PactText
from provisioner.person import Nik
from provisioner.signing.bsre.desk import sign, state_of
from provisioner.signing.bsre.service import BsreRefused, BsreService, CertificateState, Order, Protocol, Signatory
from provisioner.signing.timestamp import read_roots
from provisioner.signing.verdict import VerdictCode
from provisioner.signing.way import SigningWay
from tests.provisioner.documents.poppler import signatures_of, text_of
from tests.provisioner.documents.samples import CONFIG, FIRST, LETTERS, OFFICE, SECOND, authority, pact_facts
from tests.servers.bsre import PASSPHRASE, USERNAME, BsreServer, Mood, bsre_server

KEY = ec.generate_private_key(ec.SECP256R1())
NIK = Nik.parse("3576010101700003")
WHO = Signatory(NIK, PASSPHRASE)
BOTH = pytest.mark.parametrize("protocol", list(Protocol))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BsreServer]:
    with bsre_server(tmp_path_factory.mktemp("bsre")) as server:
        yield server


@pytest.fixture
def server(started: BsreServer) -> BsreServer:
    started.mood, started.niks = "good", {NIK.digits: "ISSUE"}
    started.asked.clear()
    started.properties.clear()
    return started


@pytest.fixture(scope="module")
def documents(started: BsreServer) -> PactDocuments:
    text, roots = PactText.load(CONFIG / "pact.toml"), read_roots(started.roots)
    return PactDocuments(Renderer(LETTERS), authority(), OFFICE, text, certified_roots=roots)


@pytest.fixture(scope="module")
def facts(documents: PactDocuments) -> PactFacts:
    return pact_facts(documents, way=SigningWay.BSRE)


@pytest.fixture(scope="module")
def order(documents: PactDocuments, facts: PactFacts) -> Order:
    half = documents.sign_as_applicant(documents.prepare(facts), KEY, facts, FIRST)
    return documents.bsre_order(half, facts, SECOND)


def service_of(server: BsreServer, protocol: Protocol = Protocol.V2, **more: object) -> BsreService:
    given = {"password_file": server.password_file, "seconds": 5.0, **more}
    return BsreService(server.address, protocol, USERNAME, read_roots(server.roots), **given)  # type: ignore[arg-type]


def refusal_of(service: BsreService, order: Order, who: Signatory = WHO) -> BsreRefused:
    with pytest.raises(BsreRefused) as refusal:
        sign(service, order, who)
    for secret in (NIK.digits, who.passphrase):
        assert secret not in repr(refusal.value) + str(refusal.value) + repr(refusal.value.__cause__) + repr(who)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    return refusal.value


@BOTH
def test_the_applicant_s_signature_stays_whole_beside_that_of_bsre(
    server: BsreServer, documents: PactDocuments, facts: PactFacts, order: Order, protocol: Protocol, tmp_path: Path
) -> None:
    signed = documents.accept_from_bsre(order.pdf, sign(service_of(server, protocol), order, WHO), facts)
    record = documents.record(signed, facts)
    verdict = documents.verify(signed, record)
    assert verdict.code is VerdictCode.GENUINE
    assert [(one.field, one.certified, one.holder) for one in verdict.signatures] == [
        ("Pemohon", False, "Siti Nur'aini Rahmawati, S.Kom., M.Si. (Pemohon)"),
        ("Pejabat", True, "Pejabat Percobaan"),
    ]
    assert signatures_of(signed, tmp_path) == ["Signature is Valid."] * 2


@BOTH
def test_the_stamp_stands_in_the_official_s_place(server: BsreServer, order: Order, protocol: Protocol) -> None:
    sign(service_of(server, protocol), order, WHO)
    (asked,), where = server.properties, order.placement
    assert int(asked["page"]) == where.page + 1
    if protocol is Protocol.V1:
        corners = [int(asked[name]) for name in ("xAxis", "yAxis", "width", "height")]
        assert corners == [round(each) for each in (where.left, where.bottom, where.right, where.top)]
    else:
        assert asked["originX"] == round(where.left)
        assert asked["originY"] == round(where.page_height - where.top)
        assert (asked["width"], asked["height"]) == (round(76 * 72 / 25.4), round(23 * 72 / 25.4))


def test_the_sentence_of_bsre_is_nowhere_before_bsre_has_signed(
    documents: PactDocuments, facts: PactFacts, order: Order, tmp_path: Path
) -> None:
    for pdf in (documents.prepare(facts), order.pdf):
        assert "Balai Besar Sertifikasi Elektronik" not in text_of(pdf, tmp_path)
    assert "tanda tangan pemohon tidak tersertifikasi" in text_of(order.pdf, tmp_path)
    assert order.stamp.startswith(b"\x89PNG")


@BOTH
@pytest.mark.parametrize("state", [each for each in CertificateState if each.value not in ("ISSUE", "UNKNOWN")])
def test_only_an_issued_certificate_may_sign(
    server: BsreServer, order: Order, protocol: Protocol, state: CertificateState
) -> None:
    server.niks[NIK.digits] = state.value
    refusal = refusal_of(service_of(server, protocol), order)
    if state is CertificateState.NOT_REGISTERED:
        assert refusal.code == "bsre-not-registered"
    else:
        assert (refusal.code, refusal.data) == ("bsre-certificate", {"state": state.value})
    assert server.properties == []


@BOTH
@pytest.mark.parametrize("mood", ["good", "code-in-message"])
def test_a_wrong_passphrase_is_called_so_and_tried_once(
    server: BsreServer, order: Order, protocol: Protocol, mood: Mood
) -> None:
    server.mood = mood
    refusal = refusal_of(service_of(server, protocol), order, Signatory(NIK, "bukan-frasa-ini"))
    assert refusal.code == "bsre-passphrase"
    assert len(server.properties) == 1


@BOTH
@pytest.mark.parametrize(
    ("mood", "code"),
    [("busy", "bsre-refused"), ("html", "bsre-refused"), ("slow", "bsre-unreachable"), ("lost", "bsre-unreachable")],
)
def test_what_the_service_answers_otherwise_is_told(
    server: BsreServer, order: Order, protocol: Protocol, mood: Mood, code: str
) -> None:
    server.mood = mood
    refusal = refusal_of(service_of(server, protocol, seconds=0.6 if mood == "slow" else 5.0), order)
    assert refusal.code == code
    if mood == "busy":
        assert refusal.data == {"answer": 4015}


@BOTH
def test_who_does_not_answer_or_does_not_know_us_is_told_apart(
    server: BsreServer, order: Order, protocol: Protocol, tmp_path: Path
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("salah\n")
    assert refusal_of(service_of(server, protocol, password_file=wrong), order).code == "bsre-credentials"
    nowhere = BsreService("http://127.0.0.1:9", protocol, USERNAME, (), password_file=wrong)
    assert refusal_of(nowhere, order).code == "bsre-unreachable"


def test_an_answer_cut_off_on_the_way_is_fetched_once_in_v1(
    server: BsreServer, documents: PactDocuments, facts: PactFacts, order: Order
) -> None:
    server.mood = "cut"
    came = sign(service_of(server, Protocol.V1), order, WHO)
    assert documents.accept_from_bsre(order.pdf, came, facts) == came
    assert [each.split()[1].rsplit("/", 1)[0] for each in server.asked][-1] == "/api/sign/download"
    server.mood = "cut-and-gone"
    assert refusal_of(service_of(server, Protocol.V1), order).code == "bsre-answer-lost"
    assert refusal_of(service_of(server, Protocol.V2), order).code == "bsre-answer-lost"


@BOTH
@pytest.mark.parametrize("mood", ["other-document", "rewritten", "drawn-over", "unsigned", "stranger", "garbage"])
def test_what_is_not_our_document_with_one_more_good_signature_is_refused(
    server: BsreServer, documents: PactDocuments, facts: PactFacts, order: Order, protocol: Protocol, mood: Mood
) -> None:
    server.mood = mood
    with pytest.raises(BsreRefused) as refusal:
        documents.accept_from_bsre(order.pdf, sign(service_of(server, protocol), order, WHO), facts)
    assert refusal.value.code in (
        ("bsre-answer-wrong", "bsre-refused") if mood == "garbage" else ("bsre-answer-wrong",)
    )


def test_anybody_else_whom_bsre_certified_is_a_stranger_to_this_pact(
    server: BsreServer, documents: PactDocuments, facts: PactFacts, order: Order, tmp_path: Path
) -> None:
    signed = sign(service_of(server), order, WHO)
    assert documents.verify(signed).code is VerdictCode.FOREIGN_CERTIFICATE
    with bsre_server(tmp_path / "other") as other:
        theirs = other.sign(order.pdf, 0, (10, 10, 90, 50), order.stamp, "")
    assert documents.verify(theirs, documents.record(signed, facts)).code is VerdictCode.FOREIGN_CERTIFICATE


@BOTH
def test_the_state_of_a_certificate_can_be_asked_for(server: BsreServer, protocol: Protocol) -> None:
    assert state_of(service_of(server, protocol), NIK) is CertificateState.ISSUE
    assert state_of(service_of(server, protocol), Nik("0" * 16)) is CertificateState.NOT_REGISTERED
