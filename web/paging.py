"""One page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request


@dataclass(frozen=True)
class Page:
    """A page of ``size`` rows; ``number`` counts from one."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int
    counted: int | None = None
    """Nobody counted further than that: a larger ``total`` stands for more than so many. None: it is exact."""

    @property
    def more_than(self) -> int:
        """How many there are more than; zero when ``total`` is exact."""
        return self.counted if self.counted is not None and self.total > self.counted else 0

    @property
    def pages(self) -> int:
        """How many pages there are; where nobody counted that far, as far as one can go from here."""
        if self.more_than:
            return self.number + (len(self.rows) == self.size)
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.more_than else min(self.number * self.size, self.total)

    def url(self, number: int) -> str:
        """The address of another page of the same list with the same filters."""
        query = [(key, value) for key, value in request.args.items(multi=True) if key not in ("hal", "lang")]
        return f"{request.script_root}{request.path}?{urlencode([*query, ('hal', str(number))])}"


def asked_page(most: int = 100_000) -> int:
    """The page number that the address asks for (``?hal=3``); 1 for anything else."""
    text = request.args.get("hal", "")
    return max(1, min(int(text), most)) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
