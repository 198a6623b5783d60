"""How fast accounts arrive in one directory while another is away, against the same without another.

Two offices over the same slapd take turns in one run: one that knows this directory alone, and one that also has a
second directory, which is gone or hangs.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.benchmarks.directory_office import ARGON2, DirectoryOffice
from tests.benchmarks.figures import Figure, Results, median
from tests.house import ldap
from tests.servers.slapd import private_slapd

pytestmark = pytest.mark.benchmark
ACCOUNTS = 200
ROUNDS = 5
TO_REACH = 90


@pytest.mark.parametrize("trouble", ["gone", "hanging"])
def test_the_rate_beside_a_target_that_is_down(tmp_path: Path, results: Results, trouble: str) -> None:
    with ExitStack() as stack:
        servers = [
            stack.enter_context(private_slapd(tmp_path / name, argon2=ARGON2, durable=True, maxsize=1 << 28))
            for name in ("well", "away")
        ]
        well, away = (ldap(each.settings(create_groups=True)) for each in servers)
        well = well.model_copy(update={"sign_in": True})
        alone = DirectoryOffice(tmp_path / "alone", {"direktori": well})
        stack.callback(alone.close)
        beside = DirectoryOffice(tmp_path / "beside", {"direktori": well, "lain": away})
        stack.callback(beside.close)
        if trouble == "gone":
            servers[1].stop()
            stack.callback(servers[1].start)
        else:
            servers[1].freeze()
            stack.callback(servers[1].thaw)
        names = (f"operator{number:05d}" for number in count())
        for office in (alone, beside):
            _round(office, names, 10)
        rates, besides, ratios = [_round(alone, names, ACCOUNTS)], [], []
        for _ in range(ROUNDS):
            besides.append(_round(beside, names, ACCOUNTS))
            rates.append(_round(alone, names, ACCOUNTS))
            ratios.append(200 * besides[-1] / (rates[-2] + rates[-1]))
    results.add(Figure("one directory alone", median(rates), "accounts/s", samples=tuple(rates)))
    results.add(Figure(f"beside one that is {trouble}", median(besides), "accounts/s", samples=tuple(besides)))
    share = median(ratios)
    name = f"one of two targets {trouble}: the other's rate against alone"
    goal = f">= {TO_REACH} %"
    results.add(Figure(name, share, "%", goal, met=share >= TO_REACH, samples=tuple(ratios)))


def _round(office: DirectoryOffice, names: Iterator[str], accounts: int) -> float:
    """Accounts a second, until the directory that is well holds all of them and that is recorded."""
    for _ in range(accounts):
        office.approved(next(names))
    watch = sqlite3.connect(office.folder / "store.db", isolation_level=None)
    waiting = "SELECT count(*) FROM link WHERE target = 'direktori' AND state <> 'done'"
    started = time.perf_counter()
    office.heart.runner.start()
    while watch.execute(waiting).fetchone()[0]:
        time.sleep(0.005)
    took = time.perf_counter() - started
    office.heart.runner.stop()
    watch.close()
    return accounts / took
