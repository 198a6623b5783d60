"""Running numbers on a database that many write to at once: the first of a year, too, is given once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from provisioner.provisioning import numbers
from provisioner.store import Store
from provisioner.store.tables import CounterRow, RestorationRow
from tests.servers.postgresql import SUPERUSER, SUPERUSER_PASSWORD, Postgresql

TAKERS, EACH = 6, 5


@pytest.fixture
def store(postgresql_database: tuple[Postgresql, str]) -> Iterator[Store]:
    server, name = postgresql_database
    address = f"127.0.0.1:{server.port}/{name}?sslmode=verify-full&sslrootcert={server.ca_file}"
    built = Store(f"postgresql+psycopg://{SUPERUSER}:{SUPERUSER_PASSWORD}@{address}")
    CounterRow.metadata.create_all(built.engine, [CounterRow.__table__, RestorationRow.__table__])  # type: ignore[list-item]
    yield built
    CounterRow.metadata.drop_all(built.engine, [CounterRow.__table__])  # type: ignore[list-item]
    built.close()


def test_numbers_taken_at_the_same_instant_have_no_gap_and_no_double(store: Store) -> None:
    together = Barrier(TAKERS)

    def take() -> list[int]:
        together.wait()
        taken = []
        for _ in range(EACH):
            with store.begin() as session:
                taken.append(numbers.take(session, "register-incoming", 2026))
        return taken

    def take_and_fail() -> None:
        together.wait()
        with store.begin() as session:
            numbers.take(session, "register-incoming", 2026)
            raise ZeroDivisionError

    with ThreadPoolExecutor(TAKERS) as pool:
        failing = pool.submit(take_and_fail)
        found = [pool.submit(take) for _ in range(TAKERS - 1)]
        given = sorted(number for each in found for number in each.result())
        assert isinstance(failing.exception(), ZeroDivisionError)
    assert given == list(range(1, (TAKERS - 1) * EACH + 1))
