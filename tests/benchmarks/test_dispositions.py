"""Dispositions through the web on PostgreSQL: sixteen clients, commits on the disk, with one process and with two.

What is timed is the form that a browser sends, until its answer (a redirect) is there; the page that a browser asks for
then is not part of it. Server, database and clients share the machine.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioner.bootstrap import build
from provisioner.dispatch.schema import bring_up_to_date
from provisioner.store import Store
from provisioner.store.migration import migrate
from provisioner.store.tables import LetterRow
from tests.benchmarks.figures import Figure, Results, median, quantile
from tests.benchmarks.filled_store import PostgresqlRows, copy_office, letters_at, template_office
from tests.benchmarks.lean_client import Line, all_at_once
from tests.benchmarks.list_pages import cookies, settings_file
from tests.office import settings_of
from tests.servers.postgresql import Postgresql, private_postgresql
from tests.servers.served import served

pytestmark = pytest.mark.benchmark
CLIENTS = 16
EACH = 20
"""Dispositions of one client in a turn."""
TURNS = 3
"""The first warms up and does not count."""
_DURABLE = "\nfsync = on\nfull_page_writes = on\nshared_buffers = 128MB\n"
MANY = {"dispatch": {"engine": "procrastinate"}}
"""The processes answer pages and nothing else."""
_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')
_COOKIE = re.compile(rb"\r\nset-cookie: ([^=;]+=[^;]+)", re.IGNORECASE)


def test_dispositions_of_sixteen_clients(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    with office_on_postgresql(tmp_path, prepared_office) as url:
        for processes in (1, 2):
            rates, took = _dispose(tmp_path / f"{processes}", tmp_path / "office", url, processes)
            words = "1 process" if processes == 1 else f"{processes} processes"
            rate, p95 = median(rates), quantile(took, 0.95)
            name = f"dispositions on PostgreSQL, {CLIENTS} clients, {words}"
            results.add(Figure(name, rate, "a second", ">= 100", rate >= 100, tuple(rates)))
            results.add(Figure(f"{name}, p95", 1000 * p95, "ms", "< 200 ms", p95 < 0.2))


@contextmanager
def office_on_postgresql(folder: Path, prepared: Path, letters: int = 2 * TURNS * CLIENTS * EACH) -> Iterator[str]:
    """The store's address, with letters for the head; keys and letters of the office lie in ``folder/office``."""
    office = template_office(folder / "office", prepared)
    keyring = office.core.context.keyring
    office.close()
    with private_postgresql() as server, server.database() as database:
        with (server.folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(_DURABLE)
        server.restart()
        url = address(server, database.name, database.parameters["password"])
        migrate(url)
        with closing(sqlite3.connect(folder / "office" / "store.db")) as template, server.superuser(database.name) as c:
            rows = PostgresqlRows(c)
            copy_office(template, rows)
            letters_at(template, rows, keyring, "sent", letters)
            rows.settle()
        with closing(Store(url)) as store:
            bring_up_to_date(store, datetime.now(UTC))
        yield url


def address(server: Postgresql, name: str, password: str) -> str:
    """What the store is told."""
    more = f"sslmode=verify-full&sslrootcert={server.ca_file}"
    return f"postgresql+psycopg://{name}:{password}@127.0.0.1:{server.port}/{name}?{more}"


def _dispose(folder: Path, data: Path, url: str, processes: int) -> tuple[list[float], list[float]]:
    """Rates of the turns, and how long each disposition took."""
    folder.mkdir()
    with ExitStack() as stack:
        addresses = []
        for number in range(processes):
            own = folder / f"data-{number}"
            shutil.copytree(data, own, ignore=shutil.ignore_patterns("store.db*"))
            told = settings_file(folder, own, store={"url": url}, **MANY)
            run = stack.enter_context(served(folder / f"run-{number}", own, "--config", str(told), "serve"))
            addresses.append(run.address())
        core = build(settings_of(data, store={"url": url}))
        stack.callback(core.close)
        lines = [Line(addresses[number % processes]) for number in range(CLIENTS)]
        for line in lines:
            stack.callback(line.close)
        with core.context.store.read() as session:
            waiting = select(LetterRow.id, LetterRow.revision).where(
                LetterRow.state == "disposing", LetterRow.step == 2
            )
            letters = list(session.execute(waiting.limit(TURNS * CLIENTS * EACH)))
        signed_in = [cookies(core)["head"] for _ in lines]
        forms = [_form(line, f"pejabat={token}") for line, token in zip(lines, signed_in, strict=True)]
        rates, took = [], list[float]()
        for turn in range(TURNS):
            asked = []
            for number, (line, (cookie, token)) in enumerate(zip(lines, forms, strict=True)):
                first = (turn * CLIENTS + number) * EACH
                asked.append(
                    [
                        line.form(f"/surat/{one}/teruskan", cookie, {"csrf_token": token, "revision": str(revision)})
                        for one, revision in letters[first : first + EACH]
                    ]
                )
            answers, seconds = all_at_once(lines, asked)
            assert {answer.status for answer in answers} == {302}, answers[0].text
            if turn:
                rates.append(len(answers) / seconds)
                took += [answer.took for answer in answers]
        with core.context.store.read() as session:
            left = set(session.scalars(select(LetterRow.id).where(LetterRow.step == 2, LetterRow.state == "disposing")))
        assert not left & {one for one, _ in letters}
        return rates, took


def _form(line: Line, cookie: str) -> tuple[str, str]:
    """Cookies and token with which forms are taken."""
    page = line.ask(line.page("/pejabat-saya", cookie)).text
    token, own = _TOKEN.search(page), _COOKIE.search(page)
    assert token and own, page[:500]
    return f"{cookie}; {own[1].decode()}", token[1].decode()
