"""The way from the pact to the operator's own session, with a real PostgreSQL that follows another sign-in target."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from provisioner.settings import TargetSettings
from tests.house import OWN, House, Someone, memory
from tests.servers.postgresql import Postgresql
from tests.servers.role_server import RoleServer, role_server

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def target(postgresql_server: Postgresql, tmp_path: Path) -> Iterator[RoleServer]:
    with role_server(postgresql_server, tmp_path) as prepared:
        yield prepared


@pytest.fixture
def house(target: RoleServer, tmp_path: Path) -> Iterator[House]:
    roles = TargetSettings(kind="postgresql", label="Basis data", settings=target.settings())
    built = House(tmp_path / "house", {"akun": memory(sign_in=True), "basisdata": roles})
    yield built
    built.close()


def session(target: RoleServer, password: str) -> psycopg.Connection[Any]:
    return psycopg.connect(**target.server.parameters("dewi.lestari", password))


def test_nobody_gets_in_before_the_first_change_and_the_operator_does_after_it(
    house: House, target: RoleServer
) -> None:
    someone, initial = house.received()
    waiting = house.entry("basisdata", someone)
    assert (waiting.enabled, waiting.entitlements) == (False, frozenset())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        session(target, initial)
    house.heart.passwords.change(someone.account_id, initial, OWN)
    house.heart.drain()
    session(target, OWN).close()
    assert house.entry("basisdata", someone).entitlements == {"siak", "dafduk"} | {"wilayah-35.76.02"}
    assert OWN not in target.server.output()


def test_suspending_ends_the_session_and_reactivating_lets_the_same_password_in(
    house: House, target: RoleServer
) -> None:
    someone = house.active()
    open_session = session(target, OWN)
    suspend(house, someone)
    with pytest.raises(psycopg.OperationalError):
        open_session.execute("SELECT 1")
    open_session.close()
    suspended = house.entry("basisdata", someone)
    assert (suspended.enabled, suspended.entitlements) == (False, frozenset())
    assert "sessions-ended-in-target" in house.events()
    house.heart.accounts.reactivate(house.official("adb"), someone.account_id)
    house.heart.drain()
    session(target, OWN).close()


def test_a_role_that_was_dropped_by_hand_comes_back_barred(house: House, target: RoleServer) -> None:
    someone = house.active()
    suspend(house, someone)
    target.execute('DROP ROLE "dewi.lestari"')
    house.heart.accounts.reactivate(house.official("adb"), someone.account_id)
    house.heart.drain()
    assert not house.entry("basisdata", someone).enabled


def suspend(house: House, someone: Someone) -> None:
    house.heart.accounts.suspend_now(house.official("adb"), someone.account_id, "cuti")
    house.heart.drain()
