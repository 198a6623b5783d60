"""What a process and its children hold in memory, as the system tells it (proc(5), smaps_rollup)."""

import re
from pathlib import Path


def held_by(pid: int) -> dict[str, float]:
    """``Pss``, which divides what processes share among them, and ``Rss``, which counts it whole; MB (10^6 bytes)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    texts = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in [pid, *children]]
    return {name: sum(_kib(name, text) for text in texts) * 1024 / 1e6 for name in ("Pss", "Rss")}


def _kib(name: str, text: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    assert found is not None
    return int(found[1])
