"""Numbers that identify a person, NIK and staff number: they validate themselves and show whole in no representation.

What regulation makes impossible is an error; what merely does not fit the other data is a warning, because numbers
are not corrected when data are (PP 40/2019).
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from provisioner.errors import InvalidInput

_SPACERS = re.compile(r"[\s.\-]+")
_LONGEST_TYPED = 60


class Sex(StrEnum):
    """Jenis kelamin."""

    MALE = "male"
    FEMALE = "female"


class StaffNumberKind(StrEnum):
    """Which staff number a kind of employment brings; the values are those of the office's file."""

    NIP = "nip"
    NI_PPPK = "ni_pppk"


@dataclass(frozen=True, repr=False)
class Nik:
    """The population number: region (6), day of birth (women + 40), month, two-digit year, serial (4).

    PP 37/2007 section 37. It keeps the region and the birth date it was made with for life.
    """

    digits: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a typed NIK; spaces, dots and hyphens do not matter.

        :raises InvalidInput: ``nik-digits``, ``nik-length``, ``nik-date``, ``nik-serial``.
        """
        digits = _digits(text, "nik", 16)
        if not any(_exists(century + int(digits[10:12]), int(digits[8:10]), _day(digits)) for century in (1900, 2000)):
            raise InvalidInput("nik-date")
        if digits[12:] == "0000":
            raise InvalidInput("nik-serial")
        return cls(digits)

    def __repr__(self) -> str:
        return f"Nik({self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def masked(self) -> str:
        """Only the last four digits."""
        return "•" * 12 + self.digits[-4:]

    @property
    def region(self) -> str:
        """Code of the district it was issued in, e.g. ``35.76.02``."""
        return f"{self.digits[:2]}.{self.digits[2:4]}.{self.digits[4:6]}"

    @property
    def sex(self) -> Sex:
        """As the day of birth tells."""
        return Sex.FEMALE if int(self.digits[6:8]) > 40 else Sex.MALE

    def born_on(self, day: date) -> bool:
        """Whether the date in the number is ``day``; the century is not in it."""
        return (_day(self.digits), int(self.digits[8:10]), int(self.digits[10:12])) == (
            day.day,
            day.month,
            day.year % 100,
        )

    def warnings(self, birth_date: date | None, sex: Sex | None, city: str) -> list[str]:
        """What does not fit: ``nik-birth-date``, ``nik-sex``, ``nik-region`` (not of ``city``, e.g. ``35.76``)."""
        found = {
            "nik-birth-date": birth_date is not None and not self.born_on(birth_date),
            "nik-sex": sex is not None and sex is not self.sex,
            "nik-region": not self.region.startswith(f"{city}."),
        }
        return [code for code, present in found.items() if present]


@dataclass(frozen=True, repr=False)
class StaffNumber:
    """NIP of a civil servant, or NI PPPK of one under contract: 18 digits.

    NIP: birth date (8), month of appointment (6), sex (1), serial (3); Perka BKN 22/2007. NI PPPK: birth date (8), year
    first appointed (4), number of the work agreement (2, no month), sex (1), serial (3).
    """

    kind: StaffNumberKind
    digits: str

    @classmethod
    def parse(cls, kind: StaffNumberKind, text: str) -> Self:
        """Read a typed number; spaces, dots and hyphens do not matter.

        :raises InvalidInput: ``staff-number-digits``, ``staff-number-length``.
        """
        return cls(kind, _digits(text, "staff-number", 18))

    def __repr__(self) -> str:
        return f"StaffNumber({self.kind.value}, {self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def masked(self) -> str:
        """Only the last three digits."""
        return "•" * 15 + self.digits[-3:]

    def display(self) -> str:
        """As letters write it: ``19650709 198603 1 020``."""
        return f"{self.digits[:8]} {self.digits[8:14]} {self.digits[14]} {self.digits[15:]}"

    def warnings(self, birth_date: date | None, sex: Sex | None) -> list[str]:
        """What does not fit: ``staff-number-birth-date``, ``staff-number-sex``, ``staff-number-month`` (NIP only)."""
        told = {"1": Sex.MALE, "2": Sex.FEMALE}.get(self.digits[14])
        is_nip = self.kind is StaffNumberKind.NIP
        found = {
            "staff-number-birth-date": birth_date is not None and self.digits[:8] != f"{birth_date:%Y%m%d}",
            "staff-number-sex": told is None or (sex is not None and sex is not told),
            # A NI PPPK typed under "PNS" is often seen by the "21" that stands where a NIP has its month.
            "staff-number-month": is_nip and not 1 <= int(self.digits[12:14]) <= 12,
        }
        return [code for code, present in found.items() if present]


def _digits(text: str, name: str, length: int) -> str:
    digits = _SPACERS.sub("", text) if len(text) <= _LONGEST_TYPED else ""
    if not re.fullmatch("[0-9]*", digits):
        raise InvalidInput(f"{name}-digits")
    if len(digits) != length:
        raise InvalidInput(f"{name}-length", expected=length)
    return digits


def _day(digits: str) -> int:
    day = int(digits[6:8])
    return day - 40 if day > 40 else day


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
