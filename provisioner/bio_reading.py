"""Reads the fields of the bio form one by one and collects what is wrong with each."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from provisioner.errors import InvalidInput
from provisioner.office import EmploymentStatus, Office, find
from provisioner.person import Nik, Sex, StaffNumber, StaffNumberKind
from provisioner.person_name import NAME_LENGTH, TITLE_LENGTH, parse_full_name, parse_title
from provisioner.phone import Phone
from provisioner.plain_text import many_lines, one_line

LIMITS: Mapping[str, int] = {
    "title_prefix": TITLE_LENGTH,
    "full_name": NAME_LENGTH,
    "title_suffix": TITLE_LENGTH,
    "nik": 30,
    "employment_status": 60,
    "staff_number": 30,
    "rank": 60,
    "birth_place": 60,
    "birth_date": 10,
    "sex": 10,
    "position": 120,
    "org_unit": 120,
    "org_unit_region": 30,
    "address": 300,
    "phone": 30,
    "mail": 120,
    "education": 60,
    "assignment_order": 80,
    "assignment_order_date": 10,
    "role": 60,
    "region_scope": 30,
    "reason": 1000,
    "supervisor": 140,
    "valid_until": 10,
    "replaces_username": 64,
}
"""The longest text of each field, in characters."""

REQUIRED = frozenset(LIMITS) - {
    "title_prefix",
    "title_suffix",
    "staff_number",  # It depends on the employment status.
    "rank",
    "org_unit_region",
    "mail",
    "education",
    "valid_until",
    "replaces_username",
}

# Deliberately loose: whether an address works is seen by writing to it.
_MAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})")
_EARLIEST = date(1900, 1, 1)

T = TypeVar("T")


class Reading:
    """One reading of one form. Every method reads a field, records its errors and returns its value.

    What it returns for a field with errors, or for an optional one that is empty, is None (texts: empty).
    """

    def __init__(self, data: Mapping[str, str], office: Office, today: date) -> None:
        self.errors: dict[str, list[str]] = {}
        self._data = data
        self._office = office
        self._today = today

    def line(self, field: str) -> str:
        return self._text(field, one_line)

    def lines(self, field: str) -> str:
        return self._text(field, many_lines)

    def full_name(self, field: str) -> str | None:
        return self._value(field, parse_full_name)

    def title(self, field: str) -> str:
        return self._value(field, parse_title) or ""

    def nik(self, field: str) -> Nik | None:
        return self._value(field, Nik.parse)

    def phone(self, field: str) -> Phone | None:
        return self._value(field, Phone.parse)

    def sex(self, field: str) -> Sex | None:
        return self._value(field, lambda text: _one_of(Sex, text))

    def mail(self, field: str) -> str:
        return self._value(field, _mail) or ""

    def past_date(self, field: str) -> date | None:
        """A day up to today: ``date-format``, ``date-range``."""
        return self._value(field, lambda text: _day_between(text, _EARLIEST, self._today))

    def future_date(self, field: str) -> date | None:
        """Today or a later day."""
        return self._value(field, lambda text: _day_between(text, self._today, date.max))

    def employment_status(self, field: str) -> str | None:
        return self._value(field, lambda text: self._status(text).code)

    def staff_number(self, field: str, status_field: str) -> StaffNumber | None:
        """Required or left out as the employment status says; without a status there is nothing to read it by."""
        status = find(self._office.employment_statuses, self._typed(status_field))
        if status is None or status.staff_number == "none":
            return None
        kind = StaffNumberKind(status.staff_number)
        if not self._typed(field):
            self._wrong(field, "required")
            return None
        return self._value(field, lambda text: StaffNumber.parse(kind, text))

    def role(self, field: str) -> str | None:
        return self._value(field, lambda text: self._role(text))

    def region(self, field: str) -> str:
        return self._value(field, self._region) or ""

    def region_scope(self, field: str, role_field: str) -> str | None:
        """A region as wide as the role allows: ``region-level``."""
        code = self._value(field, self._region)
        role = self._office.role(self._typed(role_field))
        region = self._office.regions.get(code) if code else None
        if role and region and region.level not in role.levels:
            self._wrong(field, "region-level")
        return code

    def ignored(self, field: str) -> list[str]:
        """``staff-number-ignored`` where a staff number was typed although the status brings none."""
        status = find(self._office.employment_statuses, self._typed("employment_status"))
        unused = status is not None and status.staff_number == "none" and self._typed(field)
        return ["staff-number-ignored"] if unused else []

    def _status(self, text: str) -> EmploymentStatus:
        found = find(self._office.employment_statuses, text)
        if found is None:
            raise InvalidInput("unknown-choice")
        return found

    def _role(self, text: str) -> str:
        if self._office.role(text) is None:
            raise InvalidInput("unknown-choice")
        return text

    def _region(self, text: str) -> str:
        if self._office.regions.get(text) is None:
            raise InvalidInput("unknown-choice")
        return text

    def _typed(self, field: str) -> str:
        return self._data.get(field, "").strip()

    def _text(self, field: str, clean: Callable[[str, int], str]) -> str:
        return self._value(field, lambda text: clean(text, LIMITS[field])) or ""

    def _value(self, field: str, read: Callable[[str], T]) -> T | None:
        text = self._typed(field)
        if not text:
            if field in REQUIRED:
                self._wrong(field, "required")
            return None
        try:
            # Twice the length leaves room for spaces that are taken out; each field's own reader is exact.
            many_lines(text, 2 * LIMITS[field])
            return read(text)
        except InvalidInput as error:
            self._wrong(field, error.code)
            return None

    def _wrong(self, field: str, code: str) -> None:
        self.errors.setdefault(field, []).append(code)


def _one_of(kind: type[Sex], text: str) -> Sex:
    try:
        return kind(text)
    except ValueError:
        raise InvalidInput("unknown-choice") from None


def _mail(text: str) -> str:
    mail = one_line(text, LIMITS["mail"])
    if not _MAIL.fullmatch(mail):
        raise InvalidInput("mail-invalid")
    local, _, domain = mail.rpartition("@")
    return f"{local}@{domain.lower()}"


def _day_between(text: str, first: date, last: date) -> date:
    day = _day(text)
    if not first <= day <= last:
        raise InvalidInput("date-range")
    return day


def _day(text: str) -> date:
    """ISO as a date field sends it, or day-month-year as people write it."""
    written = _DAY_FIRST.fullmatch(text)
    try:
        if written:
            return date(int(written[3]), int(written[2]), int(written[1]))
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput("date-format")
