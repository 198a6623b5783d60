"""How the office writes the numbers of its papers: ``0007/PI-SIAK/XI/2026``."""

import string
from datetime import date

from pydantic import field_validator
from pydantic.dataclasses import dataclass

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_PLACES = ("number", "month", "month_roman", "year")


@dataclass(frozen=True)
class NumberFormat:
    """A pattern with ``{number}`` (``{number:04d}`` pads it), ``{month}``, ``{month_roman}`` and ``{year}``.

    ``number`` and ``year`` must be in it: numbers restart each year, and two papers must never carry the same one.
    """

    pattern: str

    @field_validator("pattern")
    @classmethod
    def _usable(cls, pattern: str) -> str:
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}
            unknown = names.difference(_PLACES)
            if unknown:
                raise ValueError(f"unknown placeholder {{{min(unknown)}}} (known: {', '.join(_PLACES)})")
            for needed in ("number", "year"):
                if needed not in names:
                    raise ValueError(f"{{{needed}}} is missing")
            _fill(pattern, 1, date(2000, 1, 1))
        except (IndexError, KeyError) as error:
            raise ValueError("is not a usable pattern") from error
        return pattern

    def render(self, number: int, day: date) -> str:
        """The text for the ``number``-th paper of its year, written on ``day``."""
        return _fill(self.pattern, number, day)


def _fill(pattern: str, number: int, day: date) -> str:
    return pattern.format(
        number=number, month=f"{day.month:02d}", month_roman=_ROMAN[day.month - 1], year=f"{day.year:04d}"
    )
