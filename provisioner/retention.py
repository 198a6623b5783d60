"""How long case files are kept, and how their destruction goes. Pure.

No law is claimed here: the years are the office's own, after its local archive schedule (jadwal retensi arsip).
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class DestructionState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    """The secretary has proposed it; nothing has happened to any case."""
    WITHDRAWN = "withdrawn"
    """Taken back by the secretary, or not approved by the head."""
    APPROVED = "approved"
    """Being carried out, case by case. There is no way back."""
    DONE = "done"


class Outcome(StrEnum):
    """What became of one case of an approved list."""

    WAITING = ""
    DESTROYED = "destroyed"
    LEFT_OUT = "left-out"
    """It was not due any more when its turn came."""


class Hold(StrEnum):
    """Why a case whose years are over may not be destroyed yet."""

    STILL_THERE = "still-there"
    """A system was not yet seen to have deleted the account."""
    FINDING = "finding"
    """Reconciliation reports something about the account."""
    ALARM = "alarm"
    """Somebody tried to open its envelope again, and nobody has looked into it."""
    WORK = "work"
    """A person is still asked to do something about the account."""
    PROPOSED = "proposed"
    """It is on a list already."""


@dataclass(frozen=True)
class Destroyed:
    """When something was destroyed, and the number of the minutes that tell it."""

    at: datetime
    number: str


def over_before(today: date, years: int, zone: ZoneInfo) -> datetime:
    """What ended before this moment has been kept for ``years`` full years at the beginning of ``today``."""
    try:
        day = today.replace(year=today.year - years)
    except ValueError:  # 29 February, in a year that has none: what ended before the day before is certainly over.
        day = today.replace(year=today.year - years, day=28)
    return datetime.combine(day, time.min, zone)
