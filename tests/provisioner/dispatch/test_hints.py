"""Wake-ups as jobs of Procrastinate: in the caller's unit of work, one each, never many, and gone when taken."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import column, func, select, table, text

from provisioner.dispatch.hints import DeferredWakeUp, listening_app
from provisioner.dispatch.many_workers import tidy
from provisioner.dispatch.wakeup import WakeUp
from provisioner.dispatch.workers import QUEUE, waiting
from provisioner.observation.machine_figures import machines
from provisioner.preparation import prepare
from tests.many_machines import LivingHouse, listening, prepared
from tests.provisioner.dispatch.conftest import TABLE
from tests.servers.postgresql import Postgresql

JOBS = table("procrastinate_jobs", column("args"), column("lock"), column("queueing_lock"))


@pytest.fixture(scope="module")
def house(server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingHouse]:
    """An office at which nobody works."""
    with server.database() as database:
        office = prepared(tmp_path_factory.mktemp("hints"), database, {"akun": TABLE})
        with office.here() as opened:
            yield opened


@pytest.fixture(autouse=True)
def no_jobs(house: LivingHouse) -> None:
    with house.store.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))


def jobs(house: LivingHouse) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.count()).select_from(JOBS)) or 0


def test_a_change_defers_one_job_with_it_however_often_it_asks(house: LivingHouse) -> None:
    wakeup = DeferredWakeUp(most=10)
    with house.store.begin() as session:
        for _ in range(3):
            wakeup.after_commit(session)
        assert jobs(house) == 0, "nobody may be woken before the change is there"
    assert jobs(house) == 1
    with house.store.begin() as session:
        wakeup.after_commit(session)
    assert jobs(house) == 2


def test_what_waits_is_among_the_figures_that_are_seen_from_outside(house: LivingHouse) -> None:
    wakeup = DeferredWakeUp(most=10)
    for _ in range(2):
        with house.store.begin() as session:
            wakeup.after_commit(session)
    with house.store.read() as session:
        figures = {each.name: each.values for each in machines(house.settings)(session, house.clock())}
    assert figures["provisioner_jobs_waiting"] == {(): 2}


def test_a_change_that_is_taken_back_defers_none(house: LivingHouse) -> None:
    with pytest.raises(RuntimeError), house.store.begin() as session:
        DeferredWakeUp(most=10).after_commit(session)
        raise RuntimeError
    assert jobs(house) == 0


def test_jobs_carry_nothing_and_hold_no_locks(house: LivingHouse) -> None:
    house.approved("tanpa.rahasia")
    with house.store.read() as session:
        ((args, lock, queueing_lock),) = session.execute(select(JOBS)).all()
    assert (json.dumps(args), lock, queueing_lock) == ("{}", None, None)


def test_hints_do_not_pile_up_while_nobody_works(house: LivingHouse) -> None:
    wakeup = DeferredWakeUp(most=5)
    for _ in range(12):
        with house.store.begin() as session:
            wakeup.after_commit(session)
    assert jobs(house) == 5


def test_a_worker_is_woken_by_a_job_and_deletes_it(house: LivingHouse) -> None:
    with house.store.begin() as session:
        DeferredWakeUp(most=10).after_commit(session)
    woken = WakeUp()
    app = listening_app(house.settings.store_url, woken)

    async def until_nothing_waits() -> None:
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE], wait=False, install_signal_handlers=False, delete_jobs=DeleteJobCondition.ALWAYS
            )

    asyncio.run(until_nothing_waits())
    assert woken.seen == 1
    assert jobs(house) == 0


def test_what_dead_workers_had_in_hand_is_deleted_and_what_living_ones_have_is_not(house: LivingHouse) -> None:
    with house.store.begin() as session:
        for silent in ("1 minute", "1 second"):
            session.execute(
                text(
                    "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                    " VALUES (now() - CAST(:silent AS interval)) RETURNING id)"
                    " INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
                    " SELECT :queue, 'look', 'doing', id FROM w"
                ),
                {"silent": silent, "queue": QUEUE},
            )
    app = listening_app(house.settings.store_url, WakeUp())

    async def tidied() -> None:
        async with app.open_async():
            await tidy(app)

    asyncio.run(tidied())
    assert jobs(house) == 1
    assert listening(house) == 1
    with house.store.read() as session:
        assert waiting(session) == 0


def test_preparing_again_changes_nothing(house: LivingHouse) -> None:
    assert prepare(house.settings) == []
