"""What every use case stands on. Built once, in :mod:`provisioner.bootstrap`."""

from dataclasses import dataclass
from datetime import date, datetime

from provisioner.audit import AuditTrail
from provisioner.clock import Clock
from provisioner.keyring import Keyring
from provisioner.observation.observer import UNOBSERVED, Observer
from provisioner.office import Office
from provisioner.procedure import Act, Procedure, Step
from provisioner.settings import Settings
from provisioner.store import Store


@dataclass(frozen=True)
class Context:
    """The office, its SOP, its store, its keys and its clock."""

    store: Store
    clock: Clock
    keyring: Keyring
    office: Office
    procedure: Procedure
    settings: Settings
    trail: AuditTrail
    observer: Observer = UNOBSERVED
    """Hears what happens, for metrics."""

    def today(self, at: datetime | None = None) -> date:
        """The day in the office's time zone."""
        return (at or self.clock()).astimezone(self.office.zone).date()

    def step_of(self, act: Act) -> Step:
        """The SOP's one step for ``act`` (not for DISPOSE, of which there may be several)."""
        (step,) = self.procedure.steps_of(act)
        return step
