"""What a process that answers pages and nothing else holds in memory: when ready, and after pages, twice as many."""

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from provisioner.bootstrap import build
from tests.benchmarks.figures import Figure, Results
from tests.benchmarks.lean_client import Line, all_at_once
from tests.benchmarks.list_pages import cookies, settings_file
from tests.benchmarks.memory import held_by
from tests.benchmarks.test_dispositions import MANY, office_on_postgresql
from tests.office import settings_of
from tests.servers.served import served

pytestmark = pytest.mark.benchmark
CLIENTS, PAGES, LIMIT, GROWTH = 8, 1000, 150, 3
ADDRESSES = (
    ("head", "/kotak-masuk/"),
    ("section_head", "/permohonan/"),
    ("secretary", "/buku-agenda"),
    ("it", "/akun"),
    ("auditor", "/jejak-audit"),
    ("it", "/sistem"),
)


def test_memory_of_a_web_process(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    with office_on_postgresql(tmp_path, prepared_office, letters=200) as url, ExitStack() as stack:
        own = tmp_path / "data"
        shutil.copytree(tmp_path / "office", own, ignore=shutil.ignore_patterns("store.db*"))
        told = settings_file(tmp_path, own, store={"url": url}, **MANY)
        run = stack.enter_context(served(tmp_path / "run", own, "--config", str(told), "serve"))
        lines = [Line(run.address()) for _ in range(CLIENTS)]
        for line in lines:
            stack.callback(line.close)
        core = build(settings_of(tmp_path / "office", store={"url": url}))
        stack.callback(core.close)
        tokens = cookies(core)
        asked = [
            [line.page(path, f"pejabat={tokens[post]}") for post, path in ADDRESSES]
            * (PAGES // CLIENTS // len(ADDRESSES))
            for line in lines
        ]
        ready = held_by(run.process.pid)["Pss"]
        held = []
        for _ in range(2):
            answers, _ = all_at_once(lines, asked)
            assert {answer.status for answer in answers} == {200}
            held.append(held_by(run.process.pid)["Pss"])
    results.add(Figure("memory of a web process when ready (PSS)", ready, "MB"))
    results.add(Figure(f"the same after {PAGES} pages", held[0], "MB", f"< {LIMIT} MB", held[0] < LIMIT))
    grown = held[1] - held[0]
    results.add(Figure(f"more after {PAGES} pages more", grown, "MB", f"< {GROWTH} MB", grown < GROWTH))
