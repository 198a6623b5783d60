"""What several processes agree on in one PostgreSQL: claims, passwords being drawn, turns, the time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import select, update

from provisioner.convergence.worklist import Claim, WorkList
from provisioner.credential.issuing import Issuer
from provisioner.dispatch.turns import StoreTurns
from provisioner.store import Store
from provisioner.store.server_clock import ServerClock
from provisioner.store.tables import LinkRow, TargetHealthRow
from tests.house import MovableClock
from tests.many_machines import LivingHouse, prepared
from tests.provisioner.dispatch.conftest import TABLE
from tests.servers.postgresql import Postgresql

NUMBERS = count()
LEASE = timedelta(seconds=20)
Answer = TypeVar("Answer")


@pytest.fixture(scope="module")
def house(server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingHouse]:
    with server.database() as database:
        office = prepared(tmp_path_factory.mktemp("sharing"), database, {"akun": TABLE})
        with office.here() as opened:
            for number in range(12):
                opened.approved(f"orang{number}")
            yield opened


@pytest.fixture
def stores(house: LivingHouse) -> Iterator[list[Store]]:
    """As many processes would have: each its own connections."""
    opened = [Store(house.settings.store_url) for _ in range(4)]
    yield opened
    for each in opened:
        each.close()


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Call them all at the same moment."""
    together = Barrier(len(calls))

    def call(each: Callable[[], Answer]) -> Answer:
        together.wait()
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_no_more_workers_than_a_system_may_have_get_in_however_they_come(
    house: LivingHouse, stores: list[Store]
) -> None:
    with house.store.begin() as session:
        session.execute(update(LinkRow).values(state="due", next_try_at=house.clock(), lease_token=None))
    lists = [WorkList(store, house.clock, house.settings.runner) for store in stores]
    claims: list[list[Claim]] = at_once(*(lambda each=each: each.claim("akun", 2) for each in lists))  # type: ignore[misc]
    assert sorted(len(each) for each in claims) == [0, 0, 2, 2]
    taken = [claim.link_id for each in claims for claim in each]
    assert len(set(taken)) == len(taken)


def test_no_two_draw_a_password_for_the_same_account(house: LivingHouse, stores: list[Store]) -> None:
    issuers = [
        Issuer(store, house.clock, house.trail, house.keyring, house.targets, house.context.office.name, LEASE)
        for store in stores
    ]
    orders = at_once(*(lambda each=each: each.claim(3) for each in issuers))  # type: ignore[misc]
    drawn = [order.credential_id for each in orders for order in each]
    assert len(drawn) == 12
    assert len(set(drawn)) == 12
    assert house.heart.issuer.orders() == []
    for issuer, claimed in zip(issuers, orders, strict=True):
        issuer.give_back(claimed)
    assert len(house.heart.issuer.orders()) == 12


def test_a_password_that_a_dead_worker_wanted_to_draw_is_drawn_by_another(house: LivingHouse) -> None:
    clock = MovableClock(datetime.now(UTC))
    dead, other = (
        Issuer(house.store, clock, house.trail, house.keyring, house.targets, house.context.office.name, LEASE)
        for _ in range(2)
    )
    assert len(dead.claim(50)) == 12
    assert other.claim(50) == []
    clock.move(seconds=20)
    claimed = other.claim(50)
    assert len(claimed) == 12
    other.give_back(claimed)


def test_two_that_find_the_same_system_away_for_the_first_time_both_note_it(
    house: LivingHouse, stores: list[Store]
) -> None:
    def note(store: Store) -> None:
        work = WorkList(store, house.clock, house.settings.runner)
        with store.begin() as session:
            work.unavailable(session, "baru")

    at_once(*(lambda each=each: note(each) for each in stores))  # type: ignore[misc]
    with house.store.read() as session:
        assert session.scalars(select(TargetHealthRow.failures).where(TargetHealthRow.target == "baru")).all() == [4]


def test_a_turn_is_one_process_and_passes_on_when_its_signs_of_life_stop(house: LivingHouse) -> None:
    clock, name = MovableClock(datetime.now(UTC)), f"uji-{next(NUMBERS)}"
    first, second = (StoreTurns(house.store, clock, LEASE) for _ in range(2))
    assert first.ours(name)
    assert not second.ours(name)
    clock.move(seconds=15)
    first.keep()
    clock.move(seconds=15)
    assert not second.ours(name)
    clock.move(seconds=6)
    assert second.ours(name)
    first.keep()
    assert not first.ours(name), "it stood still, and finds out at its next question"


def test_a_turn_that_is_given_up_is_free_at_once(house: LivingHouse) -> None:
    clock, name = MovableClock(datetime.now(UTC)), f"uji-{next(NUMBERS)}"
    first, second = (StoreTurns(house.store, clock, LEASE) for _ in range(2))
    assert first.ours(name)
    first.end()
    assert second.ours(name)
    assert not first.ours(name)


def test_several_that_ask_for_a_turn_at_once_do_not_all_get_it(house: LivingHouse, stores: list[Store]) -> None:
    name = f"uji-{next(NUMBERS)}"
    turns = [StoreTurns(store, house.clock, LEASE) for store in stores]
    assert sorted(at_once(*(lambda each=each: each.ours(name) for each in turns))) == [False, False, False, True]  # type: ignore[misc]


def test_a_machine_whose_clock_is_wrong_goes_by_the_servers(stores: list[Store]) -> None:
    ages_ago = datetime(2000, 1, 1, tzinfo=UTC)
    clock = ServerClock(stores[0].engine, own=lambda: ages_ago)
    assert clock() == ages_ago
    with stores[0].read() as session:
        session.execute(select(1))
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
