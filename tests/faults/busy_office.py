"""An office of many machines while it is busy: two web processes, two workers, clocks that disagree, people who wait.

One PostgreSQL on a small disk, one directory behind a network that can be cut, one table of accounts. Requests stand
just before the section head's signature: one went there through the core, the others are copies of its rows with
tickets of their own. Signing is real, through the pages.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from provisioner.bootstrap import build
from provisioner.store.tables import PactRow, RequestRow
from provisioner.ticket import Ticket
from tests.benchmarks.copied_cases import CopiedCases
from tests.faults import wrong_clock
from tests.many_machines import CHEAP, ManyMachines, Working, prepared
from tests.office import MovableClock, RealOffice, appoint
from tests.servers.far_slapd import FarSlapd, far_slapd
from tests.servers.postgresql import Database, Postgresql, private_postgresql

LEASE_SECONDS = 4.0
APART_SECONDS = 90
RUNNER = {
    "lease_seconds": LEASE_SECONDS,
    "call_timeout_seconds": 2.0,
    "check_hours": 0,
    "backoff_first_seconds": 0.2,
    "backoff_max_seconds": 1.0,
    "breaker_seconds": 1.0,
}


class RealTime(MovableClock):
    """The time it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Waiting:
    """A person whose pact waits for the section head."""

    request_id: str
    pact_id: str
    ticket: Ticket = field(repr=False)


class BusyOffice(RealOffice):
    """Decides and looks as a web process does; ``webs`` and ``workers`` are the real processes beside it."""

    def __init__(self, machines: ManyMachines, server: Postgresql, database: Database, directory: FarSlapd) -> None:
        self.machines, self.server, self.directory = machines, server, directory
        self._database = database
        self.folder, self.settings = machines.folder, machines.settings
        self.core = build(self.settings)
        self.clock, self._letters = RealTime(), 0
        self._touched = True  # Nobody else's walk is copied here.
        self.webs: list[Working] = []
        self.workers: list[Working] = []
        self._starts = 0

    def waiting(self, count: int) -> list[Waiting]:
        """So many people more, whose pacts the section head has read and not signed."""
        if not self._letters:
            appoint(self.core)
            self._first = self.new("pact-official")
            self.core.pacts.document(self.actor("section_head"), self.pact(self._first).id)
            self._cases = CopiedCases(self, [self.letter(self._first).id], apart=timedelta(milliseconds=1))
            with self.server.superuser(self._database.name) as superuser:
                # A letter and its line in the register name each other, and copies are put in row by row.
                superuser.execute("ALTER TABLE letter ALTER CONSTRAINT letter_register_id_fkey DEFERRABLE")
        known = self._requests()
        self._cases.add(count)
        return [self._with_own_ticket(request_id) for request_id in sorted(self._requests() - known)]

    def addresses(self) -> list[str]:
        """Of the web processes that live."""
        return [web.address() for web in self.webs if web.process.poll() is None]

    def start_all(self) -> None:
        """The second of each has a clock that is wrong: the worker's is ahead, the web process's is behind."""
        self.webs = [self.start("serve"), self.start("serve", -APART_SECONDS)]
        self.workers = [self.start("work"), self.start("work", APART_SECONDS)]
        for each in (*self.webs, *self.workers):
            ready(each)

    def start(self, command: str, clock_off: int = 0) -> Working:
        """One process more."""
        self._starts += 1
        folder = self.folder / f"{command}-{self._starts}"
        if clock_off:
            return WithWrongClock(folder, self.machines, command, clock_off)
        return Working(folder, self.folder / "data", command, environment=self.machines.environment)

    def replace(self, dead: Working) -> None:
        """Start another in the place of one that was killed, on the same machine, as it were."""
        clock_off = dead.clock_off if isinstance(dead, WithWrongClock) else 0
        for command, living in (("serve", self.webs), ("work", self.workers)):
            if dead in living:
                living[living.index(dead)] = started = self.start(command, clock_off)
                ready(started)

    def stop_all(self) -> None:
        """End every process in good order."""
        for each in (*self.webs, *self.workers):
            if each.process.poll() is None:
                each.go_on()
                each.stop()

    def _requests(self) -> set[str]:
        with self.core.context.store.read() as session:
            return set(session.scalars(select(RequestRow.id).where(RequestRow.id != self._first.request_id)))

    def _with_own_ticket(self, request_id: str) -> Waiting:
        ticket = Ticket.new()
        keys = ticket.keys()
        with self.core.context.store.begin() as session:
            session.execute(
                update(RequestRow)
                .where(RequestRow.id == request_id)
                .values(
                    ticket_fingerprint=keys.fingerprint(),
                    opening_key=keys.opening,
                    signing_key=keys.signing,
                    check_code=keys.check_code(),
                )
            )
            pact_id = session.scalars(select(PactRow.id).where(PactRow.request_id == request_id)).one()
        return Waiting(request_id, pact_id, ticket)


class WithWrongClock(Working):
    """A process on a machine whose time of day is wrong."""

    def __init__(self, folder: Path, machines: ManyMachines, command: str, clock_off: int) -> None:
        self.clock_off = clock_off
        environment = {**machines.environment, **wrong_clock.environment(clock_off)}
        super().__init__(folder, machines.folder / "data", command, environment=environment)

    def command(self) -> list[str]:
        """The same main."""
        return [sys.executable, "-m", "tests.faults.wrong_clock"]


def ready(process: Working) -> None:
    """Wait until it works."""
    if process.folder.name.startswith("serve"):
        process.address()
    else:
        process.ready()


@contextmanager
def busy_office(folder: Path, disk_mib: int) -> Iterator[BusyOffice]:
    """Start everything in ``folder``, PostgreSQL on a disk of this size; end it afterwards."""
    with ExitStack() as stack:
        directory = stack.enter_context(far_slapd(folder, maxsize=1 << 28))
        server = stack.enter_context(private_postgresql(disk_mib=disk_mib))
        store, accounts = (stack.enter_context(server.database()) for _ in range(2))
        machines = prepared(
            folder / "office",
            store,
            {
                "akun": {"kind": "ldap", "label": "Direktori", "sign_in": True, "settings": directory.settings()},
                "arsip": {"kind": "table", "label": "Arsip", "settings": _table(folder, server, accounts)},
            },
            runner=RUNNER,
            totp={"mandatory_for": []},
        )
        office = BusyOffice(machines, server, store, directory)
        stack.callback(office.close)
        stack.callback(office.stop_all)
        office.start_all()
        yield office


def _table(folder: Path, server: Postgresql, database: Database) -> dict[str, object]:
    password = folder / "accounts.password"
    password.write_text(f"{database.parameters['password']}\n")
    place = f"{database.owner}@127.0.0.1:{server.port}/{database.name}"
    url = f"postgresql+psycopg://{place}?sslmode=verify-full&sslrootcert={server.ca_file}"
    return {"url": url, "password_file": str(password), "create_tables": True, **CHEAP}


def some(lot: random.Random, among: Sequence[Working]) -> Working:
    """One of them, by lot."""
    return among[lot.randrange(len(among))]
