"""The contract of telling changes, over every connector that can: the others' servers would be started to skip it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import contract
from provisioner.connector import TellsChanges
from tests.connectors.subjects import SUBJECTS

TELLING = ["ldap", "active-directory", "ds389"]


@pytest.fixture(params=TELLING)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[contract.Subject]:
    """A fresh, empty target and its connector."""
    with SUBJECTS[request.param](tmp_path) as fresh:
        assert isinstance(fresh.connector, TellsChanges)
        yield fresh


class TestChanges(contract.ChangesContract):
    """``cursor`` and ``changes``."""
