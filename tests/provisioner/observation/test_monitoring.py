"""The example alert rules and the example dashboard, against what a real office shows."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from provisioner.provisioning.processes import Processes
from provisioner.store.tables import BackupRow, RestorationRow
from tests.provisioner.observation.conftest import Scraped

ROOT = Path(__file__).parents[3]
RULES = ROOT / "config" / "monitoring" / "alerts.yml"
DASHBOARD = ROOT / "config" / "monitoring" / "dashboard.json"
DOCUMENT = ROOT / "docs" / "monitoring.md"
NAME = re.compile(r"\bprovisioner_[a-z_]+")


@dataclass(frozen=True)
class Trouble:
    """What a series shows, minute by minute, while all is well and while it is not."""

    alert: str
    series: str
    quiet: str
    loud: str
    others: tuple[tuple[str, str], ...] = ()
    """Series that are there in both cases."""


TARGET = 'target="direktori"'
MINUTES = 1500
"""Longer than a day: the most patient alert waits that long."""
TROUBLES = (
    Trouble("SiakProcessDown", 'up{job="siak-provisioner"}', "1", "0"),
    Trouble("SiakStoreDown", "provisioner_store_up", "1", "0"),
    Trouble(
        "SiakRequestOverdue",
        'provisioner_request_oldest_working_seconds{step="2", instance="a"}',
        "3000",
        "3700",
        (('provisioner_step_standard_seconds{step="2", instance="b"}', "3600"),),
    ),
    Trouble("SiakLinksBehind", f'provisioner_link_oldest_behind_seconds{{{TARGET}, state="due"}}', "60", "1000"),
    Trouble("SiakLinksFailed", f'provisioner_links_behind{{{TARGET}, state="failed"}}', "0", "1"),
    Trouble("SiakTargetDown", f"provisioner_target_unavailable_seconds{{{TARGET}}}", "200", "400"),
    Trouble("SiakTargetPaused", 'provisioner_target_paused{target="lain"}', "0", "1"),
    Trouble("SiakNothingMoves", f"provisioner_links_ready{{{TARGET}}}", "0", "5"),
    Trouble(
        "SiakNoWorker",
        'provisioner_processes{kind="work", engine="procrastinate"}',
        "1",
        "_",
        (
            ('provisioner_processes{kind="serve", engine="procrastinate"}', "2"),
            ('provisioner_processes{kind="work", engine=""}', "0"),
        ),
    ),
    Trouble("SiakDispatchHeld", "provisioner_dispatch_held", "0", "1"),
    Trouble("SiakAnchorLate", "provisioner_audit_anchor_age_seconds", "80000", "95000"),
    Trouble("SiakBackupLate", "provisioner_backup_age_seconds", "80000", "95000"),
    Trouble("SiakCertificateEnds", f"provisioner_target_certificate_seconds{{{TARGET}}}", "9000000", "9000"),
    Trouble("SiakLockoutsBurst", 'provisioner_lockouts_total{kind="operator"}', "9", "0+1"),
    Trouble("SiakEnvelopeAlarm", "provisioner_envelope_alarms", "0", "1"),
    Trouble("SiakFaults", 'provisioner_http_requests_total{route="x", status="500"}', "9", "0+1"),
    Trouble(
        "SiakDiskFull",
        'provisioner_data_disk_free_bytes{instance="a"}',
        "20",
        "5",
        (('provisioner_data_disk_size_bytes{instance="a"}', "100"),),
    ),
)


def _case(series: Mapping[str, str], firing: set[str], at: str = "100m") -> dict[str, Any]:
    """Exactly these alerts fire."""
    samples = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in sorted(firing)]
    expression = 'max by (alertname) (ALERTS{alertstate="firing"})'
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": expression, "eval_time": at, "exp_samples": samples}],
    }


def _as_promised(folder: Path, *cases: dict[str, Any]) -> None:
    file = folder / "test.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "5m", "tests": cases}))
    _promtool("test", "rules", str(file))


def _promtool(*arguments: str) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _alerts() -> set[str]:
    return set(re.findall(r"- alert: (\w+)", RULES.read_text()))


def test_prometheus_takes_the_rules() -> None:
    assert f"{len(_alerts())} rules found" in _promtool("check", "rules", str(RULES))


def test_every_alert_is_silent_while_all_is_well_and_fires_in_its_trouble(tmp_path: Path) -> None:
    assert {trouble.alert for trouble in TROUBLES} == _alerts()
    others = {name: values for trouble in TROUBLES for name, values in trouble.others}
    quiet = {
        name: f"{values}x{MINUTES}"
        for name, values in (others | {each.series: each.quiet for each in TROUBLES}).items()
    }
    loud = {
        name: f"{values}x{MINUTES}" for name, values in (others | {each.series: each.loud for each in TROUBLES}).items()
    }
    at = f"{MINUTES - 5}m"
    # While a restoration waits to be confirmed, nothing moves because nothing may.
    _as_promised(tmp_path, _case(quiet, set(), at), _case(loud, _alerts() - {"SiakNothingMoves"}, at))


def test_a_backup_that_was_never_made_is_late_too(tmp_path: Path) -> None:
    _as_promised(tmp_path, _case({"provisioner_store_up": "1x120"}, {"SiakBackupLate"}))


def test_a_system_that_rests_or_is_paused_or_moves_is_not_taken_for_forgotten(tmp_path: Path) -> None:
    ready = {
        f"provisioner_links_ready{{{TARGET}}}": "5x120",
        f"provisioner_target_paused{{{TARGET}}}": "0x120",
        f"provisioner_target_breaker_open{{{TARGET}}}": "0x120",
        "provisioner_dispatch_held": "0x120",
    }
    excuses = (
        {f"provisioner_target_paused{{{TARGET}}}": "1x120"},
        {f"provisioner_target_breaker_open{{{TARGET}}}": "1x120"},
        {f"provisioner_convergence_seconds_count{{{TARGET}}}": "0+1x120"},
    )
    cases = [_case({**ready, **excuse}, set()) for excuse in excuses]
    held = _case({**ready, "provisioner_dispatch_held": "1x120"}, {"SiakDispatchHeld"})
    _as_promised(tmp_path, _case(ready, {"SiakNothingMoves"}), held, *cases)


@pytest.fixture(scope="module")
def shown(scraped: Scraped) -> set[str]:
    """Names of everything that an office shows in which somebody got an account, pages were answered, a certificate was
    looked at and a system failed.
    """
    scraped.office.new("handover", 5)
    scraped.office.core.heart.drain()
    observer = scraped.observer
    observer.answered("home.show", "GET", 200, 0.01)
    observer.called("sistem", "find", 0.01, "TargetUnavailable")
    observer.failed("sistem", "TargetUnavailable")
    with_machines(scraped)
    families = text_string_to_metric_families(scraped.text())
    return {name for family in families for name in (family.name, *(sample.name for sample in family.samples))}


def with_machines(scraped: Scraped) -> None:
    """A process, a backup and a restoration that waits, as those rooms keep them."""
    context = scraped.office.core.context
    Processes(context.store).enter("work", "procrastinate")
    made: dict[str, Any] = {"file_name": "x", "size": 1, "milliseconds": 1, "sha256": "", "encrypted": True}
    backup = BackupRow(made_at=context.clock(), verified="content", release="1", **made)
    void = dict.fromkeys(("envelopes_void", "tickets_void", "codes_void", "sessions_ended"), 0)
    lost: dict[str, Any] = {"backup_made_at": context.clock(), "backup_release": "1", "backup_seq": 1, **void}
    with context.store.begin() as session:
        session.add(backup)
        session.add(RestorationRow(restored_at=context.clock(), restored_by="x", backup_hash="", **lost))


def test_processes_backups_and_restorations_are_shown(scraped: Scraped, shown: set[str]) -> None:
    assert "provisioner_processes" in shown
    assert scraped.value("provisioner_processes", kind="work", engine="procrastinate") == 1
    assert scraped.value("provisioner_backup_age_seconds") >= 0
    assert scraped.value("provisioner_dispatch_held") == 1


@pytest.mark.parametrize("file", [RULES, DASHBOARD], ids=lambda file: file.name)
def test_every_metric_that_is_named_is_really_shown(file: Path, shown: set[str]) -> None:
    named = set(NAME.findall(file.read_text()))
    assert len(named) > 10
    # This system has no certificate, and this engine no jobs: tests/provisioner/dispatch/test_hints.py shows those.
    not_shown = named - shown - {"provisioner_target_certificate_seconds", "provisioner_jobs_waiting"}
    assert not_shown == set()


def test_every_metric_and_every_alert_is_described(shown: set[str]) -> None:
    page = DOCUMENT.read_text()
    ours = {re.sub(r"_(total|count|sum|bucket|created|info)$", "", name) for name in shown if NAME.fullmatch(name)}
    assert sorted(name for name in ours if name not in page) == []
    assert sorted(alert for alert in _alerts() if f"### {alert}\n" not in page) == []
    rules = RULES.read_text()
    assert all(f"todo: docs/monitoring.md#{alert.lower()}\n" in rules for alert in _alerts())


def test_the_dashboard_asks_only_for_what_prometheus_can_read(tmp_path: Path) -> None:
    """Every question of every panel is a rule that promtool takes."""
    asked = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    assert len(asked) > 15
    rules = [
        {"record": f"panel:{number}", "expr": each.replace("$__rate_interval", "5m")}
        for number, each in enumerate(asked)
    ]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(asked)} rules found" in _promtool("check", "rules", str(file))
