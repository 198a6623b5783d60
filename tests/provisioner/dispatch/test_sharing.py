"""What several processes agree on in one PostgreSQL: claims, passwords being drawn, turns, the time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest
from sqlalchemy import select, update

from provisioner.convergence.worklist import Claim, WorkList
from provisioner.credential.issuing import Issuer, Order
from provisioner.dispatch.turns import StoreTurns
from provisioner.store import Store
from provisioner.store.server_clock import ServerClock
from provisioner.store.tables import LinkRow, TargetHealthRow
from tests.faults.at_once import at_once
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


def test_no_more_workers_than_a_system_may_have_get_in_however_they_come(
    house: LivingHouse, stores: list[Store]
) -> None:
    _everything_is_due(house)
    lists = [WorkList(store, house.clock, house.settings.runner) for store in stores]
    claims: list[list[Claim]] = at_once(*(lambda each=each: each.claim("akun", 2) for each in lists))
    assert sorted(len(each) for each in claims) == [0, 0, 2, 2]
    taken = [claim.link_id for each in claims for claim in each]
    assert len(set(taken)) == len(taken)


def test_what_somebody_is_changing_now_holds_up_nobody_and_is_claimed_afterwards(
    house: LivingHouse, stores: list[Store]
) -> None:
    _everything_is_due(house)
    worker = WorkList(stores[1], house.clock, house.settings.runner)
    with stores[0].begin() as session:
        first = session.scalars(select(LinkRow.id).order_by(LinkRow.next_try_at)).first()
        session.get_one(LinkRow, first)
        others = worker.claim("akun", 50)
    assert (len(others), first in {claim.link_id for claim in others}) == (11, False)
    assert [claim.link_id for claim in worker.claim("akun", 50)] == [first]


def test_workers_that_go_on_claiming_do_everything_once_and_are_never_more_than_allowed(
    house: LivingHouse, stores: list[Store]
) -> None:
    """One link at a time, so that every claim meets others that begin and end."""
    _everything_is_due(house)
    done: list[str] = []
    at_work: set[str] = set()
    most: list[int] = []

    def work(each: WorkList, store: Store) -> None:
        while len(done) < 12:
            for claim in each.claim("akun", 1):
                at_work.add(claim.token)
                most.append(len(at_work))
                done.append(claim.link_id)
                at_work.discard(claim.token)  # Before the store knows: it must never be ahead of us.
                with store.begin() as session:
                    each.held(session, claim).state = "done"
                each.give_back([claim])

    lists = [WorkList(store, house.clock, house.settings.runner) for store in stores]
    at_once(*(lambda each=each, store=store: work(each, store) for each, store in zip(lists, stores, strict=True)))
    assert (len(done), len(set(done))) == (12, 12)
    assert max(most) <= house.settings.runner.per_target
    with house.store.read() as session:
        assert session.scalars(select(LinkRow.id).where(LinkRow.lease_token.is_not(None))).all() == []


def _everything_is_due(house: LivingHouse) -> None:
    with house.store.begin() as session:
        session.execute(
            update(LinkRow).values(state="due", next_try_at=house.clock(), lease_token=None, lease_until=None)
        )


def test_no_two_draw_a_password_for_the_same_account(house: LivingHouse, stores: list[Store]) -> None:
    """Each claims until nothing is left: who meets another one gets fewer than it asked for, and never none."""
    issuers = [
        Issuer(store, house.clock, house.trail, house.keyring, house.targets, house.context.office.name, LEASE)
        for store in stores
    ]

    def everything(issuer: Issuer) -> list[Order]:
        return [order for claimed in iter(lambda: issuer.claim(3), []) for order in claimed]

    orders = at_once(*(lambda each=each: everything(each) for each in issuers))
    drawn = [order.credential_id for each in orders for order in each]
    nobodys = house.heart.issuer.orders()
    for issuer, claimed in zip(issuers, orders, strict=True):
        issuer.give_back(claimed)
    assert (len(drawn), len(set(drawn)), nobodys) == (12, 12, [])
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

    at_once(*(lambda each=each: note(each) for each in stores))
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
    assert sorted(at_once(*(lambda each=each: each.ours(name) for each in turns))) == [False, False, False, True]


def test_a_machine_whose_clock_is_wrong_goes_by_the_servers(stores: list[Store]) -> None:
    ages_ago = datetime(2000, 1, 1, tzinfo=UTC)
    clock = ServerClock(stores[0].engine, own=lambda: ages_ago)
    assert clock() == ages_ago
    with stores[0].read() as session:
        session.execute(select(1))
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
