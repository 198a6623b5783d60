"""Every test of the contract runs over every connector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.connectors.contract")

from tests.connectors.contract import Subject  # noqa: E402
from tests.connectors.subjects import SUBJECTS  # noqa: E402


@pytest.fixture(params=SUBJECTS)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """A fresh, empty target and its connector."""
    with SUBJECTS[request.param](tmp_path) as fresh:
        yield fresh
