"""Two ways of doing the same, measured in turns, so that a machine that slows down slows both."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.figures import Figure, Results, median


@dataclass(frozen=True)
class Turns:
    """Rates of ours, and of the raw tool before, between and after them."""

    ours: tuple[float, ...]
    raw: tuple[float, ...]

    @classmethod
    def take(cls, ours: Callable[[], float], raw: Callable[[], float], rounds: int) -> "Turns":
        """Each function does its work once and gives its rate; the first of each, which warms up, does not count."""
        ours()
        raw()
        rates, raws = [], [raw()]
        for _ in range(rounds):
            rates.append(ours())
            raws.append(raw())
        return cls(tuple(rates), tuple(raws))

    @property
    def shares(self) -> tuple[float, ...]:
        """Each rate of ours in percent of the raw ones next to it."""
        neighbours = zip(self.ours, self.raw, self.raw[1:], strict=False)
        return tuple(200 * rate / (before + after) for rate, before, after in neighbours)

    def report(self, results: Results, what: str, tool: str, where: str, goal: int | None = 85) -> None:
        """Both rates, and the median share with its goal in percent. ``what`` is counted a second."""
        share = median(self.shares)
        results.add(Figure(f"{what} made by {tool}", median(self.raw), f"{what}/s", samples=self.raw))
        results.add(Figure(f"{what} made in {where}, read back", median(self.ours), f"{what}/s", samples=self.ours))
        target, met = (f">= {goal} %", share >= goal) if goal is not None else ("", None)
        results.add(Figure(f"{where} against {tool}", share, "%", target, met, self.shares))
