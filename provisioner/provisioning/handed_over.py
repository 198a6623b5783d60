"""What is frozen about an opened envelope, for the hand-over receipt. Never a password."""

from dataclasses import dataclass
from typing import Self

from pydantic import TypeAdapter


@dataclass(frozen=True)
class HandedOver:
    """One password that was handed over."""

    username: str
    systems: tuple[str, ...]
    """As pages called them then."""
    check_code: str
    """Of the ticket that opened it."""

    def to_json(self) -> str:
        """For the store."""
        return TypeAdapter(HandedOver).dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Back from :meth:`to_json`."""
        return TypeAdapter(cls).validate_json(text)
