"""A real directory that is gone or hangs: its breaker opens and closes, and what a table gets does not wait for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import Severity
from tests.house import House, ldap, table
from tests.servers.slapd import Slapd, private_slapd

pytestmark = pytest.mark.usefixtures("store_kind")

FAILURES = 2


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with private_slapd(tmp_path_factory.mktemp("slapd")) as started:
        yield started


@pytest.fixture
def house(tmp_path: Path, directory: Slapd) -> Iterator[House]:
    targets = {"akun": table(tmp_path / "accounts.db", sign_in=True), "direktori": ldap(directory.settings())}
    built = House(tmp_path, targets, runner={"breaker_failures": FAILURES, "call_timeout_seconds": 0.5})
    yield built
    built.close()


@pytest.mark.parametrize("trouble", ["closed", "hanging"])
def test_the_table_is_served_while_the_directory_is_away_and_the_directory_when_it_is_back(
    house: House, directory: Slapd, trouble: str
) -> None:
    it, systems = house.official("it"), house.heart.systems
    leave, back = {"closed": (directory.stop, directory.start), "hanging": (directory.freeze, directory.thaw)}[trouble]
    leave()
    try:
        people = [house.approved(f"{trouble}{number}") for number in range(6)]
        house.heart.drain()
        assert [house.words(someone)["akun"] for someone in people] == ["done"] * 6
        view = systems.one(it, "direktori")
        # Nobody else was sent to the directory once it was known to be away.
        assert (view.state, view.failures, view.waiting, view.done) == ("rests", FAILURES, 6, 0)
        assert not any(each.severity is Severity.OK for each in house.targets["direktori"].connector.check())
    finally:
        back()
    house.still.move(seconds=3600)
    house.heart.drain()
    assert [house.words(someone)["direktori"] for someone in people] == ["done"] * 6
    assert systems.one(it, "direktori").state == "answers"


def test_a_real_policy_that_our_passwords_do_not_meet_is_an_error_with_what_to_do(tmp_path: Path) -> None:
    with private_slapd(tmp_path / "strict", policy={"pwdMinLength": "40"}) as strict:
        targets = {"akun": table(tmp_path / "accounts.db", sign_in=True), "direktori": ldap(strict.settings())}
        house = House(tmp_path, targets)
        house.heart.systems.check(house.official("it"), "direktori")
        view = house.heart.systems.one(house.official("it"), "direktori")
        house.close()
    assert [(each.rule, each.wanted, each.has) for each in view.issued_broken] == [("min_length", 40, 24)]
    assert view.rules[0].lockout_after == 3
    errors = [each for each in view.problems if each.severity is Severity.ERROR and each.subject == "policy"]
    assert [each.remedy for each in errors] == ["ask for no more than 24 there"]
