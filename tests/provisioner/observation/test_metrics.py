"""What an office shows of itself while a request walks the SOP."""

import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from provisioner.audit.catalogue import catalogue
from provisioner.bootstrap import build
from provisioner.errors import AuthenticationFailed, LockedOut
from provisioner.observation.counted_events import COUNTERS
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.preparation import prepare
from tests.office import RealOffice, own_password, person, settings_of
from tests.provisioner.observation.conftest import Scraped
from tests.servers.postgresql import SUPERUSER, SUPERUSER_PASSWORD, Postgresql


def test_a_request_is_counted_at_the_step_where_it_lies_and_ages_there(scraped: Scraped) -> None:
    office = scraped.office
    assert scraped.value("provisioner_requests", step="2", waits_for="office") == 0
    office.new("sent", 0)
    office.draft(person(9), number="800/113")  # Not sent: it lies on no desk yet.
    before = scraped.value("provisioner_request_oldest_working_seconds", step="2")
    assert scraped.value("provisioner_requests", step="2", waits_for="office") == 1
    office.clock.move(hours=1)
    assert scraped.value("provisioner_request_oldest_seconds", step="2") == pytest.approx(3600, abs=1)
    assert scraped.value("provisioner_request_oldest_working_seconds", step="2") == pytest.approx(before + 3600, abs=1)
    office.clock.move(hours=23)
    night = scraped.value("provisioner_request_oldest_working_seconds", step="2")
    assert 3600 < night < 12 * 3600, "nobody works at night"
    assert scraped.value("provisioner_step_standard_seconds", step="2") > 0


def test_a_letter_counts_for_everybody_on_it(scraped: Scraped) -> None:
    office = scraped.office
    before = scraped.value("provisioner_requests", step="2", waits_for="office")
    first = office.draft(person(20), person(21), person(22), number="800/115")
    office.bring(first, "sent")
    assert scraped.value("provisioner_requests", step="2", waits_for="office") == before + 3


def test_what_happened_is_counted_once_it_is_committed(scraped: Scraped) -> None:
    office = scraped.office
    forwarded = scraped.value("provisioner_letters_total", decision="forwarded")
    sealed = scraped.value("provisioner_envelopes_total", event="sealed")
    signed = scraped.value("provisioner_pacts_signed_total", by="official")
    opened = scraped.value("provisioner_envelopes_total", event="opened")
    hashed = scraped.value("provisioner_password_hash_seconds_count")
    who = office.new("handover", 1)
    assert scraped.value("provisioner_letters_total", decision="forwarded") == forwarded + 2
    assert scraped.value("provisioner_requests_moved_total", to="approved") >= 1
    assert scraped.value("provisioner_envelopes_total", event="sealed") == sealed + 1
    assert scraped.value("provisioner_pacts_signed_total", by="official") == signed + 1
    assert scraped.value("provisioner_password_hash_seconds_count") > hashed
    office.open_envelope(who)
    assert scraped.value("provisioner_envelopes_total", event="opened") == opened + 1


def test_a_system_catches_up_and_the_time_that_took_is_kept(scraped: Scraped) -> None:
    office = scraped.office
    converged = scraped.before("provisioner_convergence_seconds_count", target="sistem")
    took = scraped.before("provisioner_convergence_seconds_sum", target="sistem")
    calls = scraped.before("provisioner_target_call_seconds_count", target="sistem", call="create")
    office.new("creation", 2)
    assert scraped.value("provisioner_links_behind", target="sistem", state="due") == 1
    assert scraped.value("provisioner_credentials_wanted") == 1
    office.clock.move(minutes=5)
    assert scraped.value("provisioner_link_oldest_behind_seconds", target="sistem", state="due") == pytest.approx(
        300, abs=2
    )
    office.core.heart.drain()
    assert scraped.value("provisioner_links_behind", target="sistem", state="due") == 0
    assert scraped.value("provisioner_link_oldest_behind_seconds", target="sistem", state="due") == 0
    assert scraped.value("provisioner_credentials_wanted") == 0
    assert scraped.value("provisioner_convergence_seconds_count", target="sistem") == converged + 1
    assert scraped.value("provisioner_convergence_seconds_sum", target="sistem") == pytest.approx(took + 300, abs=2)
    assert scraped.value("provisioner_target_call_seconds_count", target="sistem", call="create") == calls + 1


def test_a_system_that_does_not_answer_rests_or_is_paused_is_shown_as_that(scraped: Scraped) -> None:
    office = scraped.office
    work, it = office.core.heart.work, office.actor("it")
    for _ in range(office.settings.runner.breaker_failures):
        with office.core.context.store.begin() as session:
            work.unavailable(session, "sistem")
    assert scraped.value("provisioner_target_breaker_open", target="sistem") == 1
    office.clock.move(minutes=10)
    assert scraped.value("provisioner_target_breaker_open", target="sistem") == 0, "one try is made now"
    assert scraped.value("provisioner_target_unavailable_seconds", target="sistem") == pytest.approx(600, abs=1)
    office.new("handover", 3)
    assert scraped.value("provisioner_target_unavailable_seconds", target="sistem") == 0, "it answered"
    office.core.systems.pause(it, "sistem", "pemeliharaan")
    assert scraped.value("provisioner_target_paused", target="sistem") == 1
    office.core.systems.resume(it, "sistem")
    assert scraped.value("provisioner_target_paused", target="sistem") == 0


def test_a_wrong_password_and_the_lock_that_follows_are_counted(scraped: Scraped) -> None:
    office, before = scraped.office, scraped.value("provisioner_sign_ins_total", kind="official", result="refused")
    office.core.sign_in.sign_in("adb", own_password("adb"), address="192.0.2.9")
    assert scraped.value("provisioner_sign_ins_total", kind="official", result="ok") == 1
    for _ in range(office.settings.lockout.max_failures):
        with pytest.raises((AuthenticationFailed, LockedOut)):
            office.core.sign_in.sign_in("adb", "bukan ini", address="192.0.2.9")
    tries = scraped.value("provisioner_sign_ins_total", kind="official", result="refused") - before
    assert tries == office.settings.lockout.max_failures
    assert scraped.value("provisioner_lockouts_total", kind="official") == 1
    assert scraped.value("provisioner_lockouts_active") == 1


def test_the_trail_and_its_anchor_are_shown(scraped: Scraped) -> None:
    office = scraped.office
    office.core.heart.drain()
    before = scraped.value("provisioner_audit_head_sequence")
    assert before == len(office.events())
    office.clock.move(days=3)
    age = scraped.value("provisioner_audit_anchor_age_seconds")
    assert age > 2 * 86400
    office.core.heart.drain()
    assert scraped.value("provisioner_audit_anchor_age_seconds") < age


def test_a_scrape_is_what_prometheus_takes(scraped: Scraped) -> None:
    shown = scraped.text()
    assert subprocess.run(["promtool", "check", "metrics"], input=shown, text=True, capture_output=True).stdout == ""
    ours = [family for family in text_string_to_metric_families(shown) if family.name.startswith("provisioner_")]
    assert len(ours) > 25
    assert all(family.documentation for family in ours)


def test_every_event_that_is_counted_is_one_of_the_catalogue() -> None:
    known = catalogue()
    assert [kind for counter in COUNTERS for kind in counter.kinds if kind not in known] == []


def test_the_figures_are_counted_once_in_a_while_however_often_somebody_asks(
    tmp_path: Path, prepared_office: Path
) -> None:
    office = RealOffice(tmp_path / "office", prepared_office, metrics={"cache_seconds": 3600})
    observer = PrometheusObserver()
    office.core.close()
    office.core = build(office.settings, office.clock, observer)
    assert office.core.probes.knows("/metrics")
    first = observer.exposition()[1]
    assert b"provisioner_lockouts_active 0.0" in first
    with office.core.context.store.begin() as session:
        session.execute(text("DROP TABLE envelope_alarm"))
    assert b"provisioner_store_up 1.0" in observer.exposition()[1], "the store was not asked again"
    office.close()


def test_an_office_on_postgresql_is_ready_and_shows_the_same_figures(
    tmp_path: Path, scraped: Scraped, postgresql_server: Postgresql
) -> None:
    with postgresql_server.database() as database:
        address = f"127.0.0.1:{postgresql_server.port}/{database.name}?sslmode=require"
        settings = settings_of(
            tmp_path, store={"url": f"postgresql+psycopg://{SUPERUSER}:{SUPERUSER_PASSWORD}@{address}"}
        )
        prepare(settings, scraped.office.clock)
        observer = PrometheusObserver()
        core = build(settings, scraped.office.clock, observer)
        try:
            core.drafting.begin(address="192.0.2.1")
            assert core.probes.ready.missing() == []
            shown = observer.exposition()[1].decode()
        finally:
            core.close()
    assert "\nprovisioner_store_up 1.0\n" in shown
    assert _names(shown) >= {name for name in _names(scraped.text()) if not name.startswith("provisioner_target_ch")}


def _names(shown: str) -> set[str]:
    """The figures of the store; tables that another test made are not looked at."""
    figures = ("requests", "request_oldest", "links", "link_oldest", "credentials", "lockouts_active", "audit_head")
    families = text_string_to_metric_families(shown)
    return {each.name for each in families if each.name.startswith(tuple(f"provisioner_{name}" for name in figures))}
