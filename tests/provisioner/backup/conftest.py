"""What tests of backups begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.backup.writing import Written, write_backup
from tests.office import MovableClock, RealOffice


@pytest.fixture(scope="module")
def office(prepared_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealOffice]:
    """An office with somebody whose envelope lies sealed."""
    made = RealOffice(tmp_path_factory.mktemp("backup") / "office", prepared_office, MovableClock())
    made.new("handover")
    yield made
    made.close()


@pytest.fixture(scope="module")
def written(office: RealOffice, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A backup of it."""
    return write_backup(office.core.context, tmp_path_factory.mktemp("written") / "satu.backup")
