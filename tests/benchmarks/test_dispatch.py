"""How fast approved accounts arrive in a directory, against how fast the machine can hash at all.

Every account needs one Argon2id hash; whatever else is done for it should hide behind that. Raw hashing and the whole
way (issue, dispatch, create in slapd, recorded success) take turns in one run, with the same number of threads.
"""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from provisioner.settings import RunnerSettings
from provisioner.verifier import Argon2Cost, Verifiers
from tests.benchmarks.directory_office import DirectoryOffice, directory_office
from tests.benchmarks.figures import Figure, Results, median

pytestmark = pytest.mark.benchmark
ACCOUNTS = 200
ROUNDS = 5
TO_REACH = 90


@pytest.mark.parametrize("threads", [1, 2])
def test_dispatch_to_recorded_success_against_raw_hashing(tmp_path: Path, results: Results, threads: int) -> None:
    with directory_office(tmp_path, runner=RunnerSettings(threads=threads)) as (office, _):
        names = (f"operator{number:05d}" for number in count())
        _round(office, names.__next__, 10)
        _raw(threads, 10)
        ratios, rates, raws = [], [], [_raw(threads, ACCOUNTS)]
        for _ in range(ROUNDS):
            rates.append(_round(office, names.__next__, ACCOUNTS))
            raws.append(_raw(threads, ACCOUNTS))
            ratios.append(rates[-1] / ((raws[-2] + raws[-1]) / 2))
    of = f"{threads} hashing thread{'s' if threads > 1 else ''}"
    results.add(Figure(f"raw Argon2id (m=19456 t=2 p=1), {of}", median(raws), "hashes/s", samples=tuple(raws)))
    name = f"accounts created in slapd and recorded, {of}"
    results.add(Figure(name, median(rates), "accounts/s", samples=tuple(rates)))
    share = median(ratios) * 100
    spread = tuple(100 * ratio for ratio in ratios)
    goal, met = f">= {TO_REACH} %", share >= TO_REACH
    results.add(Figure(f"dispatch against raw hashing, {of}", share, "%", goal, met=met, samples=spread))


def _raw(threads: int, hashes: int) -> float:
    verifiers = Verifiers(Argon2Cost())
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda _: verifiers.make("Kx7M-tR4w-Zp9N-aB3e-9Qch"), range(hashes)):
            pass
    return hashes / (time.perf_counter() - started)


def _round(office: DirectoryOffice, name: Callable[[], str], accounts: int) -> float:
    """Accounts a second, from the moment the runner may begin to the last recorded success."""
    for _ in range(accounts):
        office.approved(name())
    watch = sqlite3.connect(office.folder / "store.db", isolation_level=None)
    started = time.perf_counter()
    office.heart.runner.start()
    while watch.execute("SELECT count(*) FROM link WHERE state <> 'done'").fetchone()[0]:
        time.sleep(0.005)
    took = time.perf_counter() - started
    office.heart.runner.stop()
    watch.close()
    return accounts / took
