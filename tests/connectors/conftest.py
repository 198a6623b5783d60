"""Every test of the contract runs over every connector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.connectors.contract")

from tests.connectors.contract import Subject  # noqa: E402
from tests.connectors.subjects import SERVED, SUBJECTS  # noqa: E402


@pytest.fixture(params=[*SUBJECTS, *SERVED])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """A fresh, empty target and its connector."""
    name = request.param
    if name in SERVED:
        server, target = SERVED[name]
        made = target(request.getfixturevalue(server), tmp_path)
    else:
        made = SUBJECTS[name](tmp_path)
    with made as fresh:
        yield fresh
