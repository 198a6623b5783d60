"""A process that stands still between reading and writing, is taken over, and wakes up later with an old plan."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from provisioner.connector import Outcome
from provisioner.settings import TargetSettings
from tests.faults.dying import Frozen, freeze_here, stopped_in
from tests.house import OWN, House, ldap, table
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.usefixtures("store_kind")

PATIENT = {"lease_seconds": 10, "call_timeout_seconds": 5}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with private_slapd(tmp_path_factory.mktemp("freeze")) as running:
        yield running


@pytest.fixture(params=["table", "ldap"])
def targets(request: pytest.FixtureRequest, directory: Slapd) -> dict[str, TargetSettings]:
    if request.param == "ldap":
        return {"akun": ldap(directory.settings(), sign_in=True)}
    return {"akun": table(Path("{data_dir}/accounts.db"), sign_in=True)}


@pytest.fixture
def house(tmp_path: Path, targets: dict[str, TargetSettings]) -> Iterator[House]:
    built = House(tmp_path, targets, runner=PATIENT)
    yield built
    built.close()


def frozen_before(house: House, call: str) -> Frozen:
    """Another runner, on another machine as it were, that freezes right before this call to the target."""

    def work() -> None:
        other = House(
            house.folder,
            house.settings.targets,
            clock=house.still,
            keyring=house.keyring,
            runner=PATIENT,
            lock_name="other.lock",
            fresh=False,
        )
        connector = other.connector("akun")
        plain: Callable[..., Any] = getattr(connector, call)

        def frozen(*arguments: Any) -> Any:
            setattr(connector, call, plain)
            freeze_here()
            return plain(*arguments)

        setattr(connector, call, frozen)
        other.heart.drain()

    return stopped_in(work)


def take_over(house: House) -> None:
    """Only what is free, or whose lease is over, is claimed."""
    while claims := house.heart.work.claim("akun", 5):
        for claim in claims:
            house.heart.converger.converge([claim])


def names() -> Iterator[str]:
    number = time.time_ns()
    while True:
        number += 1
        yield f"orang{number}"


NAMES = names()


def test_a_link_is_left_alone_until_the_lease_of_the_frozen_one_is_over(house: House) -> None:
    someone = house.approved(next(NAMES))
    frozen = frozen_before(house, "create")
    take_over(house)
    assert house.link(someone, "akun").applied_version == 0
    house.still.move(seconds=11)
    take_over(house)
    frozen.wake_up()
    house.heart.drain()
    assert len(house.connector("akun").find(someone.account_id)) == 1
    password = house.open(someone).slips[0].password
    assert house.connector("akun").authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE


def test_a_late_create_cannot_raise_a_revoked_account(house: House) -> None:
    someone = house.approved(next(NAMES))
    frozen = frozen_before(house, "create")
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.still.move(seconds=11)
    take_over(house)
    assert not house.entry("akun", someone).enabled
    frozen.wake_up()
    assert not house.entry("akun", someone).enabled
    house.heart.drain()
    assert not house.entry("akun", someone).enabled
    assert house.words(someone) == {"akun": "done"}


def test_an_older_state_never_overwrites_a_newer_one(house: House) -> None:
    someone = house.active(next(NAMES))
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    frozen = frozen_before(house, "update")
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.still.move(seconds=11)
    take_over(house)
    newest = house.entry("akun", someone)
    assert not newest.enabled
    frozen.wake_up()
    assert house.entry("akun", someone) == newest
    assert house.connector("akun").authenticate(someone.username, OWN).outcome is not Outcome.ACCEPTED


def test_a_late_write_of_an_old_password_never_replaces_a_newer_one(house: House) -> None:
    someone, initial = house.received(next(NAMES))
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    house.new_ticket(someone)
    take_over(house)
    house.heart.issuer.issue(house.heart.issuer.due()[0])
    frozen = frozen_before(house, "update")
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    house.still.move(seconds=11)
    house.heart.issuer.issue(house.heart.issuer.due()[0])
    take_over(house)
    frozen.wake_up()
    house.heart.drain()
    password = house.open(someone).slips[0].password
    assert password != initial
    assert house.connector("akun").authenticate(someone.username, password).outcome is Outcome.MUST_CHANGE
    assert house.connector("akun").authenticate(someone.username, initial).outcome is Outcome.REJECTED


def test_a_late_write_never_touches_the_password_the_operator_chose(house: House) -> None:
    someone, initial = house.received(next(NAMES))
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    frozen = frozen_before(house, "update")
    house.heart.passwords.change(someone.account_id, initial, OWN)
    frozen.wake_up()
    house.still.move(seconds=11)
    house.heart.drain()
    assert house.connector("akun").authenticate(someone.username, OWN).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("targets", ["ldap"], indirect=True)
def test_a_late_grant_after_a_revocation_is_taken_back(house: House) -> None:
    someone, initial = house.received(next(NAMES))
    house.heart.passwords.change(someone.account_id, initial, OWN)
    frozen = frozen_before(house, "grant")
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.still.move(seconds=11)
    take_over(house)
    assert house.entry("akun", someone).entitlements == frozenset()
    frozen.wake_up()
    house.heart.drain()
    assert house.entry("akun", someone).entitlements == frozenset()
