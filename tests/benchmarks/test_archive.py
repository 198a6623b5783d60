"""A year of requests taken out as one archive by the command itself: time, memory, and the script that verifies it.

Two dozen requests go through the core, in different ways: letter, dispositions, decision, pact with two signatures,
account, envelope, a scan each; some two on a letter, some rejected, some revoked afterwards. Their papers are made by
the service's own duty. The rest of the year are copies of them (see :mod:`tests.benchmarks.copied_cases`). Between them
others sign in, as in an office. ``BENCH_CASES`` is how many there are (1000).
"""

import io
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, func, select

from provisioner.audit import Actor
from provisioner.provisioning.paper_rounds import PaperRounds
from provisioner.store.tables import PaperRow, RequestRow
from tests.benchmarks.copied_cases import CopiedCases
from tests.benchmarks.figures import Figure, Results
from tests.office import Applicant, RealOffice, person
from tests.provisioner.cli.command_line import IN_MEMORY

pytestmark = pytest.mark.benchmark
CASES = int(os.environ.get("BENCH_CASES", "1000"))
POINTS = sorted({max(1, CASES // 10), max(1, CASES // 2), CASES})
ORIGINALS = min(24, POINTS[0])
SIGN_INS = 6
"""Events about nobody's request, for each letter."""


@dataclass(frozen=True)
class _Exported:
    """What the command took, in a process of its own. Seconds and MB."""

    seconds: float
    worked: float
    resident: float
    proportional: float


def test_a_year(tmp_path: Path, prepared_office: Path, results: Results) -> None:
    office = RealOffice(tmp_path / "office", prepared_office)
    settings = tmp_path / "settings.toml"
    settings.write_text(IN_MEMORY.format(data=office.folder))
    letters = _originals(office, results)
    copied = CopiedCases(office, letters)
    out = tmp_path / "arsip.zip"
    for point in POINTS:
        _grow(office, copied, point)
        if point == POINTS[0]:
            _without_papers(office, settings, out, results)
        found = _exported(settings, out)
        goal, met = ("< 60 s", found.seconds < 60) if point == CASES else ("", None)
        results.add(Figure(f"year of {_count(office)} requests exported", found.seconds, "s", goal, met))
        results.add(Figure("  its processor time", found.worked, "s"))
        results.add(Figure("  its largest memory (resident)", found.resident, "MB"))
        results.add(Figure("  its largest memory (its share, PSS)", found.proportional, "MB"))
        results.add(Figure("  its size", out.stat().st_size / 1e6, "MB"))
    results.add(Figure("  the limit: only writing those files into a ZIP", _only_written(out), "s"))
    started = time.perf_counter()
    script = tmp_path / "verify.py"
    script.write_bytes((Path(__file__).parents[2] / "provisioner" / "archive" / "verify.py").read_bytes())
    ran = subprocess.run([sys.executable, "-I", script, out], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
    results.add(Figure(f"year of {CASES} verified by its script", time.perf_counter() - started, "s"))
    office.close()


# -- the year ----------------------------------------------------------------------------------------------------------


def _originals(office: RealOffice, results: Results) -> list[str]:
    """Letters with their papers, made as the service makes them when nobody asks."""
    scan, letters = _scan(), list[str]()
    while _count(office) < ORIGINALS:
        who = _case(office, _count(office), scan)
        letters.append(office.letter(who).id)
        _sign_ins(office)
    office.core.heart.drain()
    office.clock.move(minutes=61)
    rounds, spread = PaperRounds(office.core.context, office.core.papers), list[float]()
    first, before = _papers(office), -1
    while before < (before := _papers(office)):
        for _ in range(10):
            started = time.perf_counter()
            rounds.make_some()
            spread.append(1000 * (time.perf_counter() - started))
    # The duty has run while the cases were made, too: these are those that were left.
    made = _papers(office) - first
    assert made
    results.add(Figure(f"a paper made in the background ({made} of them)", sum(spread) / made, "ms"))
    results.add(Figure("  the longest round (three papers)", max(spread), "ms"))
    return letters


def _grow(office: RealOffice, copied: CopiedCases, point: int) -> None:
    while _count(office) < point:
        copied.add(1)
        _sign_ins(office)


def _case(office: RealOffice, number: int, scan: bytes) -> Applicant:
    """One letter, each in another way."""
    people = office.draft_of_all(*[_bio(number + each) for each in range(2 if number % 5 == 3 else 1)])
    for each in people:
        office.core.attachments.add(each.request_id, "decree", [("sk.jpg", scan)])
    office.bring(people[0], "review")
    actor = office.actor("section_head")
    for each in people:
        if number % 8 == 6:
            office.core.review.open(actor, each.request_id)
            office.core.review.reject(actor, each.request_id, office.request(each).revision, "Formasi sudah terisi.")
        else:
            office.bring(each, "done", start="review")
        if number % 8 == 2:
            office.core.accounts.revoke(actor, office.request(each).account_id or "", "transfer")
    office.clock.move(minutes=40)
    return people[0]


def _bio(number: int) -> dict[str, str]:
    nik = f"357602{number % 28 + 41:02d}{number // 28 % 12 + 1:02d}95{number + 1:04d}"
    birth = f"1995-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
    staff = f"{birth.replace('-', '')} 202012 2 {number % 999 + 1:03d}"
    return person(number % 8, nik=nik, birth_date=birth, staff_number=staff, full_name=_name(number))


def _sign_ins(office: RealOffice) -> None:
    context = office.core.context
    with context.store.begin() as session:
        for _ in range(SIGN_INS):
            actor = Actor.official("0" * 32, "Kepala Seksi", name="Pejabat")
            context.trail.record(session, "official-signed-in", actor=actor, official="section_head")


def _count(office: RealOffice) -> int:
    with office.core.context.store.read() as session:
        return session.scalar(select(func.count(RequestRow.id))) or 0


def _papers(office: RealOffice) -> int:
    with office.core.context.store.read() as session:
        return session.scalar(select(func.count(PaperRow.id))) or 0


def _name(number: int) -> str:
    letters = "abcdefghijklmnopqrst"
    return f"Dewi {letters[number % 20].upper()}{letters[number // 20 % 20]}{letters[number // 400 % 20]} Handayani"


def _scan() -> bytes:
    """As large as a page from a telephone that was reduced here."""
    out = io.BytesIO()
    Image.effect_noise((1240, 1754), 22).convert("RGB").save(out, "JPEG", quality=60)
    return out.getvalue()


# -- measuring ---------------------------------------------------------------------------------------------------------


def _without_papers(office: RealOffice, settings: Path, out: Path, results: Results) -> None:
    """As if the service had not run since the cases ended."""
    with office.core.context.store.begin() as session:
        session.execute(delete(PaperRow))
    found = _exported(settings, out)
    results.add(Figure(f"year of {_count(office)} requests exported, every paper still to be made", found.seconds, "s"))
    results.add(Figure("  its processor time", found.worked, "s"))


def _exported(settings: Path, out: Path) -> _Exported:
    out.unlink(missing_ok=True)
    command = [str(Path(sys.executable).with_name("provisioner")), "--config", str(settings), "archive", "export"]
    started, resident, proportional = time.perf_counter(), 0.0, 0.0
    # An installed program is compiled once; where nothing may be written it would be at each start.
    surroundings = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    process = subprocess.Popen(
        [*command, "--year", "2026", "--out", str(out)], stdout=subprocess.DEVNULL, env=surroundings
    )
    while True:
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        # Not the usage that the system tells at the end: there, this process counts until the command was loaded.
        resident = max(resident, _told(process.pid, "status", "VmHWM:"))
        proportional = max(proportional, _told(process.pid, "smaps_rollup", "Pss:"))
        time.sleep(0.1)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    seconds = time.perf_counter() - started
    return _Exported(seconds, used.ru_utime + used.ru_stime, resident, proportional)


def _told(pid: int, file: str, line: str) -> float:
    """What the system tells of a process: its largest memory so far (``VmHWM``), or its share of memory now, pages that
    it has in common with others counted in part (``Pss``). MB; 0 once it has ended.
    """
    try:
        told = Path(f"/proc/{pid}/{file}").read_text()
    except OSError:
        return 0.0
    return next((int(each.split()[1]) / 1024 for each in told.splitlines() if each.startswith(line)), 0.0)


def _only_written(archive: Path) -> float:
    """Seconds that writing the same files in the same way takes: nothing read from a database, nothing deciphered."""
    seconds = 0.0
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(archive.with_suffix(".again"), "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            started = time.perf_counter()
            target.writestr(entry, content, entry.compress_type)
            seconds += time.perf_counter() - started
    return seconds
