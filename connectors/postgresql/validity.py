"""An account's last day as the instant that PostgreSQL keeps (``VALID UNTIL``)."""

import math
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from provisioner.connector import InvalidAttribute

FOREVER = "infinity"


class Validity:
    """The last day counts in full: the password is valid until midnight after it, in the office's time zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def instant(self, last_day: str) -> str:
        """What to write for an ISO date; empty: for ever.

        :raises InvalidAttribute: not a date.
        """
        if not last_day:
            return FOREVER
        try:
            midnight = datetime.combine(date.fromisoformat(last_day) + timedelta(days=1), time(), self._zone)
            return midnight.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            raise InvalidAttribute("not a date", "valid_until") from None

    def last_day(self, epoch: float | None) -> str:
        """What was read, as seconds since 1970: an ISO date where it is one of ours, else something that equals no
        date, so that it shows as a difference.
        """
        if epoch is None or epoch == math.inf:
            return ""
        try:
            there = datetime.fromtimestamp(epoch, self._zone)
            day = (there.date() - timedelta(days=1)).isoformat()
            return day if datetime.fromisoformat(self.instant(day)) == there else there.isoformat()
        except (ValueError, OverflowError, OSError, InvalidAttribute):
            return "another time"
