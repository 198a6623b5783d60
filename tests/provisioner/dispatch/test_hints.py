"""Wake-ups as jobs of Procrastinate: in the caller's unit of work, one each, never many, and gone when taken."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import column, func, select, table, text

from provisioner.dispatch import many_workers
from provisioner.dispatch.hints import DeferredWakeUp, listening_app
from provisioner.dispatch.many_workers import Listener, tidy
from provisioner.dispatch.turns import StoreTurns
from provisioner.dispatch.wakeup import WakeUp
from provisioner.dispatch.workers import QUEUE, waiting
from provisioner.observation.machine_figures import machines
from provisioner.preparation import prepare
from tests.many_machines import LivingHouse, listening, prepared, until
from tests.provisioner.dispatch.conftest import TABLE
from tests.servers.postgresql import Postgresql

JOBS = table("procrastinate_jobs", column("id"), column("args"), column("lock"), column("queueing_lock"))


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
        ((args, lock, queueing_lock),) = session.execute(select(JOBS.c.args, JOBS.c.lock, JOBS.c.queueing_lock)).all()
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


def test_a_wake_up_that_was_taken_long_ago_is_deleted_whether_its_worker_lives_or_not(house: LivingHouse) -> None:
    taken = [
        _taken(house, alive="1 minute ago", since="1 minute ago"),
        _taken(house, alive="1 second ago", since="1 minute ago"),
        _taken(house, alive="1 second ago", since="1 second ago"),
    ]
    _tidied(house)
    with house.store.read() as session:
        assert session.scalars(select(JOBS.c.id)).all() == taken[2:]
        assert waiting(session) == 0
    assert listening(house) == 2


def _taken(house: LivingHouse, alive: str, since: str) -> int:
    """A wake-up in the hands of a worker of its own; gives its number."""
    with house.store.begin() as session:
        worker = session.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() + CAST(:alive AS interval)) RETURNING id"
            ),
            {"alive": alive},
        )
        session.execute(
            text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES (:queue, 'look')"), {"queue": QUEUE}
        )
        job = session.scalar(
            text("SELECT id FROM procrastinate_fetch_job_v2(CAST(ARRAY[:queue] AS varchar[]), :worker)"),
            {"queue": QUEUE, "worker": worker},
        )
        session.execute(
            text(
                "UPDATE procrastinate_events SET at = now() + CAST(:since AS interval)"
                " WHERE job_id = :job AND type = 'started'"
            ),
            {"since": since, "job": job},
        )
    assert job is not None
    return int(job)


def _tidied(house: LivingHouse) -> None:
    app = listening_app(house.settings.store_url, WakeUp())

    async def tidied() -> None:
        async with app.open_async():
            await tidy(app)

    asyncio.run(tidied())


def test_tidying_goes_on_after_the_database_was_away(house: LivingHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []

    async def away(_app: object) -> None:
        met.append("away")
        raise ConnectionError

    monkeypatch.setattr(many_workers, "SILENT_SECONDS", 0.05)
    monkeypatch.setattr(many_workers, "tidy", away)
    turns = StoreTurns(house.store, house.clock, timedelta(seconds=20))
    listener = Listener(listening_app(house.settings.store_url, WakeUp()), turns)
    listener.start()
    try:
        until(lambda: len(met) >= 3)
    finally:
        listener.stop()
        turns.end()


def test_preparing_again_changes_nothing(house: LivingHouse) -> None:
    assert prepare(house.settings) == []
