"""The auditor's page tells the truth: its findings are all there are, and its own small verifier works."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.audit import AuditTrail
from provisioner.audit.findings import MEANINGS
from provisioner.store import Store

PAGE = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")


def test_every_finding_is_explained() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)) == set(MEANINGS)


@pytest.fixture
def check(tmp_path: Path) -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    """Run the page's verifier, which knows nothing of this program, on these lines."""
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    program, file = tmp_path / "check.py", tmp_path / "trail.jsonl"
    program.write_text(found[1], encoding="utf-8")

    def run(lines: list[str]) -> subprocess.CompletedProcess[str]:
        file.write_text("".join(lines), encoding="utf-8")
        return subprocess.run([sys.executable, "-I", program, file], capture_output=True, text=True, check=False)

    return run


def test_the_pages_own_verifier_agrees_with_ours(
    store: Store,
    trail: AuditTrail,
    forward: Callable[..., None],
    exported: Callable[..., list[str]],
    check: Callable[[list[str]], subprocess.CompletedProcess[str]],
) -> None:
    forward(5)
    with store.read() as session:
        head = trail.head(session)
    assert check(exported()).stdout == f"{head}\n"
    lines = exported()
    assert check([line.replace("Kepala Bidang", "Kepala Seksi") for line in lines]).returncode != 0
    assert check(lines[:3] + lines[4:]).returncode != 0
