"""What verifying a signed pact costs: as it is, and with time stamps and long-term validation data."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.figures import Figure, Results, median, quantile
from tests.benchmarks.test_approval import RealTime
from tests.office import RealOffice
from tests.servers.timestamps import timestamp_server

pytestmark = pytest.mark.benchmark
PACTS, TIMES, LIMIT = 5, 12, 200


def test_plain(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    _measure("pact verified", tmp_path, prepared_office, results, {})


def test_with_time_stamps(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    with timestamp_server(tmp_path / "tsa") as server:
        signing = {"timestamp_url": server.url, "timestamp_roots": server.roots}
        _measure("pact with time stamps (B-LT) verified", tmp_path, prepared_office, results, signing)


def _measure(name: str, folder: Path, prepared: Path, results: Results, signing: dict[str, Any]) -> None:
    office = RealOffice(folder / "office", prepared, RealTime(), signing=signing)
    papers = [office.core.pacts.own_document(office.new("creation", number).request_id)[1] for number in range(PACTS)]
    samples, processor = [], []
    for turn in range(TIMES):
        for number, paper in enumerate(papers):
            started, used = time.perf_counter(), time.process_time()
            verified = office.core.verification.by_upload(paper, address=f"192.0.{turn}.{number}")
            samples.append(1000 * (time.perf_counter() - started))
            processor.append(1000 * (time.process_time() - used))
            assert verified.verdict.genuine
    office.close()
    samples = samples[PACTS:]  # Without the first round, which loads what the others find loaded.
    target = f"under {LIMIT} ms"
    for part, value in (("median", median(samples)), ("95 of 100", quantile(samples, 0.95))):
        results.add(Figure(f"{name}, {part}", value, "ms", target, value < LIMIT, tuple(samples)))
    results.add(Figure(f"{name}, processor time", median(processor[PACTS:]), "ms", samples=tuple(processor[PACTS:])))
