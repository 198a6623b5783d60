"""Dry run: the calls that would be made, and that none of them is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.connector import Changes
from provisioner.errors import InvalidInput, NotFound, WrongState
from provisioner.provisioning.previews import Terms
from tests.house import House, manual, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, {"akun": memory(sign_in=True), "siak": manual()})
    yield made
    made.close()


def words(house: House, account_id: str, change: str = "") -> dict[str, list[str]]:
    previews = house.heart.previews.of(house.official("auditor"), account_id, change)
    return {each.target: [f"{call.word} {call.entitlement}".strip() for call in each.calls] for each in previews}


def test_an_account_that_is_as_it_should_be_needs_nothing(house: House) -> None:
    someone = house.active()
    assert words(house, someone.account_id)["akun"] == []


def test_every_change_can_be_looked_at_and_changes_nothing(house: House) -> None:
    someone = house.active()
    before = house.entry("akun", someone), house.account(someone).desired_version, len(house.events())
    taken = ["revoke dafduk", "revoke siak", "update", "end-sessions"]
    assert words(house, someone.account_id, "suspend")["akun"] == taken
    assert words(house, someone.account_id, "revoke")["akun"] == taken
    assert words(house, someone.account_id, "reset")["akun"] == taken
    assert words(house, someone.account_id, "extend")["akun"] == ["update"]
    assert (house.entry("akun", someone), house.account(someone).desired_version, len(house.events())) == before
    with pytest.raises(WrongState):
        words(house, someone.account_id, "reactivate")


def test_what_is_shown_is_what_is_done(house: House) -> None:
    someone = house.active()
    (shown, _) = house.heart.previews.of(house.official("it"), someone.account_id, "suspend")
    (update,) = [call for call in shown.calls if call.word == "update"]
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    entry = house.entry("akun", someone)
    told = {each.name: each.should for each in update.fields}
    assert entry.marker is not None
    assert told == {"enabled": "no", "marker": f"{entry.marker.version}/{entry.marker.generation}"}
    assert not entry.enabled


def test_a_new_account_is_told_whole_without_its_password(house: House) -> None:
    someone = house.approved()
    shown = {each.target: each for each in house.heart.previews.of(house.official("it"), someone.account_id)}
    (create,) = shown["akun"].calls
    assert create.word == "create"
    assert {each.name for each in create.fields} >= {"username", "enabled", "full_name", "marker"}
    assert shown["siak"].asks_people
    assert "Dewi" not in repr(create)


def test_a_stranger_under_the_name_is_told_by_its_meaning(house: House) -> None:
    house.connector("akun").add_stranger("dewi.lestari")
    someone = house.approved()
    shown = house.heart.previews.of(house.official("it"), someone.account_id)[0]
    assert (shown.target, shown.error) == ("akun", "AccountExists")


def test_drift_shows_in_the_present_state(house: House) -> None:
    someone = house.active()
    entry = house.entry("akun", someone)
    assert entry.marker is not None
    house.connector("akun").update(entry, Changes(enabled=False), entry.marker)
    assert words(house, someone.account_id)["akun"] == ["update"]


def test_what_is_not_there_cannot_be_looked_at(house: House) -> None:
    with pytest.raises(NotFound):
        words(house, "0" * 32)
    with pytest.raises(InvalidInput):
        words(house, house.approved().account_id, "vanish")


def test_what_time_and_a_new_request_bring_can_be_looked_at_too(house: House) -> None:
    someone = house.active()
    assert words(house, someone.account_id, "expire")["akun"][-1] == "end-sessions"
    it = house.official("it")
    (akun, _) = house.heart.previews.of(it, someone.account_id, "rename", Terms(username="nama.baru"))
    assert ("username", "nama.baru") in [(each.name, each.should) for call in akun.calls for each in call.fields]
    (akun, _) = house.heart.previews.of(it, someone.account_id, "role", Terms(role="VERIFIKATOR"))
    assert next(call.word for call in akun.calls) == "revoke"
    with pytest.raises(InvalidInput):
        house.heart.previews.of(it, someone.account_id, "role", Terms(role="NOBODY"))
    with pytest.raises(WrongState):
        words(house, someone.account_id, "delete")


def test_the_operators_own_change_grants_what_waits_for_it(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    assert [each for each in words(house, someone.account_id, "activate")["akun"] if each.startswith("grant")] == [
        "grant dafduk",
        "grant siak",
    ]
