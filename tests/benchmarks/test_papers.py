"""What making, signing and verifying a pact costs, and how fast the audit trail grows."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.audit import Actor, Subjects
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.test_approval import RealTime
from tests.office import RealOffice

pytestmark = pytest.mark.benchmark
TIMES = 15
EVENTS = 300


@pytest.fixture
def office(tmp_path: Path, prepared_office: Path) -> RealOffice:
    return RealOffice(tmp_path / "office", prepared_office, RealTime())


def test_pact(office: RealOffice, results: Results) -> None:
    people = [office.new("review", number) for number in range(TIMES + 1)]
    results.add(_figure("pact prepared (typst, fields, approval)", [_timed(office.approve, who) for who in people]))
    sign = office.core.signatures.sign_as_applicant
    results.add(_figure("pact signed by the applicant", [_timed(sign, who.request_id, who.ticket) for who in people]))
    results.add(_figure("pact signed by the section head", [_timed(office.sign, who) for who in people]))
    papers = [office.core.pacts.own_document(who.request_id) for who in people]
    verify = office.core.verification.by_upload
    spread = [_timed(verify, pdf, address=f"192.0.2.{number}") for number, (_, pdf) in enumerate(papers)]
    results.add(_figure("pact verified by upload", spread))
    office.close()


def test_audit(office: RealOffice, results: Results) -> None:
    context = office.core.context
    samples = []
    for _ in range(5):
        started = time.perf_counter()
        for number in range(EVENTS):
            with context.store.begin() as session:
                context.trail.record(
                    session,
                    "letter-forwarded",
                    actor=Actor.system(),
                    subjects=Subjects(letter="0" * 32),
                    letter_number=f"800/{number}",
                    to="Kepala Bidang",
                    instruction="Mohon diproses",
                )
        samples.append(EVENTS / (time.perf_counter() - started))
    results.add(Figure("audit events, each committed to the disk", median(samples), "events/s", samples=tuple(samples)))
    office.close()


def _timed(act: Callable[..., object], *arguments: object, **more: object) -> float:
    started = time.perf_counter()
    act(*arguments, **more)
    return 1000 * (time.perf_counter() - started)


def _figure(name: str, samples: list[float]) -> Figure:
    """Without the first, which loads what the others find loaded."""
    return Figure(name, median(samples[1:]), "ms", samples=tuple(samples[1:]))
