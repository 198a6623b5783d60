"""A figure as it stands now: what a gauge shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """One name with its values. Names follow Prometheus: base units (seconds, bytes), the unit last."""

    name: str
    text: str
    """What it is, in a sentence."""
    values: Mapping[Labels, float]

    @classmethod
    def one(cls, name: str, text: str, value: float) -> Self:
        """A figure without labels."""
        return cls(name, text, {(): value})

    @classmethod
    def by(cls, label: str, name: str, text: str, values: Mapping[str, float]) -> Self:
        """A figure with one label."""
        return cls(name, text, {((label, each),): value for each, value in values.items()})
