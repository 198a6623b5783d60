"""A try to open an envelope from elsewhere is an alarm until somebody has looked into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.errors import InvalidInput, NotAllowed, NotFound, WrongState
from provisioner.provisioning.envelope_alarms import EnvelopeAlarm
from tests.house import OWN, House, Someone, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


def try_elsewhere(house: House, someone: Someone, address: str = "198.51.100.9") -> None:
    with pytest.raises(WrongState):
        house.heart.handover.open(someone.ticket.text(), "another browser", address)


def standing(house: House) -> list[EnvelopeAlarm]:
    return house.heart.envelope_alarms.standing(house.official("adb"))


def test_tries_from_elsewhere_are_one_alarm_that_counts_them(house: House) -> None:
    someone, _ = house.received()
    at = house.still.now
    house.still.move(minutes=1)
    try_elsewhere(house, someone)
    house.still.move(minutes=1)
    try_elsewhere(house, someone, "198.51.100.10")
    (alarm,) = standing(house)
    assert (alarm.account_id, alarm.username, alarm.opened_at) == (someone.account_id, "dewi.lestari", at)
    assert (alarm.tries, alarm.address, alarm.last_at) == (2, "198.51.100.10", house.still.now)
    assert house.events().count("envelope-foreign-attempt") == 2
    (item,) = house.heart.queue.waiting(house.official("it"))
    assert (item.kind, item.account_id) == ("alarm", someone.account_id)


def test_typing_the_ticket_elsewhere_is_a_try_too(house: House) -> None:
    someone, _ = house.received()
    assert house.heart.handover.look(someone.account_id, "", "198.51.100.9").slips[0].state == "opened"
    assert [alarm.address for alarm in standing(house)] == ["198.51.100.9"]


def test_the_browser_that_opened_it_raises_no_alarm(house: House) -> None:
    someone, initial = house.received()
    house.heart.handover.look(someone.account_id, "browser")
    house.still.move(minutes=11)
    house.heart.handover.look(someone.account_id, "browser")
    assert standing(house) == []
    house.heart.passwords.change(someone.account_id, initial, OWN)
    house.heart.handover.look(someone.account_id, "another browser")  # There is nothing left to take.
    assert standing(house) == []


def test_an_envelope_that_is_still_closed_or_an_account_that_is_raises_none(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.heart.handover.look(someone.account_id, "another browser")
    house.open(someone)
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.handover.look(someone.account_id, "another browser")
    assert standing(house) == []
    with pytest.raises(NotFound):
        house.heart.handover.look("nobody", "browser")


def test_it_stands_until_somebody_says_what_was_found(house: House) -> None:
    someone, _ = house.received()
    try_elsewhere(house, someone)
    (alarm,) = standing(house)
    adb = house.official("adb")
    with pytest.raises(InvalidInput) as empty:
        house.heart.envelope_alarms.examine(adb, alarm.id, "  ")
    assert empty.value.fields == {"note": ["required"]}
    house.still.move(minutes=5)
    house.heart.envelope_alarms.examine(adb, alarm.id, "Ditelepon: ia sendiri")
    assert standing(house) == []
    assert house.heart.queue.waiting(adb) == []
    told = house.heart.envelope_alarms.of_account(someone.account_id)
    assert told is not None
    assert (told.examined_at, told.examined_by, told.note) == (house.still.now, "adb", "Ditelepon: ia sendiri")
    assert house.events()[-1] == "envelope-alarm-examined"
    with pytest.raises(WrongState) as twice:
        house.heart.envelope_alarms.examine(adb, alarm.id, "lagi")
    assert twice.value.code == "alarm-examined"


def test_a_try_after_that_is_a_new_alarm(house: House) -> None:
    someone, _ = house.received()
    try_elsewhere(house, someone)
    house.heart.envelope_alarms.examine(house.official("it"), standing(house)[0].id, "Ditelepon")
    house.still.move(minutes=1)
    try_elsewhere(house, someone)
    (alarm,) = standing(house)
    assert alarm.tries == 1
    told = house.heart.envelope_alarms.of_account(someone.account_id)
    assert told is not None and told.id == alarm.id


def test_who_may_see_and_examine_alarms(house: House) -> None:
    someone, _ = house.received()
    try_elsewhere(house, someone)
    (alarm,) = standing(house)
    with pytest.raises(NotAllowed):
        house.heart.envelope_alarms.standing(house.official("secretary"))
    assert house.heart.envelope_alarms.standing(house.official("section_head")) == [alarm]
    for official in (house.official("section_head"), house.official_who_is(someone, "adb")):
        with pytest.raises(NotAllowed):
            house.heart.envelope_alarms.examine(official, alarm.id, "baik-baik saja")
    with pytest.raises(NotFound):
        house.heart.envelope_alarms.examine(house.official("adb"), "none", "baik-baik saja")
