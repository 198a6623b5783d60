"""What is frozen about an opened envelope, for the hand-over receipt. Never a password."""

from dataclasses import dataclass

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
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "HandedOver":
        """Back from :meth:`to_json`."""
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(HandedOver)
"""Made once: making it takes longer than all else about a receipt."""
