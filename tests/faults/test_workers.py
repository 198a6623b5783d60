"""Real ``provisioner work`` processes that are killed, stand still or are told to stop, beside others."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func, select, table

from provisioner.settings import RunnerSettings
from provisioner.store.address import HOLDS_LOCKS_SECONDS
from provisioner.store.tables import AuditRow, LinkRow, TurnRow
from tests.house import OWN, Someone
from tests.many_machines import LivingHouse, ManyMachines, Working, listening, prepared, until, working
from tests.servers.postgresql import Postgresql, private_postgresql
from tests.servers.slapd import Slapd, private_slapd

NUMBERS = count()
TURNS = {"duties", "reading:akun"}
_JOBS = table("procrastinate_jobs")
SHORT = {"lease_seconds": 4, "call_timeout_seconds": 2, "sweep_seconds": 0.3, "check_hours": 0, "threads": 1}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with private_slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[Postgresql]:
    with private_postgresql() as running:
        yield running


@pytest.fixture(scope="module")
def office(directory: Slapd, server: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManyMachines]:
    target = {"kind": "ldap", "label": "Direktori", "sign_in": True, "settings": directory.settings()}
    with server.database() as database:
        yield prepared(tmp_path_factory.mktemp("office"), database, {"akun": target}, runner=SHORT)


@pytest.fixture(scope="module")
def house(office: ManyMachines) -> Iterator[LivingHouse]:
    with office.here() as opened:
        yield opened


@pytest.fixture
def name() -> str:
    return f"orang{next(NUMBERS)}"


@pytest.fixture(scope="module")
def survivor(office: ManyMachines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Working]:
    """A worker that is well all the time."""
    with working(office, tmp_path_factory.mktemp("survivor")) as worker:
        yield worker.ready()


class Freezing(Working):
    """A worker that stops itself before a call to the directory."""

    def __init__(self, folder: Path, office: ManyMachines, call: str) -> None:
        self._call = call
        super().__init__(folder, office.folder / "data", "work", environment=office.environment)

    def command(self) -> list[str]:
        """The same main, with the call chosen."""
        return [sys.executable, "-m", "tests.faults.freezing_worker", "connectors.ldap", "LdapConnector", self._call]


@contextmanager
def freezing(office: ManyMachines, folder: Path, call: str) -> Iterator[Freezing]:
    worker = Freezing(folder, office, call)
    try:
        yield worker
    finally:
        worker.go_on()
        worker.stop()


def test_with_the_usual_settings_others_take_over_within_thirty_seconds() -> None:
    """A lease has to be over, locks that a frozen one holds have to be given up, and somebody has to look."""
    usual = RunnerSettings()
    assert max(usual.lease_seconds, HOLDS_LOCKS_SECONDS) + usual.sweep_seconds <= 30


def test_a_frozen_workers_late_write_is_refused_and_it_records_nothing(
    office: ManyMachines, house: LivingHouse, name: str, tmp_path: Path
) -> None:
    """It froze between reading and writing. (Nobody else is at work yet, so that it is the one that freezes.)"""
    someone = active(house, name)
    house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
    with freezing(office, tmp_path / "frozen", "update") as frozen:
        until(frozen.stands_still)
        house.heart.accounts.suspend_now(house.official("it"), someone.account_id)
        until(lambda: drained(house, someone))
        newest, told = house.entry("akun", someone), events(house, someone)
        assert not newest.enabled
        frozen.go_on()
        until(lambda: "lost its lease" in frozen.complained)
        until(lambda: is_done(house, someone))
        assert house.entry("akun", someone) == newest
        assert events(house, someone) == told


def test_a_frozen_worker_that_creates_late_makes_no_second_entry(
    office: ManyMachines, house: LivingHouse, name: str, tmp_path: Path
) -> None:
    someone = house.approved(name)
    with freezing(office, tmp_path / "frozen", "create") as frozen:
        until(frozen.stands_still)
        until(lambda: drained(house, someone))
        frozen.go_on()
        until(lambda: "lost its lease" in frozen.complained)
    assert entries(house, someone) == 1


def test_a_worker_is_told_through_whichever_thread_the_system_chooses(office: ManyMachines, tmp_path: Path) -> None:
    # With a process that stood still it chooses another than the first, which then sleeps on.
    with working(office, tmp_path / "w1") as worker:
        worker.ready()
        threads = [int(thread.name) for thread in Path(f"/proc/{worker.process.pid}/task").iterdir()]
        os.kill(next(thread for thread in threads if thread != worker.process.pid), signal.SIGTERM)
        assert worker.process.wait(20) == 0


def test_a_worker_that_is_told_twice_to_stop_ends_at_once(
    office: ManyMachines, house: LivingHouse, directory: Slapd, name: str, tmp_path: Path
) -> None:
    someone = active(house, name)
    with working(office, tmp_path / "worker") as worker:
        worker.ready()
        directory.freeze()
        try:
            house.heart.accounts.extend(house.official("it"), someone.account_id, date(2027, 1, 1))
            until(lambda: leased(house) > 0)
            worker.process.send_signal(signal.SIGTERM)
            until(lambda: "Finishing" in worker.said)
            worker.process.send_signal(signal.SIGTERM)
            assert worker.process.wait(20) == -signal.SIGTERM
        finally:
            directory.thaw()


def test_what_a_killed_worker_had_in_hand_is_done_once_by_those_that_are_left(
    office: ManyMachines, house: LivingHouse, survivor: Working, name: str, tmp_path: Path
) -> None:
    """Accounts and their passwords; the periodic work; the turn to read a system; the wake-ups it had taken."""
    with working(office, tmp_path / "killed") as killed:
        killed.ready()
        until(lambda: set(turns(house)) == TURNS)
        survivors = set(turns(house).values())
        survivor.freeze()
        until(lambda: set(turns(house)) == TURNS and survivors.isdisjoint(turns(house).values()))
        survivor.go_on()
        killeds = set(turns(house).values())
        people = [house.approved(f"{name}-{number}") for number in range(20)]
        until(lambda: any(is_done(house, someone) for someone in people))
        killed.kill()
        until(lambda: all(is_done(house, someone) for someone in people))
    assert [entries(house, someone) for someone in people] == [1] * len(people)
    assert [len(house.generations(someone)) for someone in people] == [1] * len(people)
    until(lambda: set(turns(house)) == TURNS and killeds.isdisjoint(turns(house).values()))
    until(lambda: no_jobs(house))


def test_workers_outlive_a_restart_of_the_database_and_listen_again(
    server: Postgresql, house: LivingHouse, survivor: Working, name: str
) -> None:
    server.restart()
    house.store.engine.dispose()  # Our own connections are gone too, and are not what is looked at here.
    someone = house.approved(name)
    until(lambda: is_done(house, someone))
    until(lambda: no_jobs(house) and listening(house) >= 1)
    assert survivor.process.poll() is None


def test_a_worker_that_is_told_to_stop_finishes_or_hands_back(house: LivingHouse, survivor: Working, name: str) -> None:
    people = [house.approved(f"{name}-{number}") for number in range(8)]
    until(lambda: any(is_done(house, someone) for someone in people))
    assert survivor.stop() == 0
    assert leased(house) == 0
    assert turns(house) == {}
    until(lambda: all(drained(house, someone) for someone in people))
    assert [entries(house, someone) for someone in people] == [1] * len(people)


def active(house: LivingHouse, name: str) -> Someone:
    """A person who has chosen a password."""
    someone = house.approved(name)
    until(lambda: drained(house, someone))
    house.heart.passwords.change(someone.account_id, house.open(someone).slips[0].password, OWN)
    until(lambda: drained(house, someone))
    return someone


def drained(house: LivingHouse, someone: Someone) -> bool:
    """Do what nobody else has in hand, as another worker would; whether everything is done."""
    house.heart.drain()
    return is_done(house, someone)


def is_done(house: LivingHouse, someone: Someone) -> bool:
    return house.words(someone) == {"akun": "done"}


def entries(house: LivingHouse, someone: Someone) -> int:
    return len(house.connector("akun").find(someone.account_id))


def turns(house: LivingHouse) -> dict[str, str]:
    """Who has which turn now."""
    with house.store.read() as session:
        return {row.name: row.token for row in session.scalars(select(TurnRow)) if row.until > house.clock()}


def leased(house: LivingHouse) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.count(LinkRow.lease_token))) or 0


def events(house: LivingHouse, someone: Someone) -> list[str]:
    with house.store.read() as session:
        asked = select(AuditRow.kind).where(AuditRow.account_id == someone.account_id).order_by(AuditRow.seq)
        return list(session.scalars(asked))


def no_jobs(house: LivingHouse) -> bool:
    with house.store.read() as session:
        return session.scalar(select(func.count()).select_from(_JOBS)) == 0
