"""Comparing a target with what was decided: every kind of finding, repair, and what is never touched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from provisioner.connector import Changes, Marker, NewAccount, Profile
from provisioner.errors import NotAllowed, WrongState
from provisioner.provisioning.reconciliation_views import FindingLine
from provisioner.reconciliation.finding import Kind
from provisioner.reconciliation.run import RunLost
from tests.house import House, Someone, manual, memory

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, {"akun": memory(sign_in=True)})
    yield made
    made.close()


def listed(house: House, kind: str, target: str = "akun") -> list[FindingLine]:
    """Run and give what it lists of a kind."""
    it, core = house.official("it"), house.heart.reconciliations
    run = core.run(it, target)
    assert run.state == "finished"
    return list(core.findings(it, run.id, kind, per_page=200).rows)


def tamper(house: House, someone: Someone, changes: Changes, marker: Marker | None = None) -> None:
    """Change an entry behind our back."""
    entry = house.entry("akun", someone)
    assert entry.marker is not None
    house.connector("akun").update(entry, changes, marker or entry.marker)


def test_a_target_that_holds_what_was_decided_is_in_order(house: House) -> None:
    house.active()
    it = house.official("it")
    run = house.heart.reconciliations.run(it, "akun")
    assert (run.in_order, run.read, run.expected, run.pending, run.found_anything) == (1, 1, 1, 0, False)
    assert house.events()[-1] == "reconciliation-finished"


def test_differences_are_told_field_by_field_and_repaired(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    entry = house.entry("akun", someone)
    profile = Profile(**{**entry.profile, "org_unit": "Tempat lain"})
    tamper(house, someone, Changes(profile=profile))
    house.connector("akun").grant(house.entry("akun", someone), "kasir")
    (line,) = listed(house, "drift")
    told = {(each.name, each.should, each.found) for each in line.differences}
    assert told == {("org_unit", "Kelurahan Gedongan", "Tempat lain"), ("entitlement", "", "kasir")}
    assert "Tempat lain" not in repr(line)
    house.heart.reconciliations.repair(house.official("adb"), line.id)
    house.heart.drain()
    assert house.entry("akun", someone).profile["org_unit"] == "Kelurahan Gedongan"
    assert "kasir" not in house.entry("akun", someone).entitlements
    assert listed(house, "drift") == []


def test_a_suspended_account_that_was_opened_again_is_closed_and_its_sessions_end(house: House) -> None:
    someone = house.active()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    house.still.move(hours=1)
    tamper(house, someone, Changes(enabled=True))
    house.connector("akun").authenticate(someone.username, "kuda laut menyapu halaman 7")
    (line,) = listed(house, "drift")
    assert [(each.name, each.should, each.found) for each in line.differences] == [("enabled", "no", "yes")]
    house.heart.reconciliations.repair(house.official("it"), line.id)
    house.heart.drain()
    assert not house.entry("akun", someone).enabled
    assert house.connector("akun").end_sessions(house.entry("akun", someone)) == 0


def test_what_is_missing_is_restored_disabled_and_waits_for_a_new_password(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    house.connector("akun").delete(house.entry("akun", someone))
    (line,) = listed(house, "missing")
    assert line.username == someone.username
    it = house.official("it")
    run = house.heart.reconciliations.system(it, "akun").finished
    assert run is not None
    assert house.heart.reconciliations.repair_all(it, run.id, Kind.MISSING) == 1
    house.heart.drain()
    assert not house.entry("akun", someone).enabled
    assert house.words(someone) == {"akun": "needs-password"}
    assert listed(house, "missing") == []


def test_an_entry_that_came_back_older_is_disabled_by_repair(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    entry = house.entry("akun", someone)
    assert entry.marker is not None
    tamper(house, someone, Changes(), replace(entry.marker, version=entry.marker.version - 1))
    (line,) = listed(house, "drift")
    assert line.reason == "older"
    house.heart.reconciliations.repair(house.official("it"), line.id)
    house.heart.drain()
    assert not house.entry("akun", someone).enabled


def test_an_entry_with_a_newer_marker_is_told_and_left_to_a_person(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    entry = house.entry("akun", someone)
    assert entry.marker is not None
    tamper(house, someone, Changes(), replace(entry.marker, version=entry.marker.version + 5))
    (line,) = listed(house, "drift")
    assert line.reason == "newer"


def orphan(house: House, account_id: str = "f" * 32, username: str = "tanpa.surat") -> None:
    profile = Profile(full_name="X", display_name="X", role="OPERATOR_DAFDUK", region="35.76.02")
    house.connector("akun").create(NewAccount(username, Marker(account_id, 1), profile))


def test_an_orphan_is_closed_only_by_an_explicit_order_and_never_deleted(house: House) -> None:
    orphan(house)
    (line,) = listed(house, "orphan")
    assert (line.reason, line.repairable, line.closable) == ("no-account", False, True)
    core, it = house.heart.reconciliations, house.official("it")
    with pytest.raises(WrongState, match="finding not repairable"):
        core.repair(it, line.id)
    house.heart.drain()
    assert house.connector("akun").get("tanpa.surat").enabled
    core.close(it, line.id)
    house.heart.drain()
    entry = house.connector("akun").get("tanpa.surat")
    assert not entry.enabled
    assert entry.marker == Marker("f" * 32, 1)
    (line,) = listed(house, "orphan")
    assert not line.closable
    assert house.events().count("orphan-closed") == 1


def test_our_marker_on_a_second_entry_is_an_orphan_and_the_right_one_stays_in_order(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    orphan(house, someone.account_id, "kembaran")
    (line,) = listed(house, "orphan")
    assert (line.username, line.reason) == ("kembaran", "marker-twice")
    house.heart.reconciliations.close(house.official("it"), line.id)
    house.heart.drain()
    assert not house.connector("akun").get("kembaran").enabled
    assert house.connector("akun").get(someone.username).enabled


def test_our_marker_on_another_entry_than_the_one_that_was_made_is_told(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    house.connector("akun").delete(house.entry("akun", someone))
    orphan(house, someone.account_id, someone.username)
    (line,) = listed(house, "orphan")
    assert line.reason == "other-entry"
    assert listed(house, "missing") == []


def test_strangers_are_listed_and_can_neither_be_repaired_nor_closed(house: House) -> None:
    house.connector("akun").add_stranger("orang.lain")
    before = house.connector("akun").get("orang.lain")
    (line,) = listed(house, "unmanaged")
    core, it = house.heart.reconciliations, house.official("it")
    for forbidden in (core.repair, core.close):
        with pytest.raises(WrongState):
            forbidden(it, line.id)
    core.run(house.official("it"), "akun", repairs=True)
    house.heart.drain()
    assert house.connector("akun").get("orang.lain") == before
    assert not core.systems(it)[0].finished.found_anything  # type: ignore[union-attr]


def test_what_is_under_way_is_neither_drift_nor_missing(house: House) -> None:
    house.approved()
    run = house.heart.reconciliations.run(house.official("it"), "akun")
    assert (run.pending, run.drift, run.missing) == (1, 0, 0)


def test_what_only_people_can_see_is_not_read(tmp_path: Path) -> None:
    house = House(tmp_path, {"siak": manual()})
    it = house.official("it")
    assert not house.heart.reconciliations.system(it, "siak").readable
    with pytest.raises(WrongState, match="target not readable"):
        house.heart.reconciliations.run(it, "siak")
    house.close()


def test_never_two_runs_at_once_and_a_dead_one_is_begun_again(house: House) -> None:
    house.active()
    core, it = house.heart.reconciliations, house.official("it")
    first = core.ask(it, "akun")
    with pytest.raises(WrongState, match="running"):
        core.run(it, "akun")
    house.still.move(minutes=3)
    assert core.run(it, "akun").state == "finished"
    assert core.run_of(it, first).state == "interrupted"


def test_a_run_that_dies_in_between_is_interrupted_and_writes_nothing_any_more(house: House) -> None:
    house.active()
    core, it = house.heart.reconciliations, house.official("it")

    def die(_read: int, _expected: int) -> None:
        house.still.move(minutes=3)
        assert core.run(it, "akun").state == "finished"

    with pytest.raises(RunLost):
        core.run(it, "akun", progress=die)
    assert [each.state for each in core.runs(it, "akun")] == ["finished", "interrupted"]


def test_the_runner_does_what_was_asked_and_stops_in_the_middle_without_losing_it(house: House) -> None:
    house.active()
    core, it = house.heart.reconciliations, house.official("it")
    run_id = core.ask(it, "akun")
    house.heart.drain()
    assert core.run_of(it, run_id).state == "finished"


def test_a_run_is_compared_with_the_last_one(house: House) -> None:
    house.connector("akun").add_stranger("tetap")
    house.connector("akun").add_stranger("pergi")
    listed(house, "unmanaged")
    stranger = house.connector("akun").get("pergi")
    house.connector("akun")._entries.remove(house.connector("akun")._entries.named("pergi"))
    house.connector("akun").add_stranger("datang")
    house.still.move(seconds=1)
    assert {line.username: line.is_new for line in listed(house, "unmanaged")} == {"tetap": False, "datang": True}
    it, core = house.official("it"), house.heart.reconciliations
    run = core.systems(it)[0].finished
    assert run is not None
    assert [line.username for line in core.findings(it, run.id, "gone").rows] == [stranger.username]


def test_the_counts_are_complete_where_the_list_is_not(tmp_path: Path) -> None:
    house = House(tmp_path, {"akun": memory()}, reconciliation={"every_hours": 0, "listed": 3, "kept": 1})
    for number in range(7):
        house.connector("akun").add_stranger(f"orang{number}")
    it, core = house.official("it"), house.heart.reconciliations
    core.run(it, "akun")
    house.still.move(seconds=1)
    run = core.run(it, "akun")
    assert (run.unmanaged, core.findings(it, run.id, "unmanaged").total) == (7, 3)
    assert [line.username for line in core.findings(it, run.id, "unmanaged", text="ANG1").rows] == ["orang1"]
    house.still.move(seconds=1)
    core.run(it, "akun")
    assert len(core.runs(it, "akun")) <= 2
    house.close()


def test_who_may_look_and_who_may_order(house: House) -> None:
    core, auditor = house.heart.reconciliations, house.official("auditor")
    assert core.systems(auditor)[0].newest is None
    for forbidden in (core.ask, core.run):
        with pytest.raises(NotAllowed):
            forbidden(auditor, "akun")
    with pytest.raises(NotAllowed):
        core.systems(house.official("secretary"))


def test_what_is_due_is_read_once_a_turn_and_a_resting_target_is_not(tmp_path: Path) -> None:
    house = House(tmp_path, {"akun": memory()}, reconciliation={"every_hours": 24, "at": "02:30"})
    house.received()
    core, it = house.heart.reconciliations, house.official("it")

    def states() -> list[str]:
        house.heart.runner._reader.hint()
        house.heart.drain()
        return [each.state for each in core.runs(it, "akun")]

    assert states() == []
    house.still.move(hours=24)
    assert states() == ["finished"]
    assert states() == ["finished"]
    house.still.move(hours=24)
    with house.store.begin() as session:
        for _ in range(house.settings.runner.breaker_failures):
            house.heart.work.unavailable(session, "akun")
    assert states() == ["finished"]
    house.still.move(seconds=timedelta(minutes=5).total_seconds())
    assert states() == ["finished", "finished"]
    house.close()


def test_a_repairing_run_orders_as_it_finds(house: House) -> None:
    someone = house.active()
    house.still.move(hours=1)
    tamper(house, someone, Changes(enabled=False))
    house.heart.reconciliations.run(house.official("it"), "akun", repairs=True)
    house.heart.drain()
    assert house.entry("akun", someone).enabled
    assert "repair-ordered" in house.events()
