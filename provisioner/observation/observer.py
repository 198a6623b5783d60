"""The port of observation: the core tells what happens where it happens, and does not know who counts it.

Whoever implements it gets names of the settings, of the catalogue of events and of the port's errors: never a person's
data, and nothing of which there can be any number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol


class Observer(Protocol):
    """Hears of things that happened. No method ever raises or takes long."""

    def happened(self, kind: str) -> None:
        """An event of the audit trail's catalogue was committed."""
        ...

    def called(self, target: str, call: str, seconds: float, error: str | None) -> None:
        """A target was asked; ``call`` is the method of the port, ``error`` the meaning of its failure."""
        ...

    def converged(self, target: str, seconds: float) -> None:
        """A target holds what it should; ``seconds`` since that was decided."""
        ...

    def failed(self, target: str, meaning: str) -> None:
        """A run over one account at a target ended in a failure."""
        ...

    def hashed(self, seconds: float) -> None:
        """A password was hashed, or checked against a hash."""
        ...

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A page was answered. ``route`` is the name of the page, never its address."""
        ...


class Unobserved:
    """Nobody listens: commands, and tests of something else."""

    def happened(self, kind: str) -> None:
        """See :class:`Observer`."""

    def called(self, target: str, call: str, seconds: float, error: str | None) -> None:
        """See :class:`Observer`."""

    def converged(self, target: str, seconds: float) -> None:
        """See :class:`Observer`."""

    def failed(self, target: str, meaning: str) -> None:
        """See :class:`Observer`."""

    def hashed(self, seconds: float) -> None:
        """See :class:`Observer`."""

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """See :class:`Observer`."""


UNOBSERVED: Observer = Unobserved()


@contextmanager
def hashing(observer: Observer) -> Iterator[None]:
    """Time one hash."""
    begun = perf_counter()
    try:
        yield
    finally:
        observer.hashed(perf_counter() - begun)
