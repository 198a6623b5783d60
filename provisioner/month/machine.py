"""What the machine itself says: room on its disks, memory, updates that wait. Reads only, and asks no network."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sqlalchemy import make_url

from provisioner.month.point import Point, Subject, Urgency
from provisioner.provisioning.context import Context

GIB = 1024**3
DISK_PERCENT, DISK_PERCENT_NOW = 15, 5
DISK_BYTES, DISK_BYTES_NOW = 5 * GIB, GIB
MEMORY_PERCENT = 10
LISTS_DAYS = 14
PROGRAM_DAYS = 180
_LISTS = Path("/var/lib/apt/lists")
_RESTART = Path("/run/reboot-required")
_APT_SECONDS = 120
_DEBIAN_PREFIX = Path("/usr/lib/siak-provisioner")
_DPKG_LIST = Path("/var/lib/dpkg/info/siak-provisioner.list")
_UPGRADE = re.compile(r"^Inst \S+ .*?\((?P<source>.*)\)", re.MULTILINE)


def machine_points(context: Context) -> Iterator[Point]:
    """Everything about this machine. A database server elsewhere has disks of its own, of which nothing is known."""
    yield disk_point(context.settings.data_dir)
    if make_url(context.settings.store_url).get_backend_name() != "sqlite":
        yield Point(Subject.DATABASE_DISK, Urgency.UNKNOWN)
    if (memory := memory_point(Path("/proc/meminfo"))) is not None:
        yield memory
    yield from update_points(context)
    if _RESTART.exists():
        yield Point(Subject.RESTART, Urgency.MONTH)
    yield program_point(context)


def disk_point(folder: Path) -> Point:
    """Room on the disk with the office's data."""
    try:
        found = shutil.disk_usage(folder)
    except OSError:
        return Point(Subject.DISK, Urgency.UNKNOWN, facts={"folder": str(folder)})
    percent = found.free * 100 // max(found.total, 1)
    urgency = Urgency.GOOD
    if percent < DISK_PERCENT_NOW or found.free < DISK_BYTES_NOW:
        urgency = Urgency.NOW
    elif percent < DISK_PERCENT or found.free < DISK_BYTES:
        urgency = Urgency.MONTH
    return Point(Subject.DISK, urgency, facts={"percent": percent, "gib": found.free // GIB, "folder": str(folder)})


def memory_point(file: Path) -> Point | None:
    """Memory that could be had now; None where the system does not tell (not Linux)."""
    try:
        lines = dict(line.split(":", 1) for line in file.read_text(encoding="ascii").splitlines() if ":" in line)
        total, free = (int(lines[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
    except (OSError, KeyError, ValueError):
        return None
    percent = free * 100 // max(total, 1)
    return Point(
        Subject.MEMORY, Urgency.MONTH if percent < MEMORY_PERCENT else Urgency.GOOD, facts={"percent": percent}
    )


def update_points(context: Context) -> Iterator[Point]:
    """What Debian's apt would upgrade, by the lists that it has; and how old these are."""
    simulated = _simulated_upgrade()
    if simulated is None:
        yield Point(Subject.UPDATES, Urgency.UNKNOWN)
        return
    count, security = count_upgrades(simulated)
    urgency = Urgency.NOW if security else Urgency.MONTH if count else Urgency.GOOD
    yield Point(Subject.UPDATES, urgency, facts={"count": count, "security": security})
    age = _lists_age(context.clock())
    if age is None or age > LISTS_DAYS:
        yield Point(Subject.UPDATE_LISTS, Urgency.MONTH, facts={"days": age if age is not None else ""})


def count_upgrades(simulated: str) -> tuple[int, int]:
    """How many packages a simulated upgrade would change, and how many of them come from Debian's security team."""
    sources = [found["source"] for found in _UPGRADE.finditer(simulated)]
    return len(sources), sum("security" in source.lower() for source in sources)


def program_point(context: Context) -> Point:
    """How long this release is installed. Whether there is a newer one nobody here knows."""
    try:
        installed = datetime.fromtimestamp(written_when_installed(Path(sys.prefix)).stat().st_mtime, UTC)
    except (PackageNotFoundError, StopIteration, OSError):
        return Point(Subject.PROGRAM, Urgency.UNKNOWN)
    days = max((context.clock() - installed).days, 0)
    return Point(Subject.PROGRAM, Urgency.MONTH if days > PROGRAM_DAYS else Urgency.GOOD, facts={"days": days})


def written_when_installed(prefix: Path) -> Path:
    """A file whose date says when the program that runs from ``prefix`` was installed.

    :raises PackageNotFoundError: it was not. :raises StopIteration: nobody noted which files it has.
    """
    if prefix == _DEBIAN_PREFIX:  # Its files carry the date of the release, whenever dpkg unpacked them.
        return _DPKG_LIST
    files = distribution("siak-provisioner").files or []
    return Path(str(next(each for each in files if each.name == "METADATA").locate()))


def _simulated_upgrade() -> str | None:
    apt = shutil.which("apt-get")
    if apt is None:
        return None
    command = [apt, "--simulate", "-o", "Debug::NoLocking=1", "upgrade"]
    surroundings = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=_APT_SECONDS, env=surroundings, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _lists_age(now: datetime) -> int | None:
    """Days since apt last fetched its lists; None: it never did."""
    try:
        times = [each.stat().st_mtime for each in _LISTS.iterdir() if each.name.endswith("Release")]
    except OSError:
        return None
    return max((now - datetime.fromtimestamp(max(times), UTC)).days, 0) if times else None
