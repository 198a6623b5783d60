"""Dates and times the way the office writes them: "1 Juni 2019", "14.30 WIB"."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


def long_date(day: date) -> str:
    """1 Juni 2019."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def long_moment(moment: datetime, zone: ZoneInfo) -> str:
    """1 Juni 2019, 14.30 WIB: an aware moment as the clock on the office's wall shows it."""
    local = moment.astimezone(zone)
    name = _ZONES.get(zone.key) or local.tzname() or zone.key
    return f"{long_date(local)}, {local:%H.%M} {name}"
