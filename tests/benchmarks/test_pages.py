"""Pages that list, filter and search, at 1,000 and at 100,000 accounts, in turns, through the real server.

Filling a store takes longer than measuring it: ``BENCH_STORES`` names a folder where filled stores (SQLite) are kept
and found again; the schema is brought up to date.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from provisioner.bootstrap import build
from provisioner.store.migration import migrate
from tests.benchmarks.figures import Figure, Results, median, quantile
from tests.benchmarks.filled_store import PostgresqlRows, copy_office, filled
from tests.benchmarks.list_pages import PAGES, REPORTS, ListPage, Readers, readers, settings_file
from tests.benchmarks.test_dispositions import address
from tests.office import settings_of
from tests.servers.postgresql import private_postgresql
from tests.servers.served import served

pytestmark = pytest.mark.benchmark
SIZES = (1_000, 100_000)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
"""How often every page is asked for; the first round, which warms up, does not count."""
WORST = 10
Took = dict[str, list[float]]


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory, prepared_office: Path) -> Sequence[Path]:
    """Data folders with filled stores, by size."""
    kept = Path(os.environ.get("BENCH_STORES") or tmp_path_factory.mktemp("filled"))
    found = []
    for size in SIZES:
        folder = kept / f"sqlite{size}"
        if not (folder / "store.db").exists():
            with filled(folder, prepared_office, size):
                pass
        migrate(f"sqlite:///{folder / 'store.db'}")
        found.append(folder)
    return found


def test_pages_on_sqlite(tmp_path: Path, offices: Sequence[Path], results: Results) -> None:
    _measure(tmp_path, offices, [f"sqlite:///{each / 'store.db'}" for each in offices], "SQLite", results)


def test_pages_on_postgresql(tmp_path: Path, offices: Sequence[Path], results: Results) -> None:
    with _on_postgresql(offices) as urls:
        _measure(tmp_path, offices, urls, "PostgreSQL", results)


@contextmanager
def _on_postgresql(offices: Sequence[Path]) -> Iterator[Sequence[str]]:
    """The same stores there, a database each."""
    with private_postgresql() as server, ExitStack() as stack:
        urls = []
        for folder in offices:
            database = stack.enter_context(server.database())
            url = address(server, database.name, database.parameters["password"])
            migrate(url)
            with closing(sqlite3.connect(folder / "store.db")) as template, server.superuser(database.name) as link:
                rows = PostgresqlRows(link)
                copy_office(template, rows)
                rows.settle()
            urls.append(url)
        yield urls


def _measure(folder: Path, offices: Sequence[Path], urls: Sequence[str], store: str, results: Results) -> None:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(_client(folder / str(size), data, url))
            for size, data, url in zip(SIZES, offices, urls, strict=True)
        ]
        small, large = _in_turns(clients, PAGES, ROUNDS)
        _report(small, large, store, results)
        for page in REPORTS:
            few, many = _in_turns(clients, [page], 2)
            name = f"{store}: {page.name} (a report), {SIZES[-1]} accounts"
            samples = (*few[page.name], *many[page.name])
            results.add(Figure(name, 1000 * many[page.name][0], "ms", samples=tuple(1000 * each for each in samples)))


@contextmanager
def _client(folder: Path, data: Path, url: str) -> Iterator[Readers]:
    """One process over this store, and who reads there."""
    folder.mkdir()
    config = settings_file(folder, data, store={"url": url})
    with ExitStack() as stack:
        core = build(settings_of(data, store={"url": url}))
        stack.callback(core.close)
        run = stack.enter_context(served(folder / "run", data, "--config", str(config), "serve"))
        yield stack.enter_context(readers(core, run.address()))


def _in_turns(clients: Sequence[Readers], pages: Sequence[ListPage], rounds: int) -> list[Took]:
    """Seconds of every page, by its name, for each client; a page is asked of one after the other."""
    took: list[Took] = [defaultdict(list) for _ in clients]
    for number in range(rounds):
        for page in pages:
            for client, own in zip(clients, took, strict=True):
                seconds = client.took(page)
                if number:
                    own[page.name].append(seconds)
    return took


def _report(small: Took, large: Took, store: str, results: Results) -> None:
    p95s = [1000 * quantile([one for own in each.values() for one in own], 0.95) for each in (small, large)]
    name = f"{store}: {len(large)} pages that list, filter or search, p95"
    results.add(Figure(f"{name}, {SIZES[0]} accounts", p95s[0], "ms"))
    results.add(Figure(f"{name}, {SIZES[1]} accounts", p95s[1], "ms", "< 100 ms", p95s[1] < 100))
    times = p95s[1] / p95s[0]
    results.add(Figure(f"{name}, {SIZES[1]} against {SIZES[0]}", times, "times", "<= 1.5", times <= 1.5))
    worst = sorted(large, key=lambda each: -quantile(large[each], 0.95))[:WORST]
    for page in worst:
        own, few = (quantile(each[page], 0.95) * 1000 for each in (large, small))
        samples = tuple(1000 * each for each in large[page])
        results.add(Figure(f"{store}: {page}, p95 (at {SIZES[0]}: {few:.0f} ms)", own, "ms", samples=samples))
    medians = [1000 * median([one for own in each.values() for one in own]) for each in (small, large)]
    results.add(Figure(f"{store}: the same pages, median (at {SIZES[0]}: {medians[0]:.0f} ms)", medians[1], "ms"))
