"""Dates and times the way the office writes them: "1 Juni 2019", "14.30 WIB"."""

from datetime import date, datetime

from provisioner.office import Office

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip


DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def weekday(day: date) -> str:
    """Senin."""
    return DAYS[day.weekday()]


def long_date(day: date) -> str:
    """1 Juni 2019."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def long_moment(moment: datetime, office: Office) -> str:
    """1 Juni 2019, 14.30 WIB: an aware moment as the clock on the office's wall shows it."""
    local = moment.astimezone(office.zone)
    return f"{long_date(local)}, {local:%H.%M} {office.timezone_label}"
