"""When a target is to be read by itself: what is due and not done. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONDAY = datetime(2000, 1, 3)  # noqa: DTZ001  Turns of a day or more are counted from a Monday, by the office's clock.


def turn_began(now: datetime, zone: ZoneInfo, at: time, every_hours: int) -> datetime:
    """When the present turn began: the last of the moments ``at``, ``at`` + N hours, ... The hours are at least 1."""
    local, first = now.astimezone(zone).replace(tzinfo=None), datetime.combine(_MONDAY, at)
    length = timedelta(hours=every_hours)
    return (first + (local - first) // length * length).replace(tzinfo=zone)
