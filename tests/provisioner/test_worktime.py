"""Working time of the office: nights, breaks, week-ends, holidays and Ramadan do not count."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.schedule import Calendar, Holiday, Period, WorkingDay, WorkingHours
from provisioner.worktime import WorkTime

ZONE = ZoneInfo("Asia/Jakarta")
USUAL = WorkingDay(time(7, 30), time(16), time(12), time(13))
FRIDAY = WorkingDay(time(7, 30), time(16, 30), time(11, 30), time(13))
SHORT = WorkingDay(time(8), time(15), time(12), time(12, 30))
CALENDAR = Calendar(
    working_hours=(
        WorkingHours(
            "Biasa",
            {"monday": USUAL, "tuesday": USUAL, "wednesday": USUAL, "thursday": USUAL, "friday": FRIDAY},
        ),
        WorkingHours("Ramadan", {"monday": SHORT, "tuesday": SHORT}, (Period(date(2026, 2, 18), date(2026, 3, 19)),)),
    ),
    closed=(Holiday(date(2026, 6, 22), "Hari Jadi Kota"),),
    open=(date(2026, 12, 24),),
)
WORKTIME = WorkTime(CALENDAR, ZONE)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-23 08:00", "2026-11-23 08:10", 10),  # a Monday
        ("2026-11-23 11:50", "2026-11-23 13:10", 20),  # over the break
        ("2026-11-23 12:10", "2026-11-23 12:50", 0),  # in the break
        ("2026-11-23 15:50", "2026-11-24 07:40", 20),  # over night
        ("2026-11-20 16:20", "2026-11-23 07:40", 20),  # over the week-end, Friday's longer day
        ("2026-11-21 09:00", "2026-11-22 15:00", 0),  # the week-end
        ("2026-11-23 00:00", "2026-11-28 00:00", 37 * 60 + 30),  # a whole week, as Perpres 21/2023 has it
        ("2026-08-14 16:20", "2026-08-18 07:40", 20),  # 17 August is a holiday
        ("2026-06-19 16:20", "2026-06-23 07:40", 20),  # the office's own holiday
        ("2026-12-24 08:00", "2026-12-24 09:00", 60),  # joint leave on which this office works
        ("2026-02-23 07:00", "2026-02-23 16:00", 390),  # Ramadan
        ("2026-02-25 07:00", "2026-02-25 16:00", 0),  # a weekday that the Ramadan table does not have
        ("2026-11-23 09:00", "2026-11-23 08:00", 0),  # backwards
        ("2026-11-23 08:00", "2026-11-23 08:00", 0),
    ],
)
def test_only_working_time_counts(start: str, end: str, minutes: int) -> None:
    assert WORKTIME.minutes(_at(start), _at(end)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-23 08:00", 15, "2026-11-23 08:15"),
        ("2026-11-23 11:50", 30, "2026-11-23 13:20"),
        ("2026-11-23 15:50", 15, "2026-11-24 07:35"),
        ("2026-11-20 16:20", 15, "2026-11-23 07:35"),
        ("2026-11-21 10:00", 10, "2026-11-23 07:40"),
        ("2026-11-23 05:00", 0, "2026-11-23 07:30"),
        ("2026-11-23 08:00", 0, "2026-11-23 08:00"),
        ("2026-11-23 11:50", 10, "2026-11-23 12:00"),
        ("2026-08-14 16:20", 90, "2026-08-18 08:50"),
    ],
)
def test_due_moments_lie_in_working_time(start: str, minutes: int, due: str) -> None:
    found = WORKTIME.due(_at(start), minutes)
    assert found == _at(due)
    assert found.tzinfo is UTC


MOMENTS = st.timedeltas(timedelta(), timedelta(days=1095)).map(lambda offset: datetime(2025, 1, 1, tzinfo=UTC) + offset)


@given(MOMENTS, st.integers(1, 5000))
def test_from_the_start_to_the_due_moment_are_just_so_many_minutes(start: datetime, minutes: int) -> None:
    assert WORKTIME.between(start, WORKTIME.due(start, minutes)) == timedelta(minutes=minutes)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_working_time_adds_up(first: datetime, second: datetime, third: datetime) -> None:
    first, second, third = sorted((first, second, third))
    assert WORKTIME.between(first, second) + WORKTIME.between(second, third) == WORKTIME.between(first, third)


def test_holidays_have_indonesian_names_and_the_office_corrects_them() -> None:
    assert WORKTIME.holiday(date(2026, 8, 17)) == "Hari Kemerdekaan Republik Indonesia"
    assert WORKTIME.holiday(date(2026, 6, 22)) == "Hari Jadi Kota"
    assert WORKTIME.holiday(date(2026, 12, 24)) is None
    assert WORKTIME.holiday(date(2026, 11, 23)) is None
    assert [WORKTIME.is_workday(date(2026, 8, day)) for day in (14, 15, 17, 18)] == [True, False, False, True]


def test_the_office_is_open_from_the_first_minute_and_no_longer_at_the_last() -> None:
    moments = ("07:29", "07:30", "11:59", "12:00", "12:59", "13:00", "15:59", "16:00")
    found = [WORKTIME.is_open(_at(f"2026-11-23 {moment}")) for moment in moments]
    assert found == [False, True, True, False, False, True, True, False]
