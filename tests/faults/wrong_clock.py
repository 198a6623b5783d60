"""``provisioner`` with a clock that is wrong by so many seconds (libfaketime), as on a machine that nobody sets.

    python -m tests.faults.wrong_clock serve    # in the environment of :func:`environment`

Only the time of day is wrong: seconds pass as everywhere.
"""

import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path


def environment(seconds: int) -> Mapping[str, str]:
    """What such a process is started with."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    assert library is not None, "the Debian package faketime is missing"
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


if __name__ == "__main__":
    time.sleep = _sleep  # type: ignore[assignment]  # The library makes the system refuse the call that Python's own makes.
    from provisioner.cli import main

    main(sys.argv[1:])
