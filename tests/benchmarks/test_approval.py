"""How long the section head's signature takes to become an operator who can sign in at the directory."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.ldap import LdapConnector
from provisioner.connector import ConnectorContext, Outcome
from tests.benchmarks.directory_office import ARGON2
from tests.benchmarks.figures import Figure, Results, median, quantile
from tests.office import Applicant, MovableClock, RealOffice
from tests.servers.slapd import private_slapd

pytestmark = pytest.mark.benchmark
OPERATORS = 30
REAL_COST = {"argon2_memory_kib": 19456, "argon2_iterations": 2}


class RealTime(MovableClock):
    """The time it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


def test_approval_click_to_an_operator_who_can_bind(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    with private_slapd(tmp_path, argon2=ARGON2, durable=True, maxsize=1 << 28) as directory:
        given = directory.settings(create_groups=True)
        target = {"kind": "ldap", "label": "Direktori", "sign_in": True, "settings": given}
        office = RealOffice(
            tmp_path / "office",
            prepared_office,
            RealTime(),
            passwords=REAL_COST,
            targets={"direktori": target},
            limits={"drafts_per_hour": 1000, "submissions_per_hour": 1000},
        )
        directly = LdapConnector.from_settings(given, ConnectorContext("directly"))
        try:
            waiting = [office.new("pact-official", number) for number in range(OPERATORS + 3)]
            office.core.heart.runner.start()
            samples = [_click(office, directly, who) for who in waiting][3:]
        finally:
            office.core.heart.runner.stop()
            directly.close()
            office.close()
    p95 = quantile(samples, 0.95)
    results.add(Figure("approval click to bind, p50", median(samples), "s", samples=tuple(samples)))
    results.add(Figure("approval click to bind, p95", p95, "s", "< 1 s", met=p95 < 1))


def _click(office: RealOffice, directly: LdapConnector, who: Applicant) -> float:
    """Seconds from the signature (password and all) until slapd says to the issued password: change it first."""
    started = time.perf_counter()
    (signed,) = office.sign(who)
    assert signed.error is None
    account_id = office.request(who).account_id
    assert account_id is not None
    while not office.core.handover.status(account_id).can_open:
        time.sleep(0.002)
    (slip,) = office.open_envelope(who).slips
    assert directly.authenticate(slip.username, slip.password).outcome is Outcome.MUST_CHANGE
    return time.perf_counter() - started
