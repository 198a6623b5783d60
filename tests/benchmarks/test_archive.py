"""A year of requests taken out as one archive by the command itself: time, memory, and the script that verifies it.

The requests are made through the core: letter, dispositions, decision, pact with two signatures, account, envelope,
one scan each. Between them others sign in, as in an office. ``BENCH_CASES`` is how many (1000).
"""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from provisioner.audit import Actor
from provisioner.paper import PaperKind
from tests.benchmarks.figures import Figure, Results
from tests.office import RealOffice, person

pytestmark = pytest.mark.benchmark
CASES = int(os.environ.get("BENCH_CASES", "1000"))
POINTS = sorted({max(1, CASES // 10), max(1, CASES // 2), CASES})
SIGN_INS = 6
"""Events about nobody's request, for each request."""
SETTINGS = """
data_dir = "{folder}"
[passwords]
argon2_memory_kib = 64
argon2_iterations = 1
[totp]
mandatory_for = []
[targets.sistem]
kind = "memory"
label = "Sistem"
sign_in = true
[targets.sistem.settings]
argon2_memory_kib = 64
argon2_iterations = 1
"""


def test_a_year(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    office = RealOffice(tmp_path / "office", prepared_office)
    scan, made = _scan(), 0
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS.format(folder=office.folder))
    for point in POINTS:
        for number in range(made, point):
            _case(office, number, scan)
        made = point
        out = tmp_path / f"{point}.zip"
        for nth in ("first", "again"):
            out.unlink(missing_ok=True)
            seconds, peak = _exported(settings, out)
            goal, met = ("< 60 s", seconds < 60) if point == CASES and nth == "again" else ("", None)
            results.add(Figure(f"year of {point} requests exported, {nth}", seconds, "s", goal, met))
            results.add(Figure(f"  its largest memory, {nth}", peak, "MB"))
        results.add(Figure("  its size", out.stat().st_size / 1e6, "MB"))
    started = time.perf_counter()
    script = tmp_path / "verify.py"
    script.write_bytes((Path(__file__).parents[2] / "provisioner" / "archive" / "verify.py").read_bytes())
    ran = subprocess.run([sys.executable, "-I", script, out], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
    results.add(Figure(f"year of {CASES} verified by its script", time.perf_counter() - started, "s"))
    office.close()


def _case(office: RealOffice, number: int, scan: bytes) -> None:
    nik = f"357602{number % 28 + 41:02d}{number // 28 % 12 + 1:02d}95{number + 1:04d}"
    birth = f"1995-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
    staff = f"{birth.replace('-', '')} 202012 2 {number % 999 + 1:03d}"
    who = office.draft(person(number % 8, nik=nik, birth_date=birth, staff_number=staff, full_name=_name(number)))
    office.core.attachments.add(who.request_id, "decree", [("sk.jpg", scan)])
    office.bring(who, "done")
    office.core.papers.make(PaperKind.REQUEST_LETTER, office.letter(who).id)
    office.clock.move(minutes=40)
    context = office.core.context
    with context.store.begin() as session:
        for _ in range(SIGN_INS):
            actor = Actor.official("0" * 32, "Kepala Seksi", name="Pejabat")
            context.trail.record(session, "official-signed-in", actor=actor, official="section_head")


def _name(number: int) -> str:
    letters = "abcdefghijklmnopqrst"
    return f"Dewi {letters[number % 20].upper()}{letters[number // 20 % 20]}{letters[number // 400 % 20]} Handayani"


def _scan() -> bytes:
    """As large as a page from a telephone that was reduced here."""
    out = io.BytesIO()
    Image.effect_noise((1240, 1754), 22).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


def _exported(settings: Path, out: Path) -> tuple[float, float]:
    """Seconds, and the largest resident memory in MB, of the command in a process of its own."""
    command = [str(Path(sys.executable).with_name("provisioner")), "--config", str(settings), "archive", "export"]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--year", "2026", "--out", str(out)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - started, used.ru_maxrss / 1024
