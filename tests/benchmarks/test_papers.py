"""What the papers of a request cost, what making, signing and verifying a pact costs, how fast the trail grows."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.audit import Actor, Subjects
from provisioner.pact import PactFacts
from provisioner.paper import CASE_KINDS, PaperSubject
from provisioner.provisioning.kept_pacts import FACTS_PURPOSE
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.test_approval import RealTime
from tests.office import Applicant, RealOffice

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


def test_papers(office: RealOffice, results: Results) -> None:
    """All papers of one request, from what is recorded to what is kept; the pact as it is prepared for signing.

    Processor time on one core: the disk, and what else the machine does, are no part of it.
    """
    people = [office.new("done", number) for number in range(TIMES + 1)]
    section_head = office.actor("section_head")
    for who in people:
        office.core.accounts.revoke(section_head, office.request(who).account_id or "", "transfer")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        spread = [_worked(_every_paper, office, who) for who in people]
    finally:
        os.sched_setaffinity(0, cores)
    name = "all papers of a request, with receipt and pact (one core)"
    results.add(_figure(name, spread, target="250 ms", limit=250))
    office.close()


def _every_paper(office: RealOffice, who: Applicant) -> None:
    letter, account = office.letter(who).id, office.request(who).account_id or ""
    subjects = {PaperSubject.LETTER: letter, PaperSubject.REQUEST: who.request_id, PaperSubject.ACCOUNT: account}
    for kind in CASE_KINDS:
        office.core.papers.make(kind, subjects[kind.subject])
    office.core.receipts.print(who.request_id)
    facts = office.core.context.keyring.open(FACTS_PURPOSE, office.pact(who).facts)
    office.core.pacts._documents.prepare(PactFacts.from_json(facts.decode()))


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


def _worked(act: Callable[..., object], *arguments: object) -> float:
    started = time.process_time()
    act(*arguments)
    return 1000 * (time.process_time() - started)


def _figure(name: str, samples: list[float], target: str = "", limit: float | None = None) -> Figure:
    """Without the first, which loads what the others find loaded."""
    found = median(samples[1:])
    met = found < limit if limit is not None else None
    return Figure(name, found, "ms", target, met, samples=tuple(samples[1:]))
