"""The two machines that all tests here share."""

from collections.abc import Iterator

import pytest

from tests.machines.two_machines import TwoMachines, two_machines
from tests.servers.postgresql import Postgresql


@pytest.fixture(scope="package")
def machines(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Postgresql) -> Iterator[TwoMachines]:
    """One office, two processes, one store."""
    with two_machines(tmp_path_factory.mktemp("machines"), postgresql_server) as running:
        yield running
