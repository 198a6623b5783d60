"""Figures as they were measured, with the machine they were measured on: printed, and kept as JSON."""

import json
import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the table in docs/performance.md. ``target`` in words; ``met`` None where none was set."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None
    samples: tuple[float, ...] = ()

    def __str__(self) -> str:
        spread = ""
        if self.samples:
            spread = f"  ({min(self.samples):.3g} to {max(self.samples):.3g}, {len(self.samples)} samples)"
        verdict = {True: "  met", False: "  MISSED", None: ""}[self.met]
        goal = f"  target {self.target}" if self.target else ""
        return f"{self.name}: {self.value:.3g} {self.unit}{goal}{verdict}{spread}"


class Results:
    """Collects figures; every one is printed when it comes and written into ``file`` (JSON) and a table beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._figures: list[Figure] = []

    def add(self, figure: Figure) -> None:
        """Print and keep it."""
        print(f"\n  {figure}")
        self._figures.append(figure)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        told = {"at": datetime.now(UTC).isoformat(), "machine": machine(), "figures": [*map(asdict, self._figures)]}
        self._file.write_text(json.dumps(told, indent=2) + "\n")
        self._file.with_suffix(".md").write_text(table(self._figures))


def table(figures: Sequence[Figure]) -> str:
    """The table of docs/performance.md."""
    lines = ["| what | measured | from … to | to reach | |", "| --- | --- | --- | --- | --- |"]
    for each in figures:
        spread = f"{min(each.samples):.3g} … {max(each.samples):.3g}" if each.samples else ""
        verdict = {True: "reached", False: "**missed**", None: ""}[each.met]
        lines.append(f"| {each.name} | {each.value:.3g} {each.unit} | {spread} | {each.target} | {verdict} |")
    return "\n".join(lines) + "\n"


def machine() -> dict[str, str]:
    """What it was measured on."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    system = re.search(r'^PRETTY_NAME="(.*)"$', Path("/etc/os-release").read_text(), re.MULTILINE)
    return {
        "cpu": cpu[1] if cpu else "unknown",
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) / 1048576:.0f} GiB" if memory else "unknown",
        "system": system[1] if system else platform.platform(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": f"{os.getloadavg()[0]:.2f}",
    }


def quantile(samples: Sequence[float], share: float) -> float:
    """The value that this share of the samples does not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(samples: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(samples)
