"""Every test of the contract runs over every connector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import Subject
from tests.connectors.role_office import RoleOffice, role_office
from tests.connectors.subjects import SERVED, SUBJECTS
from tests.connectors.user_office import UserOffice, user_office
from tests.servers.mariadb import Mariadb
from tests.servers.postgresql import Postgresql


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


@pytest.fixture
def roles(postgresql_server: Postgresql, tmp_path: Path) -> Iterator[RoleOffice]:
    """A PostgreSQL with the service account and the groups, and no other roles."""
    with role_office(postgresql_server, tmp_path) as office:
        yield office


@pytest.fixture
def users(mariadb_server: Mariadb, tmp_path: Path) -> Iterator[UserOffice]:
    """A MariaDB prepared for accounts as users, and the connector to it."""
    with user_office(mariadb_server, tmp_path) as office:
        yield office
