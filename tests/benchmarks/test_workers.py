"""Many machines: what a second worker adds, and what a worker holds in memory over many jobs.

Real ``provisioner work`` processes over one PostgreSQL and one slapd, both durable, at the real cost of hashing. They
share the machine's processors with the servers, as they do here; on machines of their own they would not.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from provisioner.store.tables import LinkRow
from tests.benchmarks.directory_office import ARGON2
from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.memory import held_by
from tests.many_machines import LivingHouse, ManyMachines, prepared, until, working
from tests.servers.postgresql import private_postgresql
from tests.servers.slapd import private_slapd

pytestmark = pytest.mark.benchmark
ACCOUNTS = 150
ROUNDS = 4
TO_REACH = 1.8
COST = {"argon2_memory_kib": 19456, "argon2_iterations": 2}
JOBS = 10_000
PEOPLE = 100
MOST_MB = 150


def test_two_workers_of_one_hashing_thread_against_one(tmp_path: Path, results: Results) -> None:
    runner = {"threads": 1, "check_hours": 0}
    with _office(tmp_path, passwords=COST, runner=runner) as (office, house):
        names = (f"operator{number:05d}" for number in count())
        _rate(office, house, names, 1, 20)
        one, two = [_rate(office, house, names, 1)], []
        for _ in range(ROUNDS):
            two.append(_rate(office, house, names, 2))
            one.append(_rate(office, house, names, 1))
    gains = [2 * both / (before + after) for both, before, after in zip(two, one, one[1:], strict=False)]
    results.add(Figure("accounts created by one worker", median(one), "accounts/s", samples=tuple(one)))
    results.add(Figure("accounts created by two workers", median(two), "accounts/s", samples=tuple(two)))
    gain, goal = median(gains), f">= {TO_REACH} times"
    results.add(Figure("two workers against one", gain, "times", goal, gain >= TO_REACH, tuple(gains)))


def test_memory_of_a_worker_over_ten_thousand_jobs(tmp_path: Path, results: Results) -> None:
    """A job is one account that is brought to what was decided: suspended and let in again, in turns."""
    runner = {"threads": 1, "check_hours": 0, "sweep_seconds": 0.3}
    with _office(tmp_path, runner=runner) as (office, house):
        people = [house.active(f"operator{number:05d}") for number in range(PEOPLE)]
        adb, ids = house.official("adb"), [someone.account_id for someone in people]
        with working(office, tmp_path / "worker") as worker:
            worker.ready()
            held = [held_by(worker.process.pid)["Pss"]]
            for number in range(JOBS // PEOPLE):
                for account_id in ids:
                    act = house.core.accounts.reactivate if number % 2 else house.core.accounts.suspend_now
                    act(adb, account_id)
                until(lambda: _done(house, ids) == PEOPLE, 600)
                held.append(held_by(worker.process.pid)["Pss"])
    tenth, last = held[len(held) // 10], held[-1]
    results.add(Figure("memory of a worker when it begins (PSS)", held[0], "MB"))
    results.add(Figure(f"after {JOBS // 10:,} jobs", tenth, "MB"))
    what, goal = f"after {JOBS:,} jobs", f"< {MOST_MB} MB"
    results.add(Figure(what, last, "MB", goal, last < MOST_MB, tuple(held)))
    growth = (last / tenth - 1) * 100
    results.add(Figure(f"growth of a worker from {JOBS // 10:,} to {JOBS:,} jobs", growth, "%", "<= 3 %", growth <= 3))


@contextmanager
def _office(folder: Path, **sections: Any) -> Iterator[tuple[ManyMachines, LivingHouse]]:
    with ExitStack() as stack:
        server = stack.enter_context(private_postgresql(durable=True))
        database = stack.enter_context(server.database())
        directory = stack.enter_context(private_slapd(folder / "slapd", argon2=ARGON2, durable=True))
        target = {"kind": "ldap", "label": "Direktori", "sign_in": True}
        targets = {"direktori": {**target, "settings": directory.settings(create_groups=True)}}
        office = prepared(folder / "office", database, targets, **sections)
        yield office, stack.enter_context(office.here())


def _rate(
    office: ManyMachines, house: LivingHouse, names: Iterator[str], workers: int, accounts: int = ACCOUNTS
) -> float:
    """Accounts a second while all workers are at it: between the first and the last tenth of what was recorded."""
    made = [house.approved(next(names)).account_id for _ in range(accounts)]
    with ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(working(office, office.folder / f"worker-{time.time_ns()}-{number}"))
        until(lambda: _done(house, made) == accounts, 600)
    with house.store.read() as session:
        of_these = select(LinkRow.applied_at).where(LinkRow.account_id.in_(made)).order_by(LinkRow.applied_at)
        at = [each for each in session.scalars(of_these) if each is not None]
    edge = accounts // 10
    return (accounts - 2 * edge) / (at[-edge - 1] - at[edge]).total_seconds()


def _done(house: LivingHouse, account_ids: list[str]) -> int:
    time.sleep(0.1)  # Asking costs the processor that is measured.
    with house.store.read() as session:
        done = LinkRow.account_id.in_(account_ids), LinkRow.state == "done"
        return session.scalar(select(func.count()).where(*done)) or 0
