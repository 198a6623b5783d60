"""Accounts brought to targets in memory."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.memory import MemoryConnector
from provisioner.connector import Authentication, Marker, Outcome
from provisioner.errors import InvalidInput, WrongState
from provisioner.store.tables import AccountRow
from tests.house import OWN, House, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, {"akun": memory(sign_in=True), "arsip": memory()})
    yield built
    built.close()


def test_an_approved_request_becomes_one_entry_in_every_system(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    for target in ("akun", "arsip"):
        entry = house.entry(target, someone)
        assert entry.username == "dewi.lestari"
        assert entry.enabled
        assert entry.must_change
        assert entry.entitlements == frozenset()
    assert house.words(someone) == {"akun": "done", "arsip": "done"}
    assert house.request_state(someone) == "handover"


def test_the_initial_password_demands_to_be_changed_everywhere(house: House) -> None:
    someone, password = house.received()
    for target in ("akun", "arsip"):
        assert house.connector(target).authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE
    assert house.request_state(someone) == "done"


def test_after_the_first_change_the_groups_are_granted(house: House) -> None:
    someone = house.active()
    for target in ("akun", "arsip"):
        assert house.entry(target, someone).entitlements == {"siak", "dafduk"}
        assert house.connector(target).authenticate("dewi.lestari", OWN).outcome is Outcome.ACCEPTED
    assert house.account(someone).state == "active"


def test_working_again_without_a_change_writes_nothing(house: House) -> None:
    someone = house.active()
    before = [house.entry(target, someone) for target in ("akun", "arsip")]
    for target in ("akun", "arsip"):
        house.heart.account_systems.retry_now(house.official("it"), house.link(someone, target).id)
    house.heart.drain()
    assert [house.entry(target, someone) for target in ("akun", "arsip")] == before


def test_a_strangers_entry_is_never_adopted(house: House) -> None:
    connector: MemoryConnector = house.connector("arsip")
    stranger = connector.add_stranger("Dewi.Lestari")
    someone = house.approved()
    house.heart.drain()
    assert house.progress(someone)["arsip"].word == "failed"
    assert house.progress(someone)["arsip"].reason == "AccountExists"
    assert house.words(someone)["akun"] == "done"
    assert connector.get("dewi.lestari") == stranger


def test_the_section_head_can_take_another_name_everywhere(house: House) -> None:
    house.connector("arsip").add_stranger("dewi.lestari")
    someone = house.approved()
    house.heart.drain()
    house.heart.account_systems.rename(house.official("section_head"), someone.account_id, "dewi.handayani")
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "arsip": "done"}
    assert {house.entry(target, someone).username for target in ("akun", "arsip")} == {"dewi.handayani"}
    assert house.open(someone).slips[0].username == "dewi.handayani"


def test_another_name_is_taken_only_where_a_stranger_has_the_one_chosen(house: House) -> None:
    someone, section_head = house.active(), house.official("section_head")
    with pytest.raises(WrongState) as refusal:
        house.heart.account_systems.rename(section_head, someone.account_id, "dewi.handayani")
    assert refusal.value.code == "link-not-failed"
    assert house.account(someone).username == "dewi.lestari"


@pytest.mark.parametrize("name", ["", "Budi ,ou=x", "root", "123456", "a" * 200])
def test_another_name_obeys_the_rules_of_user_names(house: House, name: str) -> None:
    house.connector("arsip").add_stranger("dewi.lestari")
    someone = house.approved()
    house.heart.drain()
    with pytest.raises(InvalidInput) as refusal:
        house.heart.account_systems.rename(house.official("section_head"), someone.account_id, name)
    assert "username" in refusal.value.fields


def test_the_section_head_can_do_without_the_system(house: House) -> None:
    house.connector("arsip").add_stranger("dewi.lestari")
    someone = house.approved()
    house.heart.drain()
    link = house.link(someone, "arsip")
    house.heart.account_systems.leave_out(house.official("section_head"), link.id, "nama dipakai")
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "arsip": "left-out"}
    assert house.request_state(someone) == "handover"
    assert house.open(someone).slips[0].targets == ("akun",)


def test_the_marker_on_a_second_entry_is_a_conflict(house: House) -> None:
    someone = house.active()
    connector: MemoryConnector = house.connector("arsip")
    double = connector.add_stranger("dewi.dua")
    connector._entries._by_id[double.remote_id].marker = Marker(someone.account_id, 1)
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    assert house.progress(someone)["arsip"].reason == "MarkerConflict"


def test_suspending_closes_every_system_and_takes_the_groups_first(house: House) -> None:
    someone = house.active()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    for target in ("akun", "arsip"):
        entry = house.entry(target, someone)
        assert not entry.enabled
        assert entry.entitlements == frozenset()
        assert house.connector(target).authenticate("dewi.lestari", OWN).outcome is not Outcome.ACCEPTED
    assert house.events().count("sessions-ended-in-target") == 2


def test_reactivating_opens_with_the_same_password(house: House) -> None:
    someone = house.active()
    official = house.official("it")
    house.heart.accounts.suspend_now(official, someone.account_id)
    house.heart.drain()
    house.heart.accounts.reactivate(official, someone.account_id)
    house.heart.drain()
    assert house.connector("arsip").authenticate("dewi.lestari", OWN) == Authentication(Outcome.ACCEPTED)
    assert house.entry("arsip", someone).entitlements == {"siak", "dafduk"}


def test_a_revoked_account_stays_as_a_tombstone_and_goes_after_the_quarantine(house: House) -> None:
    someone = house.active()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer", "pindah")
    house.heart.drain()
    assert not house.entry("akun", someone).enabled
    house.still.move(days=house.settings.runner.quarantine_days, seconds=1)
    house.heart.drain()
    assert house.connector("akun").find(someone.account_id) == []
    assert house.words(someone) == {"akun": "gone", "arsip": "gone"}


def test_revoking_before_anything_was_made_leaves_a_disabled_tombstone(house: House) -> None:
    someone = house.approved()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    for target in ("akun", "arsip"):
        assert not house.entry(target, someone).enabled
    assert house.words(someone) == {"akun": "done", "arsip": "done"}


def test_an_entry_that_went_missing_comes_back_disabled_and_waits_for_a_password(house: House) -> None:
    someone = house.active()
    house.connector("arsip").delete(house.entry("arsip", someone))
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    entry = house.entry("arsip", someone)
    assert not entry.enabled
    assert entry.entitlements == frozenset()
    assert house.words(someone) == {"akun": "done", "arsip": "needs-password"}


def test_the_next_sign_in_gives_the_restored_entry_its_password(house: House) -> None:
    someone = house.active()
    house.connector("arsip").delete(house.entry("arsip", someone))
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    house.heart.operator_sign_in.sign_in("dewi.lestari", OWN)
    house.heart.drain()
    assert house.entry("arsip", someone).enabled
    assert house.connector("arsip").authenticate("dewi.lestari", OWN).outcome is Outcome.ACCEPTED


def test_an_entry_lost_before_the_envelope_was_opened_simply_gets_another_password(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.connector("arsip").delete(house.entry("arsip", someone))
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    for target in ("akun", "arsip"):
        assert house.connector(target).authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE


def test_an_entry_that_came_back_older_is_disabled_until_a_new_password(house: House) -> None:
    someone = house.active()
    connector: MemoryConnector = house.connector("arsip")
    connector._entries._by_id[house.entry("arsip", someone).remote_id].marker = Marker(someone.account_id, 1, 1)
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    assert not house.entry("arsip", someone).enabled
    assert house.words(someone)["arsip"] == "needs-password"
    house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.new_ticket(someone)
    house.heart.drain()
    assert house.entry("arsip", someone).enabled


def test_a_target_that_carries_a_newer_version_than_ours_is_left_alone_and_told(house: House) -> None:
    someone = house.active()
    connector: MemoryConnector = house.connector("arsip")
    connector._entries._by_id[house.entry("arsip", someone).remote_id].marker = Marker(someone.account_id, 99, 1)
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    house.heart.drain()
    assert house.progress(someone)["arsip"].reason == "Superseded"
    assert house.progress(someone)["arsip"].word == "failed"


@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_closing_an_account_is_carried_out_though_the_store_is_older_than_the_target(house: House, act: str) -> None:
    someone, official = house.active(), house.official("it")
    connector: MemoryConnector = house.connector("arsip")
    connector._entries._by_id[house.entry("arsip", someone).remote_id].marker = Marker(someone.account_id, 99, 7)
    if act == "suspend":
        house.heart.accounts.suspend_now(official, someone.account_id)
    else:
        house.heart.accounts.revoke(official, someone.account_id, "transfer")
    house.heart.drain()
    assert not house.entry("arsip", someone).enabled
    assert house.words(someone) == {"akun": "done", "arsip": "done"}
    assert house.account(someone).desired_version > 99


@pytest.mark.parametrize("catches_up", ["before", "after"])
def test_no_envelope_is_ready_over_a_password_that_a_restored_store_has_forgotten(
    house: House, catches_up: str
) -> None:
    someone = house.active()
    with house.store.begin() as session:
        account = session.get_one(AccountRow, someone.account_id)
        for credential in account.credentials:
            for generation in [each for each in credential.generations if each.kind == "own"]:
                session.delete(generation)
            credential.generation = 1
        for link in account.links:
            link.applied_generation = 1
    house.heart.accounts.reset(house.official("adb"), someone.account_id)
    if catches_up == "before":
        house.heart.drain()
    house.new_ticket(someone)
    house.heart.drain()
    password = house.open(someone).slips[0].password
    for target in ("akun", "arsip"):
        assert house.connector(target).authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE


def test_an_initial_password_ends_the_sessions_of_the_old_one(house: House) -> None:
    someone = house.active()
    house.new_ticket(someone)
    house.heart.drain()
    entry = house.connector("arsip")._entries._by_id[house.entry("arsip", someone).remote_id]
    entry.open_sessions = 2
    house.heart.accounts.reset(house.official("adb"), someone.account_id)
    house.heart.drain()
    assert house.entry("arsip", someone).must_change
    assert entry.open_sessions == 0


def test_a_change_made_by_hand_in_the_target_is_put_right(house: House) -> None:
    someone = house.active()
    connector: MemoryConnector = house.connector("arsip")
    entry = connector._entries._by_id[house.entry("arsip", someone).remote_id]
    entry.enabled, entry.profile["role"] = False, "ADB"
    entry.entitlements.add("administrator")
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    seen = house.entry("arsip", someone)
    assert seen.enabled
    assert seen.profile["role"] == "OPERATOR_DAFDUK"
    assert seen.entitlements == {"siak", "dafduk"}
    assert connector.authenticate("dewi.lestari", OWN).outcome is Outcome.ACCEPTED


def test_another_role_brings_other_groups(house: House) -> None:
    someone = house.active()
    with house.store.begin() as session:
        row = session.get_one(AccountRow, someone.account_id)
        row.role, row.region = "VERIFIKATOR", "35.76.03"
    house.heart.account_systems.retry_now(house.official("it"), house.link(someone, "arsip").id)
    house.heart.drain()
    assert house.entry("arsip", someone).entitlements == {"siak"}
    assert house.entry("arsip", someone).profile["region"] == "35.76.03"


def test_an_account_whose_last_day_is_over_expires_and_can_be_extended(house: House) -> None:
    someone = house.approved(valid_until="2026-06-10")
    house.heart.drain()
    house.still.move(days=10)
    house.heart.drain()
    assert house.account(someone).state == "expired"
    assert not house.entry("akun", someone).enabled


def test_everything_stands_in_the_audit_trail(house: House) -> None:
    house.active()
    events = house.events()
    for kind in (
        "account-approved",
        "password-issued",
        "account-created-in-target",
        "envelope-sealed",
        "envelope-opened",
        "request-completed",
        "password-changed",
        "entitlements-granted",
    ):
        assert kind in events
