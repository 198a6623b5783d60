"""Where figures go."""

import os
from pathlib import Path

import pytest

from tests.benchmarks.figures import Results, machine

FILE = Path(__file__).parents[2] / "build" / "benchmarks.json"


@pytest.fixture(scope="session")
def results() -> Results:
    """One file for the whole run; ``BENCH_RESULTS`` names another."""
    print("\n  " + ", ".join(f"{name} {value}" for name, value in machine().items()))
    return Results(Path(os.environ.get("BENCH_RESULTS", FILE)))
