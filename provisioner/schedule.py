"""The office's working hours and its corrections to the calendar of holidays, as the office's file gives them."""

from datetime import date, time
from itertools import pairwise
from typing import Literal, get_args

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from provisioner.configuration import CLOSED, Line

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


@dataclass(frozen=True, config=CLOSED)
class WorkingDay:
    """The hours of one day in the office's own time zone; the break is not working time."""

    start: time
    end: time
    break_start: time | None = None
    break_end: time | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "WorkingDay":
        hours = [self.start, self.break_start, self.break_end, self.end]
        if (self.break_start is None) is not (self.break_end is None):
            raise ValueError("a break has a start and an end")
        known = [hour for hour in hours if hour is not None]
        if any(earlier >= later for earlier, later in pairwise(known)):
            raise ValueError("start, break_start, break_end and end must follow one another")
        return self

    @property
    def spans(self) -> tuple[tuple[time, time], ...]:
        """The stretches of working time of the day, in order."""
        if self.break_start is None or self.break_end is None:
            return ((self.start, self.end),)
        return ((self.start, self.break_start), (self.break_end, self.end))


@dataclass(frozen=True, config=CLOSED)
class Period:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.last < self.first:
            raise ValueError("last lies before first")
        return self


@dataclass(frozen=True, config=CLOSED)
class WorkingHours:
    """A week's hours; a weekday that is not named is free. With ``periods`` they hold only in these (Ramadan)."""

    name: Line
    days: dict[Weekday, WorkingDay]
    periods: tuple[Period, ...] = ()

    def hold_on(self, day: date) -> bool:
        """Whether one of the periods includes ``day``."""
        return any(period.first <= day <= period.last for period in self.periods)


@dataclass(frozen=True, config=CLOSED)
class Holiday:
    """A day on which the office is closed although no calendar says so."""

    day: date
    name: Line


@dataclass(frozen=True, config=CLOSED)
class Calendar:
    """Working hours, and what the office knows better than the calendar of national holidays.

    That calendar comes from a library and partly from estimates; the joint decree of the three ministers decides.
    """

    working_hours: tuple[WorkingHours, ...]
    """The first holds always; a later one in its periods instead."""
    closed: tuple[Holiday, ...] = ()
    """Holidays besides the national ones."""
    open: tuple[date, ...] = ()
    """National holidays on which this office works all the same."""

    @model_validator(mode="after")
    def _complete(self) -> "Calendar":
        if not self.working_hours:
            raise ValueError("working_hours is empty")
        if not self.working_hours[0].days:
            raise ValueError("the first working_hours have no days")
        return self

    def hours_on(self, day: date) -> WorkingDay | None:
        """The hours of ``day`` were it no holiday; None where the week has it free."""
        weekday = _WEEKDAYS[day.weekday()]
        for special in self.working_hours[1:]:
            if special.hold_on(day):
                return special.days.get(weekday)
        return self.working_hours[0].days.get(weekday)
