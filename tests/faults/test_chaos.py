"""Every call to a system goes wrong once in every way: the effect is there exactly once, and nothing older is left."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import pytest

from connectors.chaos import Fault
from connectors.chaos.fault import BY_LOT, Plan
from provisioner.connector import Outcome
from tests.faults.chaos_scene import BOTH, NEVER_BY_ITSELF, OTHER, Cut, Run, Scene, State
from tests.house import OWN, House, Someone

pytestmark = pytest.mark.usefixtures("store_kind")

READS = frozenset({"find", "get", "read_several"})
OF_READS = (Fault.FAIL, Fault.ANSWER_TWICE)
OF_WRITES = tuple(each for each in BY_LOT if each is not Fault.DELAY)
"""A delay that matters outlasts a lease: that is a worker which stands still, see below."""
LATENESS = (1, NEVER_BY_ITSELF)
SEED = int(os.environ.get("CHAOS_SEED", "1"))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "3"))
"""Runs of every act in which many calls go wrong, by lot. ``make chaos`` makes many more."""


def created(house: House) -> Someone:
    return house.approved()


def changed(house: House) -> Someone:
    someone = house.active()
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    return someone


def suspended(house: House) -> Someone:
    someone = house.active()
    house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
    return someone


def reactivated(house: House) -> Someone:
    someone = suspended(house)
    house.heart.drain()
    house.heart.accounts.reactivate(house.official("it"), someone.account_id)
    return someone


def reset(house: House) -> Someone:
    someone = house.active()
    house.heart.accounts.reset(house.official("it"), someone.account_id)
    house.new_ticket(someone)
    return someone


def revoked(house: House) -> Someone:
    someone = house.active()
    house.heart.accounts.revoke(house.official("it"), someone.account_id, "transfer")
    return someone


def deleted(house: House) -> Someone:
    someone = revoked(house)
    house.heart.drain()
    house.still.move(days=house.settings.runner.quarantine_days + 1)
    house.heart.account_expiry.delete_quarantined()
    return someone


def renamed(house: House) -> Someone:
    house.connector(OTHER).add_stranger("dewi.lestari")
    someone = house.approved("dewi.lestari")
    house.heart.drain()
    house.heart.account_systems.rename(house.official("section_head"), someone.account_id, "dewi.lestari.h")
    return someone


def entitled(house: House) -> Someone:
    someone, initial = house.received()
    house.heart.passwords.change(someone.account_id, initial, OWN)
    return someone


ACTS: dict[str, Callable[[House], Someone]] = {
    "create": created,
    "change": changed,
    "suspend": suspended,
    "reactivate": reactivated,
    "reset": reset,
    "revoke": revoked,
    "delete": deleted,
    "rename": renamed,
    "entitle": entitled,
}
WITH_ENVELOPE = frozenset({"create", "reset", "rename"})
STILL_OWN = frozenset({"change", "reactivate", "entitle"})


REVOCABLE = ("create", "reset", "entitle")


@pytest.fixture(scope="module", params=ACTS)
def act(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def scene(act: str, tmp_path_factory: pytest.TempPathFactory, store_kind: str) -> Iterator[Scene]:  # noqa: ARG001
    prepared = Scene(tmp_path_factory.mktemp(act), ACTS[act], BOTH if act == "rename" else None)
    yield prepared
    prepared.close()


def undisturbed(scene: Scene) -> tuple[Sequence[str], State]:
    """The calls that an act makes, and what comes of it."""
    with scene.again() as run:
        run.settle()
        return run.connector.line.calls, run.outcome()


def cuts(calls: Sequence[str]) -> Iterator[Cut]:
    """Every call in every way that makes a difference to it."""
    for number, operation in enumerate(calls, start=1):
        for fault in OF_READS if operation in READS else OF_WRITES:
            for later in LATENESS if fault is Fault.LATE else (1,):
                yield Cut(number, operation, fault, later)


def proven(act: str, run: Run, expected: State) -> None:
    """What must hold at the end, whatever went wrong."""
    run.took_effect_once()
    assert run.outcome() == expected
    if act in WITH_ENVELOPE:
        assert run.password is not None
        run.accepts(run.password, Outcome.MUST_CHANGE)
    elif act in STILL_OWN:
        run.accepts(OWN, Outcome.ACCEPTED)


@contextmanager
def told(what: str) -> Iterator[None]:
    """A failure tells what went wrong on purpose."""
    try:
        yield
    except BaseException as error:
        error.add_note(what)
        raise


def test_one_call_that_goes_wrong_changes_nothing_of_the_end(act: str, scene: Scene) -> None:
    calls, expected = undisturbed(scene)
    for cut in cuts(calls):
        with scene.again(cut.plan()) as run, told(f"{act}: {cut}"):
            run.settle()
            proven(act, run, expected)


def test_many_calls_that_go_wrong_change_nothing_of_the_end(act: str, scene: Scene) -> None:
    _, expected = undisturbed(scene)
    seeds = random.Random(f"{SEED}:{act}")  # noqa: S311  Nothing is kept secret by it.
    for _ in range(ROUNDS):
        seed = seeds.randrange(10**6)
        with scene.again(Plan(share=0.4, seed=seed)) as run, told(f"{act}: 40 % of all calls, seed {seed}"):
            run.settle()
            proven(act, run, expected)


def stops(calls: Sequence[str]) -> Iterator[Cut]:
    """Before every call, and after the last one."""
    for number, operation in enumerate(calls, start=1):
        yield Cut(number, operation, Fault.STOP_BEFORE)
    yield Cut(len(calls), calls[-1], Fault.STOP_AFTER)


def test_a_worker_that_stands_still_is_taken_over_and_spoils_nothing_when_it_wakes_up(act: str, scene: Scene) -> None:
    calls, expected = undisturbed(scene)
    for cut in stops(calls):
        with scene.again() as run, told(f"{act}: {cut}"):
            frozen = run.stopped(cut.plan())
            run.work()
            left_alone = run.outcome()
            run.clock.move(seconds=11)
            run.settle()
            proven(act, run, expected)
            assert left_alone != expected, "somebody took over before the lease was over"
            frozen.wake_up()
            run.settle()
            proven(act, run, expected)


@pytest.mark.parametrize("act", REVOCABLE, indirect=True)
def test_a_worker_that_stands_still_never_writes_over_a_newer_decision(act: str, scene: Scene) -> None:
    calls, _ = undisturbed(scene)
    for cut in stops(calls):
        with scene.again() as run, told(f"{act}, then revoked: {cut}"):
            frozen = run.stopped(cut.plan())
            run.house.heart.accounts.revoke(run.house.official("it"), run.someone.account_id, "transfer")
            run.clock.move(seconds=11)
            run.settle()
            closed = run.outcome()
            (entry,) = closed.entries
            assert (entry.enabled, entry.entitlements) == (False, frozenset())
            frozen.wake_up()
            run.settle()
            run.took_effect_once()
            assert run.outcome() == closed
