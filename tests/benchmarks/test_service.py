"""How soon ``provisioner serve`` is ready, and how much memory it holds after the whole SOP in a real browser."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.figures import Figure, Results, median
from tests.benchmarks.memory import held_by
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.journey import WIDE, Journey
from tests.browser.service import running
from tests.servers.served import Served, served
from tests.servers.settings_file import write_settings
from tests.servers.slapd import Slapd, private_slapd

pytestmark = [pytest.mark.benchmark, pytest.mark.browser]
STARTS = 7
OWN = "Perahu-Kertas-di-Brantas-1928"
REAL_COST = {"PROVISIONER_PASSWORDS__ARGON2_MEMORY_KIB": "19456", "PROVISIONER_PASSWORDS__ARGON2_ITERATIONS": "2"}


def test_ready_time(tmp_path: Path, results: Results) -> None:
    """From the start of the process to the line that says so. The first start writes the byte code: not counted."""
    environment = {"PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    for start in ("first", "warm"):
        with served(tmp_path / start, tmp_path / "data", "serve", "--demo", environment=environment) as service:
            service.address()
    for name, arguments in (("serve", ["serve"]), ("serve --demo", ["serve", "--demo"])):
        samples = []
        for number in range(STARTS):
            started = time.perf_counter()
            service = Served(tmp_path / f"{name}-{number}", tmp_path / "data", *arguments, environment=environment)
            service.address()
            samples.append(time.perf_counter() - started)
            service.stop()
        took = median(samples)
        results.add(Figure(f"{name}: ready", took, "s", "< 2 s", met=took < 2, samples=tuple(samples)))


def test_memory_after_the_whole_sop(tmp_path: Path, browser: Browser, results: Results) -> None:
    """PSS divides what a process shares with others among them; RSS counts the libraries it shares whole."""
    with private_slapd(tmp_path) as directory, running(tmp_path / "data", _settings(tmp_path, directory)) as service:
        before = held_by(service.process.pid)
    with (
        private_slapd(tmp_path / "walk") as directory,
        running(tmp_path / "walk" / "data", _settings(tmp_path / "walk", directory), **REAL_COST) as service,
    ):
        journey = Journey(service, browser)
        _walk(journey)
        journey.close()
        after = held_by(service.process.pid)
    results.add(Figure("memory of serve when ready (PSS)", before["Pss"], "MB"))
    met = after["Pss"] < 200
    results.add(Figure("memory of serve after the whole SOP (PSS)", after["Pss"], "MB", "< 200 MB", met=met))
    met = after["Rss"] < 200
    results.add(Figure("the same, RSS", after["Rss"], "MB", "< 200 MB", met=met))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def _walk(journey: Journey) -> None:
    applicant = journey.window(WIDE)
    journey.apply(applicant)
    for post in ("kadis", "kabid"):
        journey.dispose(journey.official(post))
    section_head = journey.official("kasi")
    journey.approve(section_head)
    journey.sign_as_applicant(applicant)
    journey.sign_as_section_head(section_head)
    section_head.goto(journey.request_page)
    section_head.get_by_text("menunggu serah terima").first.wait_for()
    journey.collect(applicant)
    operator = journey.window(WIDE)
    journey.sign_in(operator, journey.initial_password)
    operator.wait_for_url(re.compile("kata-sandi-awal"))
    for name, value in (("old", journey.initial_password), ("new", OWN), ("again", OWN)):
        operator.fill(f"[name={name}]", value)
    operator.get_by_role("button", name="Ganti kata sandi", exact=True).click()
    operator.wait_for_url(re.compile(r"/akun-saya/?$"))


def _settings(folder: Path, directory: Slapd) -> Path:
    targets: dict[str, dict[str, Any]] = {
        "direktori": {
            "kind": "ldap",
            "label": "Direktori SIAK",
            "sign_in": True,
            "settings": directory.settings(create_groups=True),
        },
        "layanan": {
            "kind": "table",
            "label": "Basis data layanan",
            "settings": {"url": "sqlite:///{data_dir}/accounts.db", "create_tables": True},
        },
    }
    office = Path(__file__).parents[2] / "config"
    sections: dict[str, Any] = {"office_dir": str(office), "totp": {"mandatory_for": []}}
    return write_settings(folder / "provisioner.toml", sections, targets)
