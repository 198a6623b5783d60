"""An office of many machines: one private PostgreSQL, real ``provisioner work`` processes, the real clock.

with private_postgresql() as server, server.database() as database:
    office = prepared(tmp_path, database, targets)
    with office.here() as house, working(office, tmp_path / "w1"):
        someone = house.approved()
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text

from provisioner.bootstrap import build
from provisioner.dispatch.workers import SILENT_SECONDS
from provisioner.preparation import prepare
from provisioner.settings import Settings, load_settings
from tests.house import House, MovableClock
from tests.servers.postgresql import Database
from tests.servers.served import Served
from tests.servers.settings_file import write_settings

CHEAP = {"argon2_memory_kib": 64, "argon2_iterations": 1}
PATIENCE_SECONDS = 180


def address(database: Database) -> str:
    """Of a database, for the settings."""
    given = dict(database.parameters)
    url = URL.create(
        "postgresql+psycopg",
        given.pop("user"),
        given.pop("password"),
        given.pop("host"),
        given.pop("port"),
        given.pop("dbname"),
        query=given,
    )
    return url.render_as_string(hide_password=False)


class LivingHouse(House):
    """A :class:`~tests.house.House` over a core that was built as in service: the people and the looking are the same,
    the time is the real one.
    """

    def __init__(self, settings: Settings) -> None:
        self.core = build(settings)
        self.folder, self.settings, self.heart = settings.data_dir, settings, self.core.heart
        self.context, self.targets = self.core.context, self.core.targets
        self.store, self.clock, self.keyring = self.context.store, self.context.clock, self.context.keyring
        self.trail, self.sessions = self.context.trail, self.core.sessions
        self.still = MovableClock(datetime.now(UTC))

    def close(self) -> None:
        """Give back connections."""
        self.core.close()


@dataclass(frozen=True)
class ManyMachines:
    """An office that was prepared, and how to open it."""

    folder: Path
    settings_file: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def settings(self) -> Settings:
        """As the processes read them."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return load_settings(self.settings_file)
        finally:
            os.environ.clear()
            os.environ.update(before)

    @contextmanager
    def here(self) -> Iterator[LivingHouse]:
        """The office as a web process has it: it decides, and others do the work."""
        house = LivingHouse(self.settings)
        try:
            yield house
        finally:
            house.close()


def prepared(
    folder: Path,
    database: Database | None,
    targets: Mapping[str, Mapping[str, Any]],
    engine: str = "procrastinate",
    **sections: Mapping[str, Any],
) -> ManyMachines:
    """Prepare an office in ``folder`` as ``provisioner init`` does. ``sections`` are of the settings file. Without a
    database the store is a file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    given: dict[str, Any] = {
        "passwords": CHEAP,
        "dispatch": {"engine": engine},
        "reconciliation": {"every_hours": 0},
        "runner": {"sweep_seconds": 0.3, "check_hours": 0},
        **sections,
    }
    file = write_settings(folder / "provisioner.toml", given, targets)
    environment = {
        "PROVISIONER_CONFIG": str(file),
        "PROVISIONER_DATA_DIR": str(folder / "data"),
        **({"PROVISIONER_STORE__URL": address(database)} if database is not None else {}),
    }
    office = ManyMachines(folder, file, environment)
    prepare(office.settings)
    return office


def listening(house: House) -> int:
    """How many workers Procrastinate knows to be alive, and so wakes."""
    alive = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :s)")
    with house.store.read() as session:
        return session.scalar(alive, {"s": SILENT_SECONDS}) or 0


class Working(Served):
    """One ``provisioner work``."""

    def ready(self) -> "Working":
        """Wait until it works."""
        until(lambda: "Working after" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, f"the worker did not start:\n{self.said}\n{self.complained}"
        return self

    def freeze(self) -> None:
        """Let it stand still (SIGSTOP)."""
        self.process.send_signal(signal.SIGSTOP)
        until(self.stands_still)

    def stands_still(self) -> bool:
        """Whether it does, for whatever reason."""
        assert self.process.poll() is None, f"the worker ended:\n{self.said}\n{self.complained}"
        return _state(self.process.pid) == "T"

    def go_on(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it where it stands (SIGKILL)."""
        self.process.kill()
        self.process.wait()


@contextmanager
def working(office: ManyMachines, folder: Path, **environment: str) -> Iterator[Working]:
    """Run one ``provisioner work`` on a machine of its own, as it were; ``folder`` keeps what it prints."""
    worker = Working(folder, office.folder / "data", "work", environment={**office.environment, **environment})
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.go_on()
        worker.stop()


def until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for it."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
