"""An office whose section head signs by BSrE: with their own NIK and a passphrase that nobody keeps."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.checking import check_everything
from provisioner.connector import Finding, Severity
from provisioner.errors import InvalidInput
from provisioner.provisioning.signatures import Signed
from provisioner.signing.verdict import VerdictCode
from provisioner.signing.way import SigningWay
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, own_password
from tests.servers.bsre import PASSPHRASE, BsreServer, bsre_server

NIK = "3576010101700003"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BsreServer]:
    with bsre_server(tmp_path_factory.mktemp("bsre")) as server:
        yield server


@pytest.fixture
def server(started: BsreServer) -> BsreServer:
    started.mood, started.niks = "good", {NIK: "ISSUE"}
    started.asked.clear()
    return started


@pytest.fixture
def office(make_office: MakeOffice, server: BsreServer) -> RealOffice:
    return make_office(signing={"way": "bsre", "bsre": server.settings(protocol="v1")})


def sign(office: RealOffice, *people: Applicant, nik: str = NIK, passphrase: str = PASSPHRASE) -> list[Signed]:
    actor, pacts = office.actor("section_head"), [office.pact(who).id for who in people]
    for pact in pacts:
        office.core.pacts.document(actor, pact)
    password = own_password("section_head")
    return office.core.signatures.sign(actor, pacts, password, nik=nik, passphrase=passphrase)


def bsre_finding(office: RealOffice) -> Finding:
    return next(each.finding for each in check_everything(office.core) if each.finding.subject == "bsre")


def test_a_pact_signed_by_bsre_creates_the_account_and_is_certified(office: RealOffice) -> None:
    who = office.new("pact-official")
    assert office.core.signatures.ways(office.actor("section_head")) == {SigningWay.BSRE}
    (result,) = sign(office, who)
    assert result.error is None
    assert office.request(who).state == "creation"
    verified = office.core.verification.by_upload(office.core.pacts.own_document(who.request_id)[1])
    assert verified.verdict.code is VerdictCode.GENUINE
    assert [one.certified for one in verified.verdict.signatures] == [False, True]
    assert verified.office is not None
    assert verified.office.way == "bsre"
    assert bsre_finding(office).severity is Severity.OK


def test_nik_and_passphrase_are_kept_nowhere(office: RealOffice) -> None:
    who = office.new("pact-official")
    sign(office, who)
    for file in office.folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert PASSPHRASE.encode() not in held
            assert NIK.encode() not in held


def test_another_person_s_nik_and_an_empty_passphrase_are_refused_before_anything_is_asked(
    office: RealOffice, server: BsreServer
) -> None:
    who = office.new("pact-official")
    with pytest.raises(InvalidInput) as refusal:
        sign(office, who, nik="3576010101700004")
    assert refusal.value.fields == {"nik": ["not-your-nik"]}
    with pytest.raises(InvalidInput) as refusal:
        sign(office, who, nik="12", passphrase="")
    assert refusal.value.fields == {"nik": ["nik-length"], "passphrase": ["missing"]}
    assert server.asked == []
    assert office.pact(who).state == "applicant-signed"


def test_after_a_wrong_passphrase_no_further_pact_is_tried(office: RealOffice, server: BsreServer) -> None:
    people = [office.new("pact-official", number) for number in range(3)]
    results = sign(office, *people, passphrase="bukan-frasa-ini")
    assert [one.error and one.error.code for one in results] == ["bsre-passphrase"] * 3
    assert [each for each in server.asked if each.startswith("POST")] == ["POST /api/sign/pdf"]
    assert {office.pact(who).state for who in people} == {"applicant-signed"}
    assert [one.error for one in sign(office, *people)] == [None] * 3


def test_a_lost_answer_leaves_everything_as_it_was_and_the_next_try_signs(
    office: RealOffice, server: BsreServer
) -> None:
    who = office.new("pact-official")
    before = office.pact(who).sha256
    server.mood = "lost"
    (result,) = sign(office, who)
    assert result.error is not None
    assert result.error.code == "bsre-unreachable"
    assert (office.pact(who).state, office.pact(who).sha256, office.events("pact-signed")) == (
        "applicant-signed",
        before,
        [],
    )
    server.mood = "cut"
    assert sign(office, who)[0].error is None


def test_a_pact_is_signed_the_way_it_was_made(office: RealOffice, tmp_path: Path) -> None:
    who = office.new("pact-official")
    later = RealOffice(tmp_path / "later", office.folder, office.clock)
    (result,) = sign(later, who)
    assert result.error is not None
    assert result.error.code == "bsre-unreachable"
    assert later.pact(who).state == "applicant-signed"
    later.close()


@pytest.mark.parametrize("trouble", ["away", "password", "expired"])
def test_check_says_what_is_wrong_with_the_service(
    make_office: MakeOffice, server: BsreServer, tmp_path: Path, trouble: str
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("salah\n")
    changes: dict[str, dict[str, Any]] = {
        "away": {"address": "http://127.0.0.1:9"},
        "password": {"password_file": wrong},
        "expired": {},
    }
    office = make_office(signing={"bsre": server.settings(**changes[trouble])})
    if trouble == "expired":
        office.clock.move(days=2000)
    assert bsre_finding(office).severity is Severity.ERROR
