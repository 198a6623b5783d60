"""An office whose pacts are time-stamped: signed with the proof, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.checking import check_everything
from provisioner.connector import Finding, Severity
from provisioner.pact import PactFacts
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE
from provisioner.signing.timestamp import TimeProof, TimestampUnavailable
from provisioner.signing.verdict import VerdictCode
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice
from tests.servers.timestamps import SERVICE, TimestampServer, timestamp_server


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimestampServer]:
    with timestamp_server(tmp_path_factory.mktemp("tsa")) as server:
        yield server


@pytest.fixture
def server(started: TimestampServer) -> TimestampServer:
    started.mood, started.revoked = "good", False
    return started


def signing_of(server: TimestampServer, **more: Any) -> dict[str, Any]:
    return {"timestamp_url": server.url, "timestamp_roots": server.roots, "timestamp_seconds": 5, **more}


def frozen(office: RealOffice, who: Applicant) -> PactFacts:
    return PactFacts.from_json(office.core.context.keyring.open(FACTS_PURPOSE, office.pact(who).facts).decode())


def timestamp_finding(office: RealOffice) -> Finding:
    return next(each.finding for each in check_everything(office.core) if each.finding.subject == "timestamp")


def test_a_pact_is_stamped_at_both_signatures_and_verified_so(make_office: MakeOffice, server: TimestampServer) -> None:
    office = make_office(signing=signing_of(server))
    who = office.new("creation")
    assert frozen(office, who).time_proof is TimeProof.ALWAYS
    _, paper = office.core.pacts.own_document(who.request_id)
    verdict = office.core.verification.by_upload(paper).verdict
    assert verdict.code is VerdictCode.GENUINE
    assert [one.timestamp and (one.timestamp.service, one.timestamp.trusted) for one in verdict.signatures] == [
        (SERVICE, True)
    ] * 2
    finding = timestamp_finding(office)
    assert (finding.severity, SERVICE in finding.message) == (Severity.OK, True)


def test_while_the_service_is_down_nothing_is_half_done_and_later_it_goes_on(
    make_office: MakeOffice, server: TimestampServer
) -> None:
    office = make_office(signing=signing_of(server))
    who = office.new("pact-applicant")
    before = office.pact(who)
    server.mood = "error"
    with pytest.raises(TimestampUnavailable):
        office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    after = office.pact(who)
    assert (after.state, after.sha256, office.request(who).state) == ("prepared", before.sha256, "pact-applicant")
    assert timestamp_finding(office).severity is Severity.ERROR
    server.mood = "good"
    office.core.signatures.sign_as_applicant(who.request_id, who.ticket)
    server.mood = "error"
    (result,) = office.sign(who)
    assert result.error is not None
    assert result.error.code == "timestamp-unavailable"
    assert (office.pact(who).state, office.request(who).state) == ("applicant-signed", "pact-official")
    assert office.events("pact-signed") == []
    server.mood = "good"
    (result,) = office.sign(who)
    assert result.error is None
    assert office.request(who).state == "creation"


def test_an_office_may_choose_to_sign_without(make_office: MakeOffice, server: TimestampServer) -> None:
    office = make_office(signing=signing_of(server, timestamp_down="sign-without"))
    server.mood = "error"
    who = office.new("creation")
    assert frozen(office, who).time_proof is TimeProof.WHEN_AVAILABLE
    verdict = office.core.verification.by_upload(office.core.pacts.own_document(who.request_id)[1]).verdict
    assert verdict.code is VerdictCode.GENUINE
    assert [one.timestamp for one in verdict.signatures] == [None, None]
    assert timestamp_finding(office).severity is Severity.WARNING


def test_a_stamped_pact_stays_proven_when_the_service_is_given_up(
    tmp_path: Path, make_office: MakeOffice, server: TimestampServer
) -> None:
    office = make_office(signing=signing_of(server))
    who = office.new("creation")
    _, paper = office.core.pacts.own_document(who.request_id)
    later = RealOffice(tmp_path / "later", office.folder, signing={"timestamp_roots": server.roots})
    verdict = later.core.verification.by_upload(paper).verdict
    assert verdict.genuine
    assert all(one.timestamp and one.timestamp.trusted for one in verdict.signatures)
    later.close()
