"""No pact, no account: what is missing or broken is told, whatever broke it, and nothing is repaired."""

from typing import Any

import pytest

from provisioner.provisioning.kept_pacts import keep_document
from provisioner.store.tables import PactRow
from tests.conftest import MakeOffice
from tests.office import RealOffice
from tests.provisioner.provisioning.refusal import code_of


@pytest.fixture(scope="module")
def broken() -> dict[str, Any]:
    """What somebody with the database in their hands may do to a pact, and what is said of it."""
    return {
        "not-signed": {"state": "void"},
        "changed": {"sha256": "0" * 64},
        "unreadable": {"document": b"gone"},
        "no-pact": {"account_id": "another"},
    }


def tamper(office: RealOffice, pact_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    with office.core.context.store.begin() as session:
        pact = session.get_one(PactRow, pact_id)
        before = {name: getattr(pact, name) for name in changes}
        for name, value in changes.items():
            setattr(pact, name, value)
        return before


def test_a_pact_that_is_missing_void_or_changed_is_told_and_not_repaired(
    make_office: MakeOffice, broken: dict[str, Any]
) -> None:
    office = make_office(reconciliation={"every_hours": 24})
    who = office.new("creation")
    office.clock.move(days=1)
    office.core.heart.drain()
    checks, auditor = office.core.pact_checks, office.actor("auditor")
    assert (checks.summary(auditor).examined, checks.findings(auditor)) == (1, [])
    pact = office.pact(who)
    broken["no-pact"]["account_id"] = office.request(office.new("creation", 1)).account_id
    for reason, changes in broken.items():
        before = tamper(office, pact.id, changes)
        checks.run()
        (finding,) = [each for each in checks.findings(auditor) if each.pact_number == pact.number]
        assert (finding.reason, finding.username) == (reason, office.request(who).username)
        tamper(office, pact.id, before)
    without_its_signatures(office, pact.id)
    assert [each.reason for each in checks.findings(auditor)] == ["signature-broken"]
    assert len(office.events("pact-fault-found")) == 5
    assert checks.run().found == 1
    assert len(office.events("pact-fault-found")) == 5  # Told once.


def without_its_signatures(office: RealOffice, pact_id: str) -> None:
    """Somebody who has the keys too puts in the unsigned file with its own digest."""
    context = office.core.context
    with context.store.begin() as session:
        pact = session.get_one(PactRow, pact_id)
        whole = context.keyring.open("pact-document", pact.document)
        cut = whole[: whole.index(b"%%EOF") + 6]
        keep_document(context.keyring, pact, cut)
    office.core.pact_checks.run()


def test_only_its_readers_see_it_and_only_orderers_ask(make_office: MakeOffice) -> None:
    office = make_office()
    assert code_of(lambda: office.core.pact_checks.findings(office.actor("secretary"))) == "not-your-post"
    assert code_of(lambda: office.core.pact_checks.ask(office.actor("auditor"))) == "not-your-post"
    office.core.pact_checks.ask(office.actor("adb"))
    assert office.core.pact_checks.summary(office.actor("auditor")).running
