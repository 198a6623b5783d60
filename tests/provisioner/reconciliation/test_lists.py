"""Comparing a system that only people operate: its own list of users is brought, and repair is a card."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.errors import InvalidInput, NotAllowed, WrongState
from provisioner.provisioning.cards import Card
from provisioner.provisioning.reconciliation_views import FindingLine, RunSummary
from provisioner.user_list import ListRefused
from tests.house import House, Someone, manual, memory
from tests.provisioner.test_card_work import SEEN
from tests.provisioner.test_cards import GIVEN

pytestmark = pytest.mark.usefixtures("store_kind")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, {"akun": memory(sign_in=True), "siak": manual()})
    yield made
    made.close()


@pytest.fixture
def someone(house: House) -> Someone:
    """In SIAK since an hour, under SIAK's own name."""
    found = house.approved()
    house.heart.drain()
    house.heart.cards.confirm_created(house.official("adb"), card(house).id, "3576-DEWI", GIVEN)
    house.heart.drain()
    house.still.move(hours=1)
    return found


def card(house: House) -> Card:
    (found,) = house.heart.cards.open(house.official("adb"))
    return found


def compare(house: House, source: str, *, only_enabled: bool = False) -> RunSummary:
    run = house.heart.reconciliations.compare(house.official("adb"), "siak", source, only_enabled=only_enabled)
    assert run.state == "finished"
    return run


def counts(run: RunSummary) -> dict[str, int]:
    names = ("in_order", "pending", "drift", "missing", "orphan", "unmanaged")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def found(house: House, run: RunSummary, kind: str) -> FindingLine:
    (line,) = house.heart.reconciliations.findings(house.official("adb"), run.id, kind).rows
    return line


def repaired(house: House, run: RunSummary, kind: str) -> Card:
    house.heart.reconciliations.repair(house.official("adb"), found(house, run, kind).id)
    house.heart.drain()
    return card(house)


def done(house: House) -> None:
    house.heart.cards.confirm_done(house.official("adb"), card(house).id, SEEN)
    house.heart.drain()


def removed(house: House, someone: Someone) -> None:
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    house.heart.drain()
    done(house)
    house.still.move(days=91)
    house.heart.drain()
    assert card(house).action == "delete"
    done(house)
    house.still.move(hours=1)


@pytest.mark.parametrize("source", ["3576-dewi\n", "Nama Pengguna;Status\n3576-DEWI;Aktif"])
@pytest.mark.usefixtures("someone")
def test_a_list_that_shows_what_was_confirmed_is_in_order(house: House, source: str) -> None:
    run = compare(house, source)
    assert counts(run) == {"in_order": 1}
    assert house.heart.reconciliations.system(house.official("it"), "siak").finished == run


@pytest.mark.usefixtures("someone")
def test_names_that_nobody_asked_for_are_counted_and_never_touched(house: House) -> None:
    run = compare(house, "3576-DEWI\nadmin")
    assert counts(run) == {"in_order": 1, "unmanaged": 1}
    line = found(house, run, "unmanaged")
    assert (line.username, line.repairable, line.closable) == ("admin", False, False)


def test_what_is_missing_becomes_a_card_to_make_it_anew(house: House, someone: Someone) -> None:
    run = compare(house, "admin")
    assert counts(run) == {"missing": 1, "unmanaged": 1}
    assert house.words(someone)["siak"] == "done", "a list is not believed by being brought"
    assert repaired(house, run, "missing").action == "create"
    assert house.words(someone)["siak"] == "asked"
    house.heart.cards.confirm_created(house.official("adb"), card(house).id, "3576-DEWI", "Lain-5678-lagi")
    house.heart.drain()
    assert found(house, run, "missing").done


def test_an_account_that_is_open_there_and_should_not_be_becomes_an_urgent_card(house: House, someone: Someone) -> None:
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    done(house)
    house.still.move(hours=1)
    run = compare(house, "Username,Status\n3576-DEWI,aktif")
    (difference,) = found(house, run, "drift").differences
    assert (difference.name, difference.should, difference.found) == ("enabled", "no", "yes")
    asked = repaired(house, run, "drift")
    assert (asked.action, asked.urgent) == ("suspend", True)
    done(house)
    assert found(house, run, "drift").done
    house.still.move(hours=1)
    assert counts(compare(house, "Username,Status\n3576-DEWI,nonaktif")) == {"in_order": 1}


@pytest.mark.usefixtures("someone")
def test_other_data_are_a_difference_and_the_card_shows_what_stands_there(house: House) -> None:
    run = compare(house, "Nama Pengguna;Nama Lengkap;Wilayah\n3576-DEWI;DEWI LESTARI  HANDAYANI;35.76.01")
    (difference,) = found(house, run, "drift").differences
    assert (difference.name, difference.should, difference.found) == ("region", "35.76.02", "35.76.01")
    asked = repaired(house, run, "drift")
    assert (asked.action, asked.former) == ("update", {"Wilayah": "35.76.01"})
    done(house)
    house.still.move(hours=1)
    assert counts(compare(house, "Nama Pengguna;Wilayah\n3576-DEWI;35.76.02")) == {"in_order": 1}


def test_what_was_removed_and_is_still_there_is_asked_to_be_removed_again(house: House, someone: Someone) -> None:
    removed(house, someone)
    assert counts(compare(house, "admin")) == {"unmanaged": 1}
    run = compare(house, "3576-DEWI")
    assert counts(run) == {"orphan": 1}
    house.heart.reconciliations.close(house.official("adb"), found(house, run, "orphan").id)
    house.heart.drain()
    assert (card(house).action, card(house).username_there) == ("delete", "3576-DEWI")
    done(house)
    assert found(house, run, "orphan").done
    assert house.words(someone)["siak"] == "gone"


def test_a_list_of_those_in_use_may_leave_out_whoever_is_shut_out(house: House, someone: Someone) -> None:
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    done(house)
    house.still.move(hours=1)
    assert counts(compare(house, "admin", only_enabled=True)) == {"in_order": 1, "unmanaged": 1}
    assert counts(compare(house, "admin")) == {"missing": 1, "unmanaged": 1}
    assert counts(compare(house, "3576-DEWI", only_enabled=True)) == {"drift": 1}


def test_nothing_is_said_of_what_is_asked_and_not_done(house: House) -> None:
    someone = house.approved()
    house.heart.drain()
    house.still.move(hours=1)
    assert counts(compare(house, f"admin\n{someone.username}")) == {"pending": 1, "unmanaged": 1}
    assert counts(compare(house, "admin")) == {"pending": 1, "unmanaged": 1}


def test_what_was_confirmed_after_the_list_was_brought_is_newer_than_the_list(house: House, someone: Someone) -> None:
    run = compare(house, "admin")
    line = found(house, run, "missing")
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    house.heart.drain()
    done(house)
    house.heart.reconciliations.repair(house.official("adb"), line.id)
    house.heart.drain()
    assert house.heart.cards.open(house.official("adb")) == []
    assert house.words(someone)["siak"] == "done"


@pytest.mark.usefixtures("someone")
def test_an_unknown_word_for_the_status_is_refused_with_its_line(house: House) -> None:
    with pytest.raises(ListRefused) as refusal:
        compare(house, "Username;Status\n3576-DEWI;aktif\nadmin;entah")
    assert [(each.line, each.code) for each in refusal.value.problems] == [(3, "status-unknown")]
    assert house.heart.reconciliations.runs(house.official("adb"), "siak") == []


def test_an_unknown_column_is_refused_unless_the_settings_pass_it_over(tmp_path: Path) -> None:
    siak = manual()
    ignoring = siak.model_copy(update={"settings": {**siak.settings, "list_ignored": ["Terakhir Masuk"]}})
    source = "Username;Terakhir Masuk\nadmin;kemarin"
    for place, target in (("a", siak), ("b", ignoring)):
        house = House(tmp_path / place, {"siak": target})
        if target is siak:
            with pytest.raises(InvalidInput) as refusal:
                compare(house, source)
            assert refusal.value.data["column"] == "Terakhir Masuk"
        else:
            assert counts(compare(house, source)) == {"unmanaged": 1}
        house.close()


def test_only_those_who_order_bring_lists_and_only_of_systems_that_people_operate(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.heart.reconciliations.compare(house.official("auditor"), "siak", "admin")
    with pytest.raises(WrongState) as refusal:
        house.heart.reconciliations.compare(house.official("adb"), "akun", "admin")
    assert refusal.value.code == "target-takes-no-list"
