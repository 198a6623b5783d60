"""Two web processes and two workers over PostgreSQL and a directory; four clients approve while something breaks.

Whatever it was: every approved request has exactly one account in each system, the trail is whole, every envelope opens
to a password that works, and nothing waits for a person. ``make test`` strikes at workers and web processes; ``make
faults`` at everything, and approves many more; a failure prints the seed that repeats the choice of what is struck and
when.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from tests.faults.aftermath import (
    Applicants,
    nothing_is_due,
    nothing_is_left_over,
    patiently,
    the_trail_is_whole,
    unsigned,
)
from tests.faults.busy_office import LEASE_SECONDS, BusyOffice, busy_office, some
from tests.faults.clients import CLIENTS, Client, Signing
from tests.many_machines import until

REQUESTS = int(os.environ.get("FAULTS_REQUESTS", "5"))
"""Approved during each fault."""
SEED = int(os.environ.get("FAULTS_SEED", "1"))
APPROVED_PER_STRIKE = 60
DISK_MIB = 400 + 4 * REQUESTS
"""Two files of a pact for every request of every fault, and the database's own log."""
LONGER_THAN_A_LEASE = LEASE_SECONDS + 1.0
Strike = Callable[[BusyOffice, random.Random], None]
ON_A_QUIET_MACHINE = pytest.mark.skipif(
    "FAULTS_REQUESTS" not in os.environ, reason="make faults: beside other tests a database that starts again is late"
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyOffice]:
    with busy_office(tmp_path_factory.mktemp("busy"), DISK_MIB) as running:
        yield running


def test_a_worker_is_killed(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        killed = some(lot, office.workers)
        killed.kill()
        office.replace(killed)

    approved_while(strike, office, "worker-killed")


def test_a_worker_stands_still_for_longer_than_its_leases(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        stands_still = some(lot, office.workers)
        stands_still.freeze()
        time.sleep(LONGER_THAN_A_LEASE)
        stands_still.go_on()

    approved_while(strike, office, "worker-frozen")


def test_a_web_process_is_killed(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        killed = some(lot, office.webs)
        killed.kill()
        office.replace(killed)

    approved_while(strike, office, "web-killed")


def test_a_web_process_stands_still(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        stands_still = some(lot, office.webs)
        stands_still.freeze()
        time.sleep(LONGER_THAN_A_LEASE)
        stands_still.go_on()

    approved_while(strike, office, "web-frozen")


@ON_A_QUIET_MACHINE
def test_postgresql_is_killed(office: BusyOffice) -> None:
    """Its first process alone, as by an operator or for want of memory: the others notice and end."""

    def strike(office: BusyOffice, lot: random.Random) -> None:
        office.server.kill_first_process()
        time.sleep(lot.random())
        office.server.start()

    approved_while(strike, office, "postgresql-killed")


@ON_A_QUIET_MACHINE
def test_postgresql_is_restarted(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        office.server.stop()
        time.sleep(lot.random())
        office.server.start()

    approved_while(strike, office, "postgresql-restarted")


@ON_A_QUIET_MACHINE
def test_postgresql_stands_still(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        office.server.freeze()
        time.sleep(LONGER_THAN_A_LEASE + lot.random())
        office.server.thaw()

    approved_while(strike, office, "postgresql-frozen")


@ON_A_QUIET_MACHINE
def test_the_disk_of_postgresql_is_full(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        disk = office.server.disk
        told = len(office.server.output())
        disk.fill()
        until(lambda: "No space left on device" in office.server.output()[told:])
        time.sleep(1 + lot.random())
        disk.make_room()
        if not office.server.runs:  # Whatever watches over it would start it again.
            office.server.start()

    approved_while(strike, office, "disk-full")


@ON_A_QUIET_MACHINE
def test_somebody_else_takes_every_connection(office: BusyOffice) -> None:
    """Those that the processes had are cut, so that they have to ask for new ones."""

    def strike(office: BusyOffice, lot: random.Random) -> None:
        told = len(office.server.output())
        with office.server.superuser() as superuser:
            taken: list[psycopg.Connection] = []
            try:
                ends = time.monotonic() + 2 + lot.random()
                while time.monotonic() < ends or "too many clients" not in office.server.output()[told:]:
                    superuser.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE backend_type = 'client backend' AND usename <> 'postgres'"
                    )
                    with suppress(psycopg.OperationalError):
                        while True:
                            taken.append(office.server.superuser())
                    time.sleep(0.1)
            finally:
                for connection in taken:
                    connection.close()

    approved_while(strike, office, "connections-taken")


@ON_A_QUIET_MACHINE
def test_the_directory_is_cut_off(office: BusyOffice) -> None:
    def strike(office: BusyOffice, lot: random.Random) -> None:
        office.directory.cut()
        time.sleep(LONGER_THAN_A_LEASE + lot.random())
        office.directory.join()

    approved_while(strike, office, "directory-cut-off")


def approved_while(strike: Strike, office: BusyOffice, name: str) -> None:
    """Approve :data:`REQUESTS` requests, strike in the middle, and see that it made no difference."""
    with told(f"FAULTS_SEED={SEED} FAULTS_REQUESTS={REQUESTS}") as clients:
        lot = random.Random(f"{SEED}:{name}")  # noqa: S311  Nothing is kept secret by it.
        people = office.waiting(REQUESTS)
        applicants = Applicants(office, people)
        cookies = [signed_in(office) for _ in range(CLIENTS)]
        clients += [Client(cookie, office.addresses, random.Random(lot.random())) for cookie in cookies]  # noqa: S311
        signing = Signing(clients, people)
        for after in strikes(lot):
            until(lambda after=after: signing.answered >= after or not signing.goes_on)  # type: ignore[misc]
            strike(office, lot)
            applicants.try_all()
        signing.finish()
        while left := patiently(lambda: unsigned(office, people)):
            Signing(clients, left).finish()
        until(applicants.all_have)
        until(lambda: patiently(lambda: nothing_is_due(office)))
        nothing_is_left_over(office, people)
        the_trail_is_whole(office)


def strikes(lot: random.Random) -> list[int]:
    """After how many approvals something breaks."""
    count = max(1, REQUESTS // APPROVED_PER_STRIKE)
    return sorted(lot.sample(range(1, max(3, REQUESTS * 3 // 4)), count))


def signed_in(office: BusyOffice) -> str:
    """A session of the section head."""
    with office.core.context.store.begin() as session:
        token, _ = office.core.sessions.start(session, "official", office.actor("section_head").official_id)
        return token


@contextmanager
def told(how: str) -> Iterator[list[Client]]:
    """A failure tells how to repeat it, and what the clients that were put here had met."""
    clients: list[Client] = []
    try:
        yield clients
    except BaseException as error:
        error.add_note(how)
        for client in clients:
            error.add_note(f"a client was answered {client.troubles}, and read {client.refusals}")
        raise
