"""Claims, leases, back-off, and the runner with its threads."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectors.memory import MemoryConnector
from provisioner.connector import (
    InDoubt,
    InvalidAttribute,
    Outcome,
    PermissionDenied,
    Seen,
    Sought,
    StaleVersion,
    TargetUnavailable,
)
from provisioner.convergence.worklist import LeaseLost
from provisioner.credential.issuing import Slip
from provisioner.dispatch.drawing import Drawing
from provisioner.errors import WrongState
from provisioner.store.tables import GenerationRow, LinkRow, TargetHealthRow
from tests.house import House, Someone, memory

pytestmark = pytest.mark.usefixtures("store_kind")


class TroubledConnector(MemoryConnector):
    """Answers every look with the trouble it is given."""

    trouble: Exception | None = None
    blocked: Event | None = None

    def find(self, account_id: str) -> Any:
        if self.blocked is not None:
            self.blocked.wait(30)
        if self.trouble is not None:
            raise self.trouble
        return super().find(account_id)


def troubled_house(folder: Path, **runner: Any) -> House:
    arsip = memory()
    connector = TroubledConnector.from_settings(arsip.settings, None)  # type: ignore[arg-type]  # It needs no context.
    return House(folder, {"akun": memory(sign_in=True), "arsip": arsip}, connectors={"arsip": connector}, runner=runner)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = troubled_house(tmp_path)
    yield built
    built.close()


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.01)


def test_a_target_that_is_down_delays_only_itself_and_is_finished_when_it_is_back(house: House) -> None:
    connector = house.connector("arsip")
    connector.trouble = TargetUnavailable("no route")
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "arsip": "waiting"}
    progress = house.progress(someone)["arsip"]
    assert (progress.reason, progress.message) == ("TargetUnavailable", "no route")
    connector.trouble = None
    house.heart.drain()
    assert house.words(someone)["arsip"] == "waiting"  # Not before its time.
    house.still.move(seconds=3)
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"
    assert "target-recovered" in house.events()


def test_waits_grow_up_to_the_longest_and_never_end(house: House) -> None:
    house.connector("arsip").trouble = TargetUnavailable("down")
    someone = house.approved()
    waits = []
    for _ in range(14):
        house.heart.drain()
        due = house.link(someone, "arsip").next_try_at
        assert due is not None
        waits.append((due - house.clock()).total_seconds())
        house.still.move(seconds=600)
    assert 1 <= waits[0] <= 2
    assert 300 <= waits[-1] <= 600
    assert house.events().count("target-failed") == 1


def test_after_several_failures_the_target_rests_whatever_account_it_is(house: House) -> None:
    house.connector("arsip").trouble = TargetUnavailable("down")
    for number in range(5):
        house.approved(f"orang{number}")
    house.heart.drain()
    late = house.approved("terakhir")
    house.heart.drain()
    assert house.link(late, "arsip").attempts == 0
    house.still.move(seconds=31)
    house.connector("arsip").trouble = None
    house.heart.drain()
    assert house.words(late)["arsip"] == "done"


def test_a_call_without_an_answer_is_in_doubt_until_it_was_read_again(house: House) -> None:
    connector = house.connector("arsip")
    connector.trouble = InDoubt("no answer")
    someone = house.approved()
    house.heart.drain()
    assert house.words(someone)["arsip"] == "in-doubt"
    connector.trouble = None
    house.still.move(seconds=3)
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"


def test_other_errors_park_the_link_until_somebody_retries(house: House) -> None:
    connector = house.connector("arsip")
    connector.trouble = PermissionDenied("no right to create")
    someone = house.approved()
    house.heart.drain()
    house.still.move(days=1)
    house.heart.drain()
    assert house.link(someone, "arsip").attempts == 1
    assert house.progress(someone)["arsip"].reason == "PermissionDenied"
    connector.trouble = None
    house.heart.account_systems.retry_now(house.official("adb"), house.link(someone, "arsip").id)
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"


def test_a_stale_read_is_simply_read_again(house: House) -> None:
    connector = house.connector("arsip")
    connector.trouble = StaleVersion("somebody newer wrote")
    someone = house.approved()
    house.heart.drain()
    connector.trouble = None
    house.still.move(seconds=10)
    house.heart.drain()
    assert house.words(someone)["arsip"] == "done"


def test_a_fault_of_the_connector_is_parked_without_its_text(house: House) -> None:
    house.connector("arsip").trouble = RuntimeError("password=hunter2")
    someone = house.approved()
    house.heart.drain()
    progress = house.progress(someone)["arsip"]
    assert (progress.word, progress.reason, progress.message) == ("failed", "ProtocolError", "RuntimeError")


def test_a_claimed_link_is_nobody_elses_until_its_lease_is_over(house: House) -> None:
    someone = house.approved()
    (credential,) = house.account(someone).credentials
    house.heart.issuer.issue(credential.id)
    (claim,) = house.heart.work.claim("akun", 5)
    assert house.heart.work.claim("akun", 5) == []
    house.still.move(seconds=house.settings.runner.lease_seconds)
    (second,) = house.heart.work.claim("akun", 5)
    house.heart.converger.converge([claim])  # The late one finishes, and records nothing.
    assert house.link(someone, "akun").lease_token == second.token
    assert house.link(someone, "akun").applied_version == 0
    house.heart.converger.converge([second])
    house.heart.drain()
    assert house.words(someone) == {"akun": "done", "arsip": "done"}
    assert len(house.connector("akun").find(someone.account_id)) == 1


def test_a_lease_that_runs_out_is_lengthened_and_a_lost_one_is_told(house: House) -> None:
    someone = house.approved()
    (credential,) = house.account(someone).credentials
    house.heart.issuer.issue(credential.id)
    (claim,) = house.heart.work.claim("akun", 1)
    assert house.heart.work.renewed(claim) is claim
    house.still.move(seconds=15)
    longer = house.heart.work.renewed(claim)
    assert longer.until > claim.until
    house.still.move(seconds=21)
    house.heart.work.claim("akun", 1)
    with pytest.raises(LeaseLost):
        house.heart.work.renewed(longer)


def test_no_more_than_so_many_workers_are_at_one_target(house: House) -> None:
    """Each works on what it took one after another."""
    for number in range(5):
        house.approved(f"orang{number}")
    for credential_id in house.heart.issuer.due():
        house.heart.issuer.issue(credential_id)
    assert house.settings.runner.per_target == 2
    assert [len(house.heart.work.claim("akun", 2)) for _ in range(3)] == [2, 2, 0]
    assert len(house.heart.work.claim("arsip", 10)) == 5


def test_what_was_taken_with_one_that_failed_is_given_back_at_once(house: House) -> None:
    """It does not wait, leased, for the same target to answer no again."""
    for number in range(3):
        house.approved(f"orang{number}")
    for credential_id in house.heart.issuer.due():
        house.heart.issuer.issue(credential_id)
    house.connector("akun").create = _away
    house.heart.converger.converge(house.heart.work.claim("akun", 3))
    with house.store.read() as session:
        links = session.scalars(select(LinkRow).where(LinkRow.target == "akun")).all()
    assert [link.attempts for link in links if link.attempts] == [1]
    assert [link.lease_token for link in links] == [None, None, None]


def _away(_new: object) -> None:
    raise TargetUnavailable("away")


def test_a_target_that_failed_often_is_tried_with_one_account(house: House) -> None:
    for number in range(3):
        house.approved(f"orang{number}")
    for credential_id in house.heart.issuer.due():
        house.heart.issuer.issue(credential_id)
    with house.store.begin() as session:
        session.add(TargetHealthRow(target="akun", failures=house.settings.runner.breaker_failures))
    assert [len(house.heart.work.claim("akun", 2)) for _ in range(2)] == [1, 0]
    assert len(house.heart.work.claim("arsip", 2)) == 2


def test_what_is_decided_during_a_run_is_applied_after_it(house: House) -> None:
    someone = house.active()
    connector = house.connector("arsip")
    plain = connector.update

    def suspended_meanwhile(*args: Any) -> Any:
        connector.update = plain
        seen = plain(*args)
        house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
        return seen

    connector.update = suspended_meanwhile
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    house.heart.drain()
    assert not house.entry("arsip", someone).enabled


def test_the_runner_works_by_itself_and_stops_in_good_order(tmp_path: Path) -> None:
    house = troubled_house(tmp_path, sweep_seconds=0.2)
    house.heart.runner.start()
    someone = house.approved()
    until(lambda: house.heart.handover.status(someone.account_id).can_open)
    password = house.open(someone).slips[0].password
    assert house.connector("akun").authenticate("dewi.lestari", password).outcome is Outcome.MUST_CHANGE
    assert house.heart.runner.stop()
    house.close()


def test_a_hanging_target_holds_up_no_other_in_the_runner(tmp_path: Path) -> None:
    house = troubled_house(tmp_path, sweep_seconds=0.2)
    connector = house.connector("arsip")
    connector.blocked = Event()
    house.heart.runner.start()
    people = [house.approved(f"orang{number}") for number in range(6)]
    until(lambda: all(house.words(person)["akun"] == "done" for person in people))
    assert {house.words(person)["arsip"] for person in people} == {"waiting"}
    connector.blocked.set()
    until(lambda: all(house.words(person)["arsip"] == "done" for person in people))
    assert house.heart.runner.stop()
    house.close()


def test_what_another_process_writes_is_found_by_the_sweep(tmp_path: Path) -> None:
    house = troubled_house(tmp_path, sweep_seconds=0.1)
    house.heart.runner.start()
    beside = House(tmp_path, house.settings.targets, keyring=house.keyring, fresh=False, runner={"sweep_seconds": 0.1})
    someone = beside.approved()
    until(lambda: house.words(someone) == {"akun": "done", "arsip": "done"})
    house.heart.runner.stop()
    beside.close()
    house.close()


def test_a_second_runner_is_refused(tmp_path: Path) -> None:
    house = troubled_house(tmp_path)
    house.heart.runner.start()
    beside = House(tmp_path, house.settings.targets, keyring=house.keyring, fresh=False)
    for start in (beside.heart.runner.start, beside.heart.drain):
        with pytest.raises(WrongState) as refusal:
            start()
        assert refusal.value.code == "runner-already-running"
    house.heart.runner.stop()
    beside.heart.drain()
    beside.close()
    house.close()


def test_a_rolled_back_unit_of_work_wakes_nobody(house: House) -> None:
    seen = house.wakeup.seen
    with pytest.raises(RuntimeError), house.store.begin() as session:
        house.wakeup.after_commit(session)
        raise RuntimeError
    assert house.wakeup.seen == seen
    with house.store.begin() as session:
        house.wakeup.after_commit(session)
    assert house.wakeup.seen == seen + 1


class ManyAtOnce(MemoryConnector):
    """Answers for several accounts in one call, unless ``refused`` is among them."""

    refused = ""
    away = False

    def read_several(self, sought: Sequence[Sought]) -> list[Seen]:
        if self.away:
            raise TargetUnavailable("no route")
        if any(each.account_id == self.refused for each in sought):
            raise InvalidAttribute("the name cannot be asked for", "username")
        return [Seen(self.find(each.account_id), self.get(each.username)) for each in sought]

    def find(self, account_id: str) -> Any:
        if account_id == self.refused:
            raise InvalidAttribute("the name cannot be asked for", "username")
        return super().find(account_id)


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[tuple[House, list[Someone]]]:
    """Three people whose accounts are made together."""
    target = memory(sign_in=True)
    connector = ManyAtOnce.from_settings(target.settings, None)  # type: ignore[arg-type]  # It needs no context.
    house = House(tmp_path, {"akun": target}, connectors={"akun": connector})
    yield house, [house.approved(f"orang{number}") for number in range(3)]
    house.close()


def test_an_account_that_cannot_be_asked_for_is_nobody_elses_fault(crowded: tuple[House, list[Someone]]) -> None:
    house, people = crowded
    house.connector("akun").refused = people[1].account_id
    house.heart.drain()
    assert [house.words(someone)["akun"] for someone in people] == ["done", "failed", "done"]


def test_a_target_that_does_not_answer_for_several_is_charged_once(crowded: tuple[House, list[Someone]]) -> None:
    house, people = crowded
    house.connector("akun").away = True
    house.heart.runner.drain(rounds=1)
    assert sorted(house.link(someone, "akun").attempts for someone in people) == [0, 0, 1]
    house.connector("akun").away = False
    house.still.move(minutes=5)
    house.heart.drain()
    assert [house.words(someone)["akun"] for someone in people] == ["done"] * 3


@contextlib.contextmanager
def refusing(bad: Callable[[object], bool]) -> Iterator[None]:
    """The store does not take rows that are ``bad``."""

    def refuse(session: Session, _context: object, _instances: object) -> None:
        if any(map(bad, (*session.new, *session.dirty))):
            raise RuntimeError("this one cannot be written")

    event.listen(Session, "before_flush", refuse)
    try:
        yield
    finally:
        event.remove(Session, "before_flush", refuse)


def test_what_is_drawn_while_another_password_is_being_committed_is_committed_too(house: House) -> None:
    """Nobody else may come to draw for a long time."""
    first = house.approved("orang0")
    later: list[Someone] = []
    commit = house.heart.issuer.commit

    def meanwhile(slips: Sequence[Slip]) -> int:
        if not later:
            later.append(house.approved("orang1"))
            drawing.draw_one()
        return commit(slips)

    house.heart.issuer.commit = meanwhile  # type: ignore[method-assign]  # It still commits.
    drawing = Drawing(house.heart.issuer, 1, house.wakeup.now)
    drawing.draw_one()
    assert [len(house.generations(someone)) for someone in (first, *later)] == [1, 1]


def test_a_password_that_cannot_be_issued_does_not_hold_back_those_it_came_with(
    crowded: tuple[House, list[Someone]],
) -> None:
    house, people = crowded
    bad = house.account(people[1]).credentials[0].id
    with (
        refusing(lambda row: isinstance(row, GenerationRow) and row.credential.id == bad),
        pytest.raises(RuntimeError),
    ):
        house.heart.drain()
    assert [len(house.generations(someone)) for someone in people] == [1, 0, 1]
    house.heart.drain()
    assert [house.words(someone)["akun"] for someone in people] == ["done"] * 3


def test_a_success_that_cannot_be_recorded_does_not_hold_back_those_it_came_with(
    crowded: tuple[House, list[Someone]],
) -> None:
    house, people = crowded
    bad = house.account(people[1]).credentials[0].id
    with refusing(
        lambda row: isinstance(row, GenerationRow) and row.credential_id == bad and row.lapses_at is not None
    ):
        house.heart.drain()
    assert [house.words(someone)["akun"] for someone in people] == ["done", "failed", "done"]
