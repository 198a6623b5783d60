"""How dates, times and numbers are written: "1 Juni 2019", "14.30 WIB", "1.234". Times are in the office's zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask
from markupsafe import Markup, escape

from provisioner.clock import Clock
from web.catalog import current_language, gettext


class Formats:
    """The filters of the templates. ``zone`` is the office's time zone, ``label`` its abbreviation ("WIB")."""

    def __init__(self, zone: ZoneInfo, label: str, clock: Clock) -> None:
        self._zone, self._label, self._clock = zone, label, clock

    def day(self, value: date | datetime | None, pattern: str = "d MMMM y") -> str:
        """ "1 Juni 2019"; a dash for None."""
        if value is None:
            return "—"
        return format_date(self._local(value), format=pattern, locale=current_language())

    def short_day(self, value: date | datetime | None) -> str:
        """ "1 Jun 2019", for tables."""
        return self.day(value, "d MMM y")

    def clock_time(self, value: datetime) -> str:
        """ "14.30 WIB" """
        separator = ":" if current_language() == "en" else "."
        return f"{self._moment(value):%H{separator}%M} {self._label}"

    def moment(self, value: datetime | None) -> Markup:
        """ "1 Juni 2019, 14.30 WIB" as a ``time`` element; "hari ini" and "kemarin" where that is clearer."""
        if value is None:
            return Markup("—")
        local, today = self._moment(value).date(), self._moment(self._clock()).date()
        names = {today: gettext("hari ini"), today - timedelta(days=1): gettext("kemarin")}
        words = f"{names.get(local) or self.day(value)}, {self.clock_time(value)}"
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(timespec="seconds"), words)

    def full_moment(self, value: datetime | None) -> Markup:
        """The same, always with its date: for papers and evidence."""
        if value is None:
            return Markup("—")
        words = f"{self.day(value)}, {self.clock_time(value)}"
        return Markup('<time datetime="{}">{}</time>').format(value.isoformat(timespec="seconds"), words)

    def span(self, value: timedelta | float) -> str:
        """ "2 jam 10 menit" of a duration (a number counts minutes), by its two largest units."""
        minutes = int(value.total_seconds() // 60) if isinstance(value, timedelta) else int(value)
        days, rest = divmod(minutes, 24 * 60)
        hours, left = divmod(rest, 60)
        if days:
            return (
                gettext("%(days)s hari %(hours)s jam", days=days, hours=hours)
                if hours
                else gettext("%(days)s hari", days=days)
            )
        if hours:
            return (
                gettext("%(hours)s jam %(left)s menit", hours=hours, left=left)
                if left
                else gettext("%(hours)s jam", hours=hours)
            )
        return gettext("%(left)s menit", left=left)

    def number(self, value: float | None) -> str:
        """ "1.234"; a dash for None."""
        return "—" if value is None else str(format_decimal(value, locale=current_language()))

    def plain(self, value: object) -> object:
        """A value of an error's data as a reader sees it: moments and dates written out, the rest as it is."""
        if isinstance(value, datetime):
            return f"{self.day(value)}, {self.clock_time(value)}"
        return self.day(value) if isinstance(value, date) else value

    def _moment(self, value: datetime) -> datetime:
        return value.astimezone(self._zone)

    def _local(self, value: date | datetime) -> date:
        return self._moment(value).date() if isinstance(value, datetime) else value


def lines(text: str) -> Markup:
    """Text with its line breaks kept."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def setup_formats(app: Flask, formats: Formats) -> None:
    """Give the templates their filters."""
    app.extensions["formats"] = formats
    app.jinja_env.filters.update(
        tanggal=formats.day,
        tgl=formats.short_day,
        jam=formats.clock_time,
        waktu=formats.moment,
        waktu_lengkap=formats.full_moment,
        lama=formats.span,
        angka=formats.number,
        baris=lines,
    )
