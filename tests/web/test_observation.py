"""The pages as they are seen from outside, and the thread of references from a browser to a call to a system."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from provisioner.bootstrap import build
from provisioner.cli.log_lines import JsonLines
from provisioner.observation.prometheus import PrometheusObserver
from provisioner.store.tables import CredentialRow
from tests.web.at_work import NEW, WITH_SIAK, AtWork
from tests.web.gallery import gallery
from tests.web.house import Given
from tests.web.walking import Browser
from web.app import create_app
from web.observation import HEADER

OURS = re.compile(r"[0-9a-f]{12}")
FROM_PROXY = "7f0c8e6a5b4d4f0e9a1b2c3d4e5f6071"


@dataclass
class Log:
    """Our own lines at the finest level, as a machine reads them."""

    stream: StringIO = field(default_factory=StringIO)

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in lines if event in ("", line["event"])]


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    handler = logging.StreamHandler(made.stream)
    handler.setFormatter(JsonLines())
    loggers = [logging.getLogger(name) for name in ("provisioner", "connectors", "web")]
    for each in loggers:
        each.addHandler(handler)
        each.setLevel(logging.DEBUG)
    yield made
    for each in loggers:
        each.removeHandler(handler)
        each.setLevel(logging.NOTSET)


@pytest.fixture
def observer() -> PrometheusObserver:
    return PrometheusObserver()


@pytest.fixture
def app(given: Given, observer: PrometheusObserver) -> Iterator[Flask]:
    core = given.provisioner()
    core.close()
    core = build(core.settings, given.clock, observer)
    made = create_app(core)
    made.register_blueprint(gallery())
    yield made
    core.close()


def values(client: FlaskClient, name: str) -> dict[tuple[str, ...], float]:
    """Samples of a metric by the values of their labels, in the order of the labels' names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == name
    }


def test_the_probes_are_answered_before_sessions_limits_and_tokens(client: FlaskClient) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = client.get(path, headers={"Sec-Fetch-Site": "cross-site", "Cookie": "pejabat=x; formulir=y"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert client.head(path).data == b""
        assert client.get(path, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403


def test_pages_are_counted_by_their_name_and_never_by_their_address(client: FlaskClient) -> None:
    client.get("/verifikasi/3576024107950001")
    client.get("/3576024107950001/tidak-ada?nik=3576024107950001")
    client.open("/masuk", method="3576024107950001")
    client.get("/masuk")
    text = client.get("/metrics").text
    assert "3576024107950001" not in text
    counted = values(client, "provisioner_http_requests_total")
    assert counted["GET", "sign_in.form", "200"] == 1
    assert counted["GET", "none", "404"] == 1
    assert sum(value for key, value in counted.items() if key[::2] == ("other", "405")) == 1
    assert values(client, "provisioner_http_request_seconds_count")["GET", "sign_in.form"] == 1


def test_every_answer_carries_a_reference_of_its_own(client: FlaskClient) -> None:
    given = []
    for path in ("/", "/masuk", "/tidak-ada", "/static/style.css"):
        with client.get(path) as answer:
            given.append(answer.headers[HEADER])
    assert all(OURS.fullmatch(each) for each in given)
    assert len(set(given)) == len(given)


def test_a_fault_page_shows_the_reference_that_the_log_has(client: FlaskClient, log: Log) -> None:
    answer = client.get("/uji/gagal/bug")
    reference = answer.headers[HEADER]
    assert f"rujukan {reference}" in answer.text
    events = {line["event"].split()[0]: line for line in log.lines() if line["reference"] == reference}
    assert events["fault"]["level"] == "error"
    assert (events["page"]["route"], events["page"]["status"]) == ("gallery.fail", 500)


def test_a_browser_cannot_choose_its_reference(client: FlaskClient) -> None:
    assert client.get("/masuk", headers={HEADER: FROM_PROXY}).headers[HEADER] != FROM_PROXY


@pytest.mark.parametrize(
    ("offered", "taken"),
    [(FROM_PROXY, True), ("3576024107950001", False), ("x" * 65, False), ("a b" * 10, False), ("", False)],
)
def test_a_trusted_proxy_names_the_request_where_its_name_is_well_formed(
    tmp_path: Path, offered: str, taken: bool
) -> None:
    core = Given(tmp_path, settings={"web": {"trusted_proxies": 1}}).provisioner()
    client = create_app(core).test_client()
    assert (client.get("/masuk", headers={HEADER: offered}).headers[HEADER] == offered) is taken
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403, "the proxy's caller"
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200
    core.close()


def test_what_an_official_decided_in_a_browser_can_be_followed_to_the_call_at_the_system(
    office: AtWork, log: Log
) -> None:
    one, desk = office.active(), office.at_desk("it")
    reference = desk.post(f"/akun/{one.account_id}/bekukan").headers[HEADER]
    desk.get(f"/akun/{one.account_id}")  # Another request, before the runner comes to it.
    office.core.heart.drain()
    called = [line for line in log.lines("target called") if line["reference"] == reference]
    assert ("akun", "update", one.account_id) in {(each["target"], each["call"], each["account"]) for each in called}
    converged = [line for line in log.lines("account converged") if line["reference"] == reference]
    assert {line["target"] for line in converged} == {"akun", "siak"}
    (page,) = [line for line in log.lines("page answered") if line["reference"] == reference]
    assert (page["route"], page["method"], page["status"]) == ("accounts.suspend", "POST", 302)


def test_a_password_that_was_asked_for_in_a_browser_is_issued_under_its_reference(office: AtWork, log: Log) -> None:
    one = office.operator(opened=False, drained=False)
    with office.core.context.store.begin() as session:
        session.execute(update(CredentialRow).where(CredentialRow.wanted).values(reference="from-a-browser"))
    office.core.heart.drain()
    issued = [line for line in log.lines("password issued") if line["account"] == one.account_id]
    assert {line["reference"] for line in issued} == {"from-a-browser"}
    created = [line for line in log.lines("target called") if line["call"] == "create" and line["target"] == "akun"]
    assert {line["reference"] for line in created} == {"from-a-browser"}


MARKED = {
    "full_name": "Wulandari Sekarpinasti",
    "nik": "3576014708900077",
    "phone": "081298765432",
    "mail": "wulandari.pinasti@example.go.id",
    "address": "Jalan Melati Putih 77",
    "birth_place": "Tulungagung",
}


def test_neither_log_nor_metrics_know_who_anybody_is(given: Given, observer: PrometheusObserver, log: Log) -> None:
    """Somebody applies in a browser, gets an account, signs in wrongly and rightly; an official looks on."""
    office = AtWork(Given(given.folder, settings=WITH_SIAK))
    office.core.close()
    core = build(office.core.settings, observer=observer)
    office.app.extensions["provisioner"] = core
    office.__dict__["app"] = create_app(core)
    browser = Browser(office.app)
    browser.client.environ_base["REMOTE_ADDR"] = "198.51.100.77"
    browser.apply(**MARKED)
    one = office.active(**{**MARKED, "nik": "3576014708900078"})
    for password in ("kata sandi keliru", NEW):
        data = {"username": one.username, "password": password}
        browser.post("/akun-saya/masuk", data)
        browser.post("/masuk", data)
    for path in (f"/akun/{one.account_id}", "/akun?cari=3576014708900078", "/antrean", "/permohonan?cari=Wulandari"):
        office.at_desk("adb").get(path)
    office.at_desk("it").post(f"/akun/{one.account_id}/bekukan")
    core.heart.drain()
    shown = Browser(office.app).get("/metrics").text
    assert len(log.lines()) > 30
    assert "provisioner_http_requests_total" in shown
    values = [*MARKED.values(), "3576014708900078", one.username, "Wulandari", "198.51.100.77", NEW, "keliru"]
    text = log.stream.getvalue()
    assert [value for value in values if value.casefold() in (text + shown).casefold()] == []
    assert one.account_id in text, "an account is told by its own number"
    core.close()
