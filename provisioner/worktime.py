"""The office's working time: how much of it lies between two moments, and when so many minutes of it are over.

The SOP's minutes count in working time. Hours come from the office's file; national holidays and joint leave from the
``holidays`` package, corrected by that file, because the joint decree of the ministers decides and the package
partly estimates.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from provisioner.national_holidays import national_holidays
from provisioner.schedule import Calendar

_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


class WorkTime:
    """Reckons with one office's calendar. Moments go in and come out as aware datetimes, out in UTC."""

    def __init__(self, calendar: Calendar, zone: ZoneInfo) -> None:
        self._calendar = calendar
        self._zone = zone
        self._closed = {holiday.day: holiday.name for holiday in calendar.closed}
        self._open = frozenset(calendar.open)
        self._national: dict[int, Mapping[date, str]] = {}

    def holiday(self, day: date) -> str | None:
        """The name of the holiday this office keeps on that day; None if it keeps none."""
        if day in self._closed:
            return self._closed[day]
        return None if day in self._open else self._national_holidays(day.year).get(day)

    def is_workday(self, day: date) -> bool:
        """Whether the office works on that day."""
        return self.holiday(day) is None and self._calendar.hours_on(day) is not None

    def is_open(self, at: datetime) -> bool:
        """Whether the moment lies in working time (the end of a stretch does not)."""
        return any(start <= at < end for start, end in self._spans_on(self._local_day(at)))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from ``start`` to ``end``; zero if ``end`` is not after ``start``."""
        worked = timedelta()
        for opened, closed in self._spans_from(start, until=end):
            worked += max(min(closed, end) - max(opened, start), timedelta())
        return worked

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of working time from ``start`` to ``end``."""
        return self.between(start, end) // timedelta(minutes=1)

    def due(self, start: datetime, minutes: float) -> datetime:
        """The moment at which so many minutes of working time have passed since ``start``, in UTC.

        With zero minutes: ``start``, or the next opening when it lies outside working time.
        """
        left = timedelta(minutes=minutes)
        for opened, closed in self._spans_from(start):
            begin = max(opened, start)
            if begin < closed and left <= closed - begin:
                return (begin + left).astimezone(UTC)
            left -= max(closed - begin, timedelta())
        raise OverflowError("the calendar ends before these minutes have passed")

    def _spans_from(self, start: datetime, until: datetime | None = None) -> Iterator[Span]:
        day = self._local_day(start)
        last = self._local_day(until) if until else date.max - _DAY
        while day <= last:
            yield from self._spans_on(day)
            day += _DAY

    def _spans_on(self, day: date) -> Iterator[Span]:
        hours = self._calendar.hours_on(day)
        if hours is None or self.holiday(day) is not None:
            return
        for start, end in hours.spans:
            yield (
                datetime.combine(day, start, self._zone).astimezone(UTC),
                datetime.combine(day, end, self._zone).astimezone(UTC),
            )

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _national_holidays(self, year: int) -> Mapping[date, str]:
        # A year is stored whole, so that another thread never sees one half filled.
        if year not in self._national:
            self._national[year] = national_holidays(year)
        return self._national[year]
