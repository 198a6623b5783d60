"""Groups and roles of several accounts are changed in one call where the system can, and alone where that fails."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.chaos import ChaosConnector, Fault, PlannedFault
from connectors.chaos.fault import Plan
from tests.faults.chaos_scene import RUNNER, TARGET, TARGETS
from tests.house import House, Someone

pytestmark = pytest.mark.usefixtures("store_kind")

NAMES = ("dewi.lestari", "budi.santoso", "siti.aminah")
ROLES = frozenset({"siak", "dafduk"})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, TARGETS, runner=RUNNER)
    yield built
    built.close()


@pytest.fixture
def people(house: House) -> list[Someone]:
    return [house.active(name) for name in NAMES]


def suspended(house: House, people: list[Someone]) -> None:
    for each in people:
        house.heart.accounts.suspend_now(house.official("it"), each.account_id)


def reactivated(house: House, people: list[Someone]) -> None:
    for each in people:
        house.heart.accounts.reactivate(house.official("it"), each.account_id)


def behaving(house: House, *faults: PlannedFault) -> ChaosConnector:
    connector: ChaosConnector = house.connector(TARGET)
    connector.misbehave(Plan(faults))
    return connector


def calls(connector: ChaosConnector) -> list[str]:
    return [each for each in connector.line.calls if each != "end_sessions"]


def held(house: House, people: list[Someone]) -> list[frozenset[str]]:
    house.connector(TARGET).misbehave(Plan(()))
    return [house.entry(TARGET, each).entitlements for each in people]


def states(house: House, people: list[Someone]) -> list[str]:
    return [house.link(each, TARGET).state for each in people]


def recorded(house: House, kind: str) -> int:
    return Counter(house.events())[kind]


def test_several_lose_and_get_a_role_in_one_call_each(house: House, people: list[Someone]) -> None:
    revoked, granted = recorded(house, "entitlements-revoked"), recorded(house, "entitlements-granted")
    connector = behaving(house)
    suspended(house, people)
    house.heart.drain()
    assert calls(connector) == ["read_several", *["revoke_several"] * 2, *["update"] * 3, "read_several"]
    assert held(house, people) == [frozenset()] * 3
    connector = behaving(house)
    reactivated(house, people)
    house.heart.drain()
    assert calls(connector) == ["read_several", *["update"] * 3, *["grant_several"] * 2, "read_several"]
    assert held(house, people) == [ROLES] * 3
    assert states(house, people) == ["done"] * 3
    assert recorded(house, "entitlements-revoked") == revoked + 3
    assert recorded(house, "entitlements-granted") == granted + 3


@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.LOSE_ANSWER])
@pytest.mark.parametrize("call", [1, 2])
def test_what_fails_together_is_done_alone(house: House, people: list[Someone], fault: Fault, call: int) -> None:
    behaving(house, PlannedFault(call=call, fault=fault, operation="revoke_several"))
    suspended(house, people)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert held(house, people) == [frozenset()] * 3
    behaving(house, PlannedFault(call=call, fault=fault, operation="grant_several"))
    reactivated(house, people)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert held(house, people) == [ROLES] * 3


def test_whoever_cannot_be_given_it_alone_waits_and_those_after_it_are_done_later(
    house: House, people: list[Someone]
) -> None:
    suspended(house, people)
    house.heart.drain()
    reactivated(house, people)
    behaving(
        house,
        PlannedFault(call=1, fault=Fault.FAIL, operation="grant_several"),
        PlannedFault(call=2, fault=Fault.FAIL, operation="grant_several"),
        PlannedFault(call=3, fault=Fault.FAIL, operation="grant"),
    )
    house.heart.runner.drain(1)
    assert Counter(states(house, people)) == {"done": 1, "due": 2}
    assert sorted(house.link(each, TARGET).error for each in people)[-1] == "TargetUnavailable"
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert held(house, people) == [ROLES] * 3


def test_what_changed_is_told_also_of_who_is_not_given_the_rest(house: House, people: list[Someone]) -> None:
    suspended(house, people)
    house.heart.drain()
    reactivated(house, people)
    connector = behaving(house)
    for each in people:
        connector.grant(house.entry(TARGET, each), "peran-yang-diberikan-orang-lain")
    before, granted = recorded(house, "entitlements-revoked"), recorded(house, "entitlements-granted")
    behaving(
        house,
        PlannedFault(call=2, fault=Fault.FAIL, operation="grant_several"),
        PlannedFault(call=1, fault=Fault.FAIL, operation="grant"),
    )
    house.heart.runner.drain(1)
    assert Counter(states(house, people)) == {"due": 3}
    assert recorded(house, "entitlements-revoked") == before + 3
    assert recorded(house, "entitlements-granted") == granted + 3
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert held(house, people) == [ROLES] * 3
    assert recorded(house, "entitlements-revoked") == before + 3
    assert recorded(house, "entitlements-granted") == granted + 6


def test_a_lie_about_it_is_found_out(house: House, people: list[Someone]) -> None:
    behaving(house, PlannedFault(call=1, fault=Fault.LIE, operation="revoke_several"))
    suspended(house, people)
    house.heart.runner.drain(1)
    assert states(house, people) == ["due"] * 3
    assert {house.link(each, TARGET).error for each in people} == {"InDoubt"}
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert held(house, people) == [frozenset()] * 3


def test_what_was_taken_away_is_told_also_of_those_whose_run_was_left(house: House, people: list[Someone]) -> None:
    before = recorded(house, "entitlements-revoked")
    behaving(house, PlannedFault(call=2, fault=Fault.FAIL, operation="update"))
    suspended(house, people)
    house.heart.runner.drain(1)
    assert Counter(states(house, people)) == {"done": 1, "due": 2}
    assert held(house, people) == [frozenset()] * 3
    assert recorded(house, "entitlements-revoked") == before + 3
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert recorded(house, "entitlements-revoked") == before + 3


@pytest.mark.parametrize("alone", [True, False])
def test_what_one_account_got_is_told_though_the_rest_failed(house: House, people: list[Someone], alone: bool) -> None:
    people = people[:1] if alone else people
    suspended(house, people)
    house.heart.drain()
    granted = recorded(house, "entitlements-granted")
    reactivated(house, people)
    faults = [PlannedFault(call=call, fault=Fault.FAIL, operation="grant_several") for call in (1, 2)]
    behaving(house, *faults, PlannedFault(call=2, fault=Fault.FAIL, operation="grant"))
    house.heart.runner.drain(1)
    assert Counter(states(house, people)) == {"due": len(people)}
    assert recorded(house, "entitlements-granted") == granted + 1
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * len(people)
    assert held(house, people) == [ROLES] * len(people)
    assert recorded(house, "entitlements-granted") == granted + 1 + len(people)
