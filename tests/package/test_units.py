"""The systemd units: systemd itself reads them, and says how much of the machine they leave open."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.cli import COMMANDS

UNITS = Path(__file__).parents[2] / "config" / "systemd"
PACKAGE = UNITS.parents[1] / "package" / "debian"
PROGRAM = "/usr/lib/siak-provisioner/bin/provisioner"
SERVICES = sorted(file.name for file in UNITS.glob("siak-provisioner-*.service"))
MOST_EXPOSED = 15
"""In tenths, as systemd-analyze counts: 1.5 of 10. A service that nothing holds has 9.6."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A tree with the units, and with what they start."""
    root = tmp_path_factory.mktemp("machine")
    units = root / "usr/lib/systemd/system"
    shutil.copytree(UNITS, units)
    for target in Path("/usr/lib/systemd/system").glob("*.target"):
        if target.is_file():
            shutil.copy(target, units / target.name)
    for program in (PROGRAM, "/bin/systemctl"):
        (root / program.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (root / program.lstrip("/")).write_text("#!/bin/sh\n")
        (root / program.lstrip("/")).chmod(0o755)
    yield root


def _instance(unit: str) -> str:
    return unit.replace("@.", "@1.")


def _analysed(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def test_systemd_understands_every_line_of_every_unit(machine: Path) -> None:
    units = [_instance(file.name) for file in sorted(UNITS.iterdir()) if file.is_file()]
    told = _analysed("verify", "--man=no", f"--root={machine}", *units)
    ours = [line for line in told.stderr.splitlines() if "siak" in line]
    assert ours == []


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_leaves_little_of_the_machine_open(unit: str, machine: Path) -> None:
    words = ("security", "--offline=yes", "--no-pager", f"--root={machine}", f"--threshold={MOST_EXPOSED}")
    told = _analysed(*words, _instance(unit))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Overall exposure level" in told.stdout


def test_a_service_without_its_sandbox_would_be_noticed(tmp_path: Path) -> None:
    bare = tmp_path / "usr/lib/systemd/system"
    bare.mkdir(parents=True)
    shutil.copy(UNITS / "siak-provisioner-serve.service", bare)
    words = ("security", "--offline=yes", "--no-pager", f"--root={tmp_path}", f"--threshold={MOST_EXPOSED}")
    assert _analysed(*words, "siak-provisioner-serve.service").returncode != 0


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_starts_a_command_of_the_program(unit: str) -> None:
    started = re.search(rf"^ExecStart={re.escape(PROGRAM)} (\w+)", (UNITS / unit).read_text(), re.MULTILINE)
    assert started is not None
    assert started[1] in COMMANDS


@pytest.mark.parametrize("timer", sorted(file.name for file in UNITS.glob("*.timer")))
def test_a_timer_has_its_service(timer: str) -> None:
    assert (UNITS / timer).with_suffix(".service").exists()


def test_what_the_package_starts_it_also_forgets() -> None:
    lists = [
        re.search(r'^units="(.*)"$', (PACKAGE / name).read_text(), re.MULTILINE) for name in ("postinst", "postrm")
    ]
    started, forgotten = (set(each[1].split()) if each else set() for each in lists)
    timers = {file.name for file in UNITS.glob("*.timer")}
    assert started == forgotten == timers | {"siak-provisioner-serve.service", "siak-credentials.path"}


def test_only_who_says_so_counts_as_started() -> None:
    for unit in ("siak-provisioner-serve.service", "siak-provisioner-work@.service"):
        assert "Type=notify\n" in (UNITS / unit).read_text()
