"""How a system stands, what officials do about it, and that one which is down delays no other."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from connectors.memory import MemoryConnector
from provisioner.connector import Finding, PermissionDenied, Severity, TargetUnavailable
from provisioner.errors import NotAllowed, NotFound, WrongState
from provisioner.provisioning.system_views import SystemView
from tests.house import House, memory

pytestmark = pytest.mark.usefixtures("store_kind")


class FaultyConnector(MemoryConnector):
    """Counts the looks, and answers them with the trouble it is given."""

    trouble: Exception | None = None
    looks = 0
    held: Event | None = None

    def find(self, account_id: str) -> Any:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        return super().find(account_id)

    def check(self) -> list[Finding]:
        if self.held is not None:
            self.held.wait(30)
        return super().check()


def faulty_house(folder: Path, **settings: Any) -> House:
    arsip = memory()
    connector = FaultyConnector.from_settings({**arsip.settings, **settings}, None)  # type: ignore[arg-type]  # Unused.
    return House(folder, {"akun": memory(sign_in=True), "arsip": arsip}, connectors={"arsip": connector})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = faulty_house(tmp_path)
    yield built
    built.close()


def seen(house: House, target: str = "arsip") -> SystemView:
    return house.heart.systems.one(house.official("it"), target)


def down(house: House, accounts: int = 5) -> None:
    """``arsip`` is out of reach until its breaker opens."""
    house.connector("arsip").trouble = TargetUnavailable("down")
    for number in range(accounts):
        house.approved(f"orang{number}")
    house.heart.drain()


def test_a_system_that_answers_is_told_with_its_figures(house: House) -> None:
    house.approved("orang0")
    house.heart.drain()
    view = seen(house)
    assert (view.state, view.accounts, view.done, view.waiting, view.failed) == ("answers", 1, 1, 0, 0)
    assert (view.limit, view.at_work, view.oldest_waiting_since) == (2, 0, None)
    assert view.last_applied_at is not None


def test_the_breaker_opens_after_so_many_failures_and_is_told(house: House) -> None:
    began = house.clock()
    down(house, house.settings.runner.breaker_failures - 1)
    assert (seen(house).state, seen(house).failures) == ("failing", 4)
    house.approved("terakhir")
    house.heart.drain()
    view = seen(house)
    assert (view.state, view.failures, view.waiting) == ("rests", 5, 5)
    assert view.failing_since is not None
    assert view.failing_since >= began
    assert view.next_try_at is not None
    assert view.oldest_waiting_since is not None
    assert view.troubles == (("TargetUnavailable", 5),)


def test_a_system_that_rests_is_not_asked_and_the_other_is_served_as_ever(house: House) -> None:
    down(house)
    looks = house.connector("arsip").looks
    people = [house.approved(f"sesudah{number}") for number in range(20)]
    house.heart.drain()
    assert house.connector("arsip").looks == looks
    assert [house.words(someone)["akun"] for someone in people] == ["done"] * 20


def test_after_its_rest_one_account_tries_and_a_failure_opens_the_breaker_again(house: House) -> None:
    down(house)
    house.still.move(seconds=3600)
    assert seen(house).state == "tried"
    looks = house.connector("arsip").looks
    house.heart.drain()
    assert house.connector("arsip").looks == looks + 1
    assert seen(house).state == "rests"


def test_the_breaker_closes_by_itself_when_the_system_is_back(house: House) -> None:
    down(house)
    house.connector("arsip").trouble = None
    house.still.move(seconds=3600)
    house.heart.drain()
    view = seen(house)
    assert (view.state, view.waiting, view.done, view.failing_since) == ("answers", 0, 5, None)


def test_trying_again_at_once_ends_the_rest_and_every_wait(house: House) -> None:
    down(house)
    house.connector("arsip").trouble = None
    assert house.heart.systems.retry(house.official("adb"), "arsip") == 5
    house.heart.drain()
    assert seen(house).done == 5
    assert house.events().count("target-retry-asked") == 1


def test_trying_again_takes_up_what_was_given_up(house: House) -> None:
    house.connector("arsip").trouble = PermissionDenied("no right")
    someone = house.approved("orang0")
    house.heart.drain()
    assert seen(house).failed == 1
    house.connector("arsip").trouble = None
    assert house.heart.systems.retry(house.official("it"), "arsip") == 1
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"


def test_nothing_is_sent_to_a_paused_system_until_it_is_resumed(house: House) -> None:
    it = house.official("it")
    house.heart.systems.pause(it, "arsip", "pemeliharaan")
    someone = house.approved("orang0")
    house.heart.drain()
    assert (house.words(someone)["akun"], house.words(someone)["arsip"]) == ("done", "waiting")
    assert house.connector("arsip").looks == 0
    view = seen(house)
    assert (view.state, view.paused_by, view.pause_reason) == ("paused", "It", "pemeliharaan")
    with pytest.raises(WrongState):
        house.heart.systems.retry(it, "arsip")
    house.heart.systems.resume(it, "arsip")
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"
    assert [house.events().count(kind) for kind in ("target-paused", "target-resumed")] == [1, 1]


def test_a_system_is_paused_or_resumed_once(house: House) -> None:
    it = house.official("it")
    with pytest.raises(WrongState):
        house.heart.systems.resume(it, "arsip")
    house.heart.systems.pause(it, "arsip")
    with pytest.raises(WrongState):
        house.heart.systems.pause(it, "arsip")


def test_only_it_pauses_and_only_those_who_carry_accounts_retry_or_check(house: House) -> None:
    systems = house.heart.systems
    for post in ("adb", "section_head", "head"):
        with pytest.raises(NotAllowed):
            systems.pause(house.official(post), "arsip")
    for act in (systems.retry, systems.check, systems.one):
        with pytest.raises(NotAllowed):
            act(house.official("head"), "arsip")
    with pytest.raises(NotFound):
        systems.retry(house.official("it"), "nowhere")


def test_a_check_is_kept_with_the_rules_that_the_system_showed(house: House) -> None:
    assert house.heart.systems.check(house.official("it"), "arsip")
    kept = seen(house).check
    assert kept.checked_at is not None
    assert [(rules.source, rules.min_length) for rules in kept.rules] == [("settings", 10)]
    assert seen(house).issued_broken == ()
    assert {finding.subject for finding in kept.findings} >= {"reachable", "rights", "policy"}


def test_what_is_known_of_the_rules_outlasts_a_check_that_finds_the_system_down(house: House) -> None:
    house.heart.systems.check(house.official("it"), "arsip")
    known_at = seen(house).check.rules_at
    house.still.move(days=2)
    connector = house.connector("arsip")
    connector.check = lambda: [Finding("reachable", Severity.ERROR, "closed", "start it")]
    house.heart.systems.check(house.official("it"), "arsip")
    kept = seen(house).check
    assert kept.rules_at == known_at
    assert len(kept.rules) == 1
    assert [finding.message for finding in seen(house).problems] == ["closed"]


def test_a_check_that_hangs_holds_nobody_up_and_is_not_begun_twice(house: House) -> None:
    it, connector = house.official("it"), house.connector("arsip")
    connector.held = Event()
    assert not house.heart.systems.check(it, "arsip", patience=0.01)
    assert seen(house).check.running_since is not None
    assert not house.heart.systems.check(it, "arsip", patience=30)
    connector.held.set()
    ends = time.monotonic() + 20
    while seen(house).check.checked_at is None:
        assert time.monotonic() < ends, "it did not end"
    assert seen(house).check.running_since is None


def test_a_check_whose_process_died_is_begun_again(house: House) -> None:
    house.checks._begin("arsip")
    house.still.move(minutes=6)
    assert seen(house).check.running_since is None
    assert house.heart.systems.check(house.official("it"), "arsip")


def test_a_fault_of_the_check_itself_is_told_without_its_text(house: House) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("kata sandi 123")

    house.connector("arsip").check = broken
    house.heart.systems.check(house.official("it"), "arsip")
    (problem,) = seen(house).problems
    assert "RuntimeError" in problem.message
    assert "123" not in problem.message


def test_the_runner_checks_what_nobody_has_checked_for_a_day(house: House) -> None:
    assert house.checks.run_if_due("arsip")
    house.checks._looked.clear()
    assert not house.checks.run_if_due("arsip")
    house.checks._looked.clear()
    house.still.move(hours=25)
    assert house.checks.run_if_due("arsip")
    house.checks._looked.clear()
    house.still.move(hours=25)
    house.heart.systems.pause(house.official("it"), "arsip")
    assert not house.checks.run_if_due("arsip")


def test_rules_that_our_passwords_do_not_meet_are_a_problem_of_the_system(tmp_path: Path) -> None:
    house = faulty_house(tmp_path, password_min_length=40)
    house.heart.systems.check(house.official("it"), "arsip")
    view = seen(house)
    assert [each.rule for each in view.issued_broken] == ["min_length"]
    assert {problem.code for problem in view.problems} == {"issued-refused", "chosen-short"}
    house.close()
