"""An office whose system misbehaves by a plan, brought back to the same state again and again; what must hold."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.chaos import ChaosConnector, Fault, PlannedFault
from connectors.chaos.fault import Plan
from provisioner.connector import ConnectorContext, Outcome, RemoteAccount
from provisioner.credential.generation import GenerationState
from provisioner.errors import ProvisionerError
from provisioner.settings import TargetSettings
from provisioner.store.tables import LinkRow
from tests.faults.dying import Frozen, stopped_in
from tests.house import CHEAP, House, MovableClock, Someone
from tests.stores import current

TARGET, OTHER = "akun", "lama"
RUNNER = {"lease_seconds": 10, "call_timeout_seconds": 5}
AT_REST = frozenset({"done", "gone"})
NEVER_BY_ITSELF = 10_000
"""A late call that is under way until the test delivers it."""


def chaos(file: str, *, sign_in: bool = False) -> TargetSettings:
    """A system that does what it is told until it is given a plan."""
    settings: dict[str, Any] = {
        "file": f"{{data_dir}}/{file}",
        "loses_accounts_on_purpose": True,
        "entitlements": {"*": ["siak"], "OPERATOR_DAFDUK": ["dafduk"]},
        **CHEAP,
    }
    return TargetSettings(kind="chaos", label="Sistem kacau", sign_in=sign_in, settings=settings)


TARGETS = {TARGET: chaos("akun.db", sign_in=True)}
BOTH = {**TARGETS, OTHER: chaos("lama.db")}


@dataclass(frozen=True)
class Cut:
    """One call that goes wrong in one way."""

    number: int
    operation: str
    fault: Fault
    later: int = 1

    def plan(self) -> Plan:
        return Plan([PlannedFault(call=self.number, fault=self.fault, later=self.later)])


@dataclass(frozen=True)
class State:
    """What must be the same whatever went wrong on the way."""

    entries: tuple[RemoteAccount, ...]
    recorded: tuple[Any, ...]
    request: str


class Scene:
    """A prepared state of an office with one decision that no system has heard of yet."""

    def __init__(
        self, folder: Path, prepare: Callable[[House], Someone], targets: dict[str, TargetSettings] | None = None
    ) -> None:
        targets = targets or TARGETS
        self._template = folder / "template"
        self._live = House(folder / "live", targets, runner=RUNNER)
        self.someone = prepare(self._live)
        for credential_id in self._live.heart.issuer.due():
            self._live.heart.issuer.issue(credential_id)
        self._sealed = self._live.generations(self.someone)[-1].state == GenerationState.SEALED
        self._now = self._live.still.now
        for name in targets:
            self._live.connector(name).effects()  # So that there is a file to copy, though nothing was done yet.
        self._template.mkdir()
        self._copy(self._live.folder, self._template)

    def close(self) -> None:
        self._live.close()

    def _copy(self, source: Path, destination: Path) -> None:
        _copy_databases(source, destination)
        current().copy(source, destination)

    @contextmanager
    def again(self, plan: Plan | None = None) -> Iterator["Run"]:
        """The state once more, in which the system behaves by the plan."""
        self._copy(self._template, self._live.folder)
        self._live.still.now = self._now
        yield Run(self._live, self._live.still, replace(self.someone), plan, sealed=self._sealed)


class Run:
    """What becomes of one copy of the state."""

    def __init__(self, house: House, clock: MovableClock, someone: Someone, plan: Plan | None, *, sealed: bool) -> None:
        self.house, self.clock, self.someone = house, clock, someone
        self._sealed = sealed
        self.password: str | None = None
        """What the envelope held, once it could be opened."""
        settings = house.settings.target_settings(TARGET)
        self.witness = ChaosConnector.from_settings(settings, ConnectorContext(TARGET))
        """Sees the system as it is, past the line on which things go wrong."""
        self.connector.misbehave(plan or Plan())

    @property
    def connector(self) -> ChaosConnector:
        connector: ChaosConnector = self.house.connector(TARGET)
        return connector

    def settle(self) -> None:
        """Work until nothing is left to do, as long as that takes; the applicant opens the envelope as soon as it can
        be opened. What is under way longer than that arrives afterwards.
        """
        for _ in range(60):
            self.work()
            self.try_to_open()
            if self.link().state in AT_REST:
                break
            self.clock.move(minutes=11)
        self.connector.line.deliver_late()

    def stopped(self, plan: Plan) -> Frozen:
        """Another process that does the work by this plan, and stands still in the midst of it."""

        def work() -> None:
            self.connector.misbehave(plan)
            self.work()

        # A connection to SQLite must not be carried into another process.
        self.house.store.engine.dispose()
        return stopped_in(work)

    def work(self) -> None:
        """Whatever is due, and free or left behind by somebody whose lease is over."""
        heart = self.house.heart
        for credential_id in heart.issuer.due():
            heart.issuer.issue(credential_id)
        for target in self.house.targets:
            while claims := heart.work.claim(target, 16):
                heart.converger.converge(claims)

    def try_to_open(self) -> None:
        """An envelope that opens holds a password that is right, whenever that is."""
        if self.password is not None or not self._sealed:
            return
        try:
            self.password = self.house.open(self.someone).slips[0].password
        except ProvisionerError:
            return
        self.accepts(self.password, Outcome.MUST_CHANGE)

    def accepts(self, password: str, outcome: Outcome) -> None:
        """What the system itself answers to a password."""
        (entry,) = self.entries()
        assert self.witness.authenticate(entry.username, password).outcome is outcome

    def entries(self) -> list[RemoteAccount]:
        """Every entry of the account, as it is."""
        return self.witness.find(self.someone.account_id)

    def link(self) -> LinkRow:
        return self.house.link(self.someone, TARGET)

    def outcome(self) -> State:
        """What is there, and what is recorded of it."""
        link, entries = self.link(), tuple(replace(entry, remote_id="") for entry in self.entries())
        recorded = (link.state, link.applied_version, link.applied_generation, link.in_doubt, link.waits_for_credential)
        return State(entries, recorded, self.house.request_state(self.someone))

    def took_effect_once(self) -> None:
        """One entry was made, every version was written to it once, and none after a newer one."""
        effects = [each for each in self.witness.effects() if each.operation not in ("authenticate", "change_password")]
        writes = [each for each in effects if each.operation in ("create", "update")]
        assert max(Counter((each.remote_id, each.marker) for each in writes).values()) == 1
        assert len([each for each in writes if each.operation == "create"]) == 1
        versions = [each.marker.version for each in effects if each.marker is not None]
        assert versions == sorted(versions)


def _copy_databases(source: Path, destination: Path) -> None:
    """Into files that may be open, as another writer would."""
    for file in source.glob("*.db"):
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(destination / file.name)) as new:
            new.execute("PRAGMA synchronous=OFF")
            old.backup(new)
