"""Whether accounts are created more slowly the more there are: an office of 1,000 and one of 100,000 take turns."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select

from provisioner.settings import load_settings
from provisioner.store.tables import LinkRow
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.full_directory import prepared
from tests.many_machines import LivingHouse
from tests.servers.slapd import private_slapd

pytestmark = pytest.mark.benchmark
SMALL, BIG = 1_000, 100_000
ACCOUNTS = 100
ROUNDS = 5
LEAST = 90
MANY_MEMBERS = "multival member,memberOf 1000,100"
"""Without it slapd rewrites a whole group for each new member (slapd-mdb(5)); docs/openldap.md says so too."""


def test_creation_beside_a_thousand_and_beside_a_hundred_thousand_accounts(tmp_path: Path, results: Results) -> None:
    with ExitStack() as stack:
        small, big = (_office(stack, tmp_path / str(accounts), accounts) for accounts in (SMALL, BIG))
        names = (f"baru{number:05d}" for number in count())
        for house in (small, big):
            _rate(house, names, 10)
        smalls, bigs = [_rate(small, names)], []
        for _ in range(ROUNDS):
            bigs.append(_rate(big, names))
            smalls.append(_rate(small, names))
    shares = [200 * rate / (before + after) for rate, before, after in zip(bigs, smalls, smalls[1:], strict=False)]
    results.add(Figure(f"accounts created beside {SMALL:,}", median(smalls), "accounts/s", samples=tuple(smalls)))
    results.add(Figure(f"accounts created beside {BIG:,}", median(bigs), "accounts/s", samples=tuple(bigs)))
    share, goal = median(shares), f">= {LEAST} %"
    what = f"rate beside {BIG:,} accounts against that beside {SMALL:,}"
    results.add(Figure(what, share, "%", goal, share >= LEAST, tuple(shares)))


def _office(stack: ExitStack, folder: Path, accounts: int) -> LivingHouse:
    folder.mkdir()
    lines = {"maxsize": 1 << 32, "database_lines": MANY_MEMBERS, "global_lines": "sortvals member"}
    directory = stack.enter_context(private_slapd(folder, durable=True, **lines))
    house = LivingHouse(load_settings(prepared(folder, directory, accounts)))
    stack.callback(house.close)
    return house


def _rate(house: LivingHouse, names: Iterator[str], accounts: int = ACCOUNTS) -> float:
    """Accounts a second, from the moment the runner may begin to the last recorded success."""
    made = [house.approved(next(names)).account_id for _ in range(accounts)]
    done = select(func.count()).where(LinkRow.account_id.in_(made), LinkRow.state == "done")
    started = time.perf_counter()
    house.heart.runner.start()
    while True:
        with house.store.read() as session:
            if session.scalar(done) == accounts:
                break
        time.sleep(0.05)
    took = time.perf_counter() - started
    house.heart.runner.stop()
    return accounts / took
