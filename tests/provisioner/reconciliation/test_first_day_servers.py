"""The first day on servers that are unlike a directory with verifiers: one that knows no first change, and one that
takes clear text only. Who is taken over keeps id, name and password, and is managed from then on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from connectors.postgresql import scram
from provisioner.connector import RemoteAccount
from provisioner.reconciliation.finding import Kind
from tests.conftest import MakeOffice
from tests.provisioner.provisioning.first_day import FirstDay, row
from tests.servers.role_server import role_server
from tests.servers.samba_ad import shared_samba_ad

MINE, OTHER = "orang.lama", "orang.lain"
PASSWORD = "Lama-sekali-dipakai-31"


@dataclass(frozen=True)
class System:
    """A server with two people's accounts, which nobody has told us of."""

    kind: str
    settings: dict[str, Any]
    lets_in: Callable[[], bool]
    """Whether the one who is taken over gets in with the old password, asked of the server itself."""


@contextmanager
def postgresql(request: pytest.FixtureRequest, folder: Path) -> Iterator[System]:
    with role_server(request.getfixturevalue("postgresql_server"), folder) as target:
        target.add_login_roles([MINE, OTHER])
        password = sql.Literal(scram.verifier(PASSWORD, 1).text)
        target.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(MINE), password))

        def lets_in() -> bool:
            psycopg.connect(**target.server.parameters(MINE, PASSWORD)).close()
            return True

        yield System("postgresql", target.settings(), lets_in)


@contextmanager
def active_directory(_request: pytest.FixtureRequest, _folder: Path) -> Iterator[System]:
    with shared_samba_ad().office() as office:
        office.add_people([MINE, OTHER])
        office.domain.set(office.person(MINE), unicodePwd=f'"{PASSWORD}"'.encode("utf-16-le"))
        office.domain.set(office.person(MINE), userAccountControl="512")

        def lets_in() -> bool:
            connection = office.domain.connection(office.person(MINE), PASSWORD)
            try:
                return bool(connection.bind())
            finally:
                connection.unbind()

        yield System("active-directory", office.settings(), lets_in)


SYSTEMS = {each.__name__: each for each in (postgresql, active_directory)}


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    with SYSTEMS[request.param](request, tmp_path) as ready:
        yield ready


def test_who_is_taken_over_keeps_name_id_and_password_and_is_managed(make_office: MakeOffice, system: System) -> None:
    targets = {
        "masuk": {"kind": "memory", "label": "Masuk", "sign_in": True},
        "lama": {"kind": system.kind, "label": "Lama", "settings": system.settings},
    }
    day = FirstDay(make_office(targets=targets), "lama")
    connector = day.core.targets["lama"].connector

    def entry(name: str) -> RemoteAccount:
        found = connector.get(name)
        assert found is not None
        return found

    before, untouched = entry(MINE), entry(OTHER)
    assert system.lets_in()
    day.decided(day.record(row(MINE, 0), row(OTHER, 1)).list_id)
    assert entry(MINE) == before
    day.signs(day.comes(MINE, role="OPERATOR_DAFDUK", region_scope="35.76.02"))
    day.core.heart.drain()
    after = entry(MINE)
    assert after.marker is not None
    assert (after.remote_id, after.username, after.enabled) == (before.remote_id, before.username, before.enabled)
    assert after.profile["full_name"] == "Dewi Lestari Handayani"
    assert after.entitlements
    assert system.lets_in()
    assert entry(OTHER) == untouched
    day.office.clock.move(hours=1)
    run = day.core.reconciliations.run(day.office.actor("it"), "lama")
    assert [*day.core.reconciliations.findings(day.office.actor("it"), run.id, Kind.DRIFT).rows] == []
    assert (run.in_order, run.drift, run.recorded) == (1, 0, 1)
