"""A comparison in a process of its own that is killed, or that stands still, while another process wants one too."""

from pathlib import Path

import pytest

from provisioner.errors import WrongState
from provisioner.reconciliation.run import RunLost
from tests.faults.dying import freeze_here, stopped_in
from tests.house import House, table

pytestmark = pytest.mark.usefixtures("store_kind")


def house_of(folder: Path, first: House | None = None) -> House:
    """Another process has everything of its own but the store, the target and the keys."""
    targets = {"akun": table(folder / "akun.db", sign_in=True)}
    return House(folder, targets, keyring=first.keyring if first else None, fresh=first is None)


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = house_of(tmp_path)
    made.approved("dewi.lestari")
    made.heart.drain()
    made.official("it")
    made.still.move(hours=1)
    return made


def compare_elsewhere(house: House) -> None:
    """In a child: stand still in the middle; whoever wakes up late must find that the run is not its own any more."""
    other = house_of(house.folder, house)
    other.still.move(hours=1)
    it = other.official("it")
    with pytest.raises(RunLost):
        other.heart.reconciliations.run(it, "akun", progress=lambda _read, _expected: freeze_here())


def test_one_at_a_time_over_two_processes_and_the_late_one_writes_nothing(house: House) -> None:
    it, core = house.official("it"), house.heart.reconciliations
    child = stopped_in(lambda: compare_elsewhere(house))
    with pytest.raises(WrongState, match="running"):
        core.run(it, "akun")
    house.still.move(minutes=3)
    run = core.run(it, "akun")
    child.wake_up()
    assert [(each.state, each.in_order) for each in core.runs(it, "akun")] == [("finished", 1), ("interrupted", 0)]
    assert core.run_of(it, run.id) == run
    house.close()


def test_a_comparison_that_is_killed_is_begun_again(house: House) -> None:
    it, core = house.official("it"), house.heart.reconciliations
    child = stopped_in(lambda: compare_elsewhere(house))
    child.kill()
    house.still.move(minutes=3)
    assert (core.run(it, "akun").state, core.run(it, "akun").in_order) == ("finished", 1)
    assert [each.state for each in core.runs(it, "akun")].count("interrupted") == 1
    house.close()
