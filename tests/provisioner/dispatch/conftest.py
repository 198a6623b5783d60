"""Engines over real servers: one PostgreSQL for the module, one prepared office for each engine."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.many_machines import CHEAP, LivingHouse, ManyMachines, prepared, working
from tests.servers.postgresql import Postgresql, private_postgresql

TABLE = {
    "kind": "table",
    "label": "Basis data akun",
    "sign_in": True,
    "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True, **CHEAP},
}


@pytest.fixture(scope="package")
def server() -> Iterator[Postgresql]:
    with private_postgresql() as running:
        yield running


def away(folder: Path) -> dict[str, object]:
    """A system that is there once ``folder`` is."""
    return {
        "kind": "table",
        "label": "Arsip",
        "settings": {"url": f"sqlite:///{folder}/accounts.db", "create_tables": True, **CHEAP},
    }


@dataclass
class Engine:
    """An office with one kind of engine at work, or not at work."""

    office: ManyMachines
    house: LivingHouse
    folder: Path

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this lasts, somebody does the work."""
        with self._working():
            yield

    def _working(self) -> AbstractContextManager[object]:
        if self.house.settings.dispatch.engine == "procrastinate":
            return working(self.office, self.folder / "worker")
        return self._embedded()

    @contextmanager
    def _embedded(self) -> Iterator[None]:
        self.house.heart.runner.start()
        try:
            yield
        finally:
            assert self.house.heart.runner.stop()


@pytest.fixture(scope="module", params=["embedded-sqlite", "embedded-postgresql", "procrastinate-postgresql"])
def engine(
    request: pytest.FixtureRequest, server: Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    kind, _, store = request.param.partition("-")
    folder = tmp_path_factory.mktemp(request.param)
    targets = {"akun": TABLE, "arsip": away(folder / "away")}
    with server.database() if store == "postgresql" else nullcontext() as database:
        office = prepared(folder, database, targets, kind)
        with office.here() as house:
            yield Engine(office, house, folder)
