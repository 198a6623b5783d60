"""What a target said it had done is read back before it is recorded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.chaos import ChaosConnector, Fault, PlannedFault
from connectors.chaos.fault import Plan
from tests.faults.chaos_scene import RUNNER, TARGET, TARGETS
from tests.house import House, Someone

pytestmark = pytest.mark.usefixtures("store_kind")

NAMES = ("dewi.lestari", "budi.santoso", "siti.aminah")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, TARGETS, runner=RUNNER)
    yield built
    built.close()


def behaving(house: House, *faults: PlannedFault) -> ChaosConnector:
    connector: ChaosConnector = house.connector(TARGET)
    connector.misbehave(Plan(faults))
    return connector


def states(house: House, people: list[Someone]) -> list[str]:
    return [house.link(each, TARGET).state for each in people]


def test_what_several_accounts_were_given_is_read_back_in_one_call(house: House) -> None:
    people = [house.approved(name) for name in NAMES]
    connector = behaving(house)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert [each for each in connector.line.calls if each != "end_sessions"] == [
        "read_several",
        *["create"] * 3,
        "read_several",
    ]


def test_a_lie_about_one_account_holds_back_no_other(house: House) -> None:
    people = [house.approved(name) for name in NAMES]
    behaving(house, PlannedFault(call=2, fault=Fault.LIE, operation="create"))
    house.heart.drain()
    assert sorted(states(house, people)) == ["done", "done", "due"]
    (deceived,) = (each for each in people if house.link(each, TARGET).state == "due")
    link = house.link(deceived, TARGET)
    assert (link.error, link.in_doubt, link.applied_version) == ("InDoubt", True, 0)
    assert house.request_state(deceived) == "creation"
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3


def test_a_target_that_dies_before_it_can_be_read_back_is_asked_again(house: House) -> None:
    people = [house.approved(name) for name in NAMES]
    behaving(house, PlannedFault(call=2, fault=Fault.FAIL, operation="read_several"))
    house.heart.drain()
    assert "due" in states(house, people)
    house.still.move(minutes=1)
    house.heart.drain()
    assert states(house, people) == ["done"] * 3
    assert [each.operation for each in house.connector(TARGET).effects()] == ["create"] * 3


def test_an_entry_that_was_not_deleted_is_not_forgotten(house: House) -> None:
    someone = house.active()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    behaving(house, PlannedFault(call=1, fault=Fault.LIE, operation="delete"))
    house.still.move(days=house.settings.runner.quarantine_days + 1)
    house.heart.drain()
    assert house.link(someone, TARGET).state == "due"
    house.still.move(minutes=1)
    house.heart.drain()
    assert house.link(someone, TARGET).state == "gone"
    assert house.connector(TARGET).find(someone.account_id) == []
