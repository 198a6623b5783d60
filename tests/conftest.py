"""What every test shares: a small real office, prepared once and copied for each test, and plain names for cases."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import settings

from tests import stores
from tests.compiled_routes import share_compiled_routes
from tests.compiled_statements import keep_compiled_statements
from tests.compiled_templates import keep_compiled_templates
from tests.office import RealOffice, prepare_office
from tests.servers.mariadb import Mariadb, private_mariadb
from tests.servers.postgresql import Postgresql, private_postgresql

settings.register_profile("no time limit", deadline=None)
settings.load_profile("no time limit")
keep_compiled_statements()
keep_compiled_templates()
share_compiled_routes()
_OF_THE_STORE = tuple(f"tests/{suite}/" for suite in ("provisioner", "web", "faults"))
"""Suites whose tests run on every kind of store. The others are of something else, and run on SQLite."""
_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,40}")


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:  # noqa: ARG001
    """Name cases by plain words only: workers that run tests in parallel must find the same names, and a value that is
    drawn anew in each process (a salt, a code) would differ between them.
    """
    if isinstance(val, str) and not _PLAIN.fullmatch(val):
        return argname
    return None


class MakeOffice(Protocol):
    """Makes an office with other settings: ``make_office(procedure={"step_5": "button"})``."""

    def __call__(self, **settings: Any) -> RealOffice: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--store sqlite``: everything on one kind of store; ``--store all``: on every kind. Else the core, the pages and
    the faults on every kind, everything else on SQLite.
    """
    parser.addoption("--store", choices=(*stores.KINDS, "all"), help="run every test on this kind of store")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for ``store_kind``, itself or through another fixture, runs on every kind of store."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "store_kind" in metafunc.fixturenames and "store_kind" not in chosen:
        metafunc.parametrize("store_kind", _kinds_for(metafunc), scope="session", indirect=True)


def _kinds_for(metafunc: pytest.Metafunc) -> Sequence[str]:
    asked = metafunc.config.getoption("store")
    if asked in stores.KINDS:
        return (asked,)
    if asked == "all" or metafunc.definition.nodeid.startswith(_OF_THE_STORE):
        return stores.KINDS
    return (stores.SQLITE,)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Offices that are opened from now on have their store where this test is told to have it."""
    call = getattr(item, "callspec", None)
    stores.choose(call.params.get("store_kind", stores.SQLITE) if call else stores.SQLITE)


def pytest_sessionfinish() -> None:
    """End the server of the stores."""
    stores.close()


@pytest.fixture(scope="session")
def store_kind(request: pytest.FixtureRequest) -> str:
    """Runs a test on every kind of store: offices that it opens are on this one (:mod:`tests.stores`)."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def prepared_offices() -> dict[str, Path]:
    """Offices that were prepared, by the kind of their store."""
    return {}


@pytest.fixture(scope="session")
def prepared_office(
    store_kind: str, prepared_offices: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of an office that was prepared: keys, database, authority, officials."""
    if store_kind not in prepared_offices:
        prepared_offices[store_kind] = prepare_office(tmp_path_factory.mktemp("office"))
    return prepared_offices[store_kind]


@pytest.fixture
def make_office(tmp_path: Path, prepared_office: Path) -> Iterator[MakeOffice]:
    """Makes offices of one's own; closes them afterwards."""
    made: list[RealOffice] = []

    def make(**settings: Any) -> RealOffice:
        office = RealOffice(tmp_path / f"office-{len(made)}", prepared_office, **settings)
        made.append(office)
        return office

    yield make
    for office in made:
        office.close()


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office with ordinary settings."""
    return make_office()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgresql]:
    """A PostgreSQL that all tests of this process share; each cleans up after itself."""
    with private_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Mariadb]:
    """A MariaDB that all tests of this process share; each cleans up after itself."""
    with private_mariadb() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_database() -> Iterator[tuple[Postgresql, str]]:
    """A database, likewise shared: making one for each test would take longer than the tests. On a server of its own,
    because tests of roles clear theirs of every role they do not know.
    """
    with private_postgresql() as server, server.database() as database:
        yield server, database.name


@pytest.fixture(scope="session")
def mariadb_database() -> Iterator[tuple[Mariadb, str]]:
    """The same in MariaDB."""
    with private_mariadb() as server, server.database() as database:
        yield server, database.name
