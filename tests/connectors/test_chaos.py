"""What the connector that misbehaves does with every fault, and that it is refused unless it is meant."""

from pathlib import Path

import pytest

from connectors.chaos import ChaosConnector, Fault, PlannedFault
from connectors.chaos.fault import Plan
from connectors.contract import new_account
from connectors.contract.subject import DEWI, marker_of, next_version
from provisioner.connector import (
    AccountExists,
    Changes,
    ConnectorContext,
    InDoubt,
    Severity,
    TargetUnavailable,
)


@pytest.fixture
def chaos(tmp_path: Path) -> ChaosConnector:
    settings = {"file": tmp_path / "chaos.db", "loses_accounts_on_purpose": True}
    return ChaosConnector.from_settings(settings, ConnectorContext("kacau"))


def meeting(chaos: ChaosConnector, fault: Fault, later: int = 1) -> None:
    """The next call meets this fault."""
    chaos.misbehave(Plan([PlannedFault(call=1, fault=fault, later=later)]))


def test_it_is_refused_unless_the_settings_say_that_it_is_meant(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="loses_accounts_on_purpose"):
        ChaosConnector.from_settings({"file": tmp_path / "chaos.db"}, ConnectorContext("kacau"))


def test_a_check_tells_what_it_is(chaos: ChaosConnector) -> None:
    assert "on purpose" in next(each.message for each in chaos.check() if each.severity is Severity.WARNING)


def test_a_busy_target_does_nothing(chaos: ChaosConnector) -> None:
    meeting(chaos, Fault.FAIL)
    with pytest.raises(TargetUnavailable):
        chaos.create(new_account())
    assert list(chaos.search()) == []


@pytest.mark.parametrize(("fault", "entries"), [(Fault.LOSE_REQUEST, 0), (Fault.LOSE_ANSWER, 1)])
def test_without_an_answer_it_may_or_may_not_have_happened(chaos: ChaosConnector, fault: Fault, entries: int) -> None:
    meeting(chaos, fault)
    with pytest.raises(InDoubt):
        chaos.create(new_account())
    assert len(list(chaos.search())) == entries


def test_a_call_is_carried_out_after_the_caller_gave_up(chaos: ChaosConnector) -> None:
    meeting(chaos, Fault.LATE, later=2)
    with pytest.raises(InDoubt):
        chaos.create(new_account())
    assert chaos.get("dewi.lestari") is None
    assert chaos.get("dewi.lestari") is not None


def test_a_late_call_does_not_overwrite_what_came_before_it(chaos: ChaosConnector) -> None:
    read = chaos.create(new_account())
    meeting(chaos, Fault.LATE, later=100)
    with pytest.raises(InDoubt):
        chaos.update(read, Changes(enabled=True), next_version(read))
    newer = chaos.update(read, Changes(enabled=False), next_version(read))
    chaos.line.deliver_late()
    assert chaos.find(marker_of(read).account_id) == [newer]


def test_a_call_that_is_delivered_twice_takes_effect_once(chaos: ChaosConnector) -> None:
    new = new_account()
    meeting(chaos, Fault.DELIVER_TWICE_ANSWER_LAST)
    with pytest.raises(AccountExists) as refusal:
        chaos.create(new)
    assert refusal.value.marker == new.marker
    (read,) = chaos.search()
    meeting(chaos, Fault.DELIVER_TWICE)
    chaos.update(read, Changes(enabled=False), next_version(read))
    assert [each.operation for each in chaos.effects()] == ["create", "update"]


def test_an_answer_is_given_again_to_the_next_call_of_its_name(chaos: ChaosConnector) -> None:
    new = new_account()
    meeting(chaos, Fault.ANSWER_TWICE)
    assert chaos.find(new.marker.account_id) == []
    chaos.create(new)
    assert chaos.find(new.marker.account_id) == []
    assert len(chaos.find(new.marker.account_id)) == 1


def test_a_lie_looks_like_the_truth(chaos: ChaosConnector) -> None:
    new = new_account()
    meeting(chaos, Fault.LIE)
    assert chaos.create(new).marker == new.marker
    assert list(chaos.search()) == []
    read = chaos.create(new)
    meeting(chaos, Fault.LIE)
    assert chaos.update(read, Changes(profile=DEWI, enabled=False), next_version(read)).marker == next_version(read)
    meeting(chaos, Fault.LIE)
    chaos.delete(read)
    assert list(chaos.search()) == [read]


def test_the_same_seed_does_the_same_again_and_another_does_not() -> None:
    def drawn(seed: int) -> list[PlannedFault | None]:
        plan = Plan(share=0.5, seed=seed)
        return [plan.at(number, "update", number) for number in range(1, 50)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert 10 < len([each for each in drawn(7) if each is not None]) < 40


def test_only_calls_of_a_name_are_counted_where_the_plan_says_so(chaos: ChaosConnector) -> None:
    chaos.misbehave(Plan([PlannedFault(call=2, fault=Fault.FAIL, operation="get")]))
    chaos.create(new_account())
    chaos.get("dewi.lestari")
    chaos.find("nobody")
    with pytest.raises(TargetUnavailable):
        chaos.get("dewi.lestari")
