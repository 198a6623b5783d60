"""``/healthz``, ``/readyz`` and ``/metrics``: what they say, and to whom."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from provisioner.store.migration import revision
from provisioner.store.schema import newest_revision
from tests import stores
from tests.conftest import MakeOffice
from tests.office import RealOffice

ADDRESSES = ("/healthz", "/readyz", "/metrics")


def ask(office: RealOffice, path: str, caller: str = "127.0.0.1", method: str = "GET", **headers: str) -> TestResponse:
    client = Client(office.core.probes)
    return client.open(path, method=method, environ_overrides={"REMOTE_ADDR": caller}, headers=headers)


def missing(office: RealOffice) -> list[str]:
    """What ``/readyz`` says."""
    answer = ask(office, "/readyz")
    said = json.loads(answer.data)
    assert (answer.status_code == 200) is said["ready"] is (said["missing"] == [])
    assert set(said) == {"ready", "missing"}
    named: list[str] = said["missing"]
    return named


def test_a_prepared_office_is_healthy_and_ready(office: RealOffice) -> None:
    assert ask(office, "/healthz").data == b"ok\n"
    assert missing(office) == []
    assert revision(office.settings.store_url) == newest_revision()


@pytest.mark.parametrize("path", ADDRESSES)
def test_head_is_answered_with_the_same_headers_and_nothing_else(office: RealOffice, path: str) -> None:
    got, head = ask(office, path), ask(office, path, method="HEAD")
    assert (head.status_code, head.content_type, head.data) == (200, got.content_type, b"")
    assert got.headers["Cache-Control"] == head.headers["Cache-Control"] == "no-store"
    assert ask(office, path, method="POST").status_code == 405


def test_another_address_is_not_found(office: RealOffice) -> None:
    assert ask(office, "/metrics/").status_code == 404


def _no_store(office: RealOffice) -> None:
    office.core.context.store.engine.dispose()
    stores.current().lose(office.folder)


def _old_schema(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0015'"))


def _no_keys(office: RealOffice) -> None:
    office.settings.path(office.settings.keys.file).unlink()


def _stopping(office: RealOffice) -> None:
    office.core.probes.stop()


@pytest.mark.parametrize(
    ("trouble", "what"), [(_no_store, "store"), (_old_schema, "schema"), (_no_keys, "keys"), (_stopping, "stopping")]
)
def test_what_is_missing_is_said_in_one_word_and_the_process_still_lives(
    office: RealOffice, trouble: Callable[[RealOffice], None], what: str
) -> None:
    trouble(office)
    assert missing(office) == [what]
    assert ask(office, "/healthz").status_code == 200
    assert ask(office, "/metrics").status_code == 200


def test_a_newer_schema_serves_this_program_too(office: RealOffice) -> None:
    with office.core.context.store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert missing(office) == []


def test_without_the_store_the_metrics_say_so(office: RealOffice) -> None:
    _no_store(office)
    assert b"\nprovisioner_store_up 0.0\n" in ask(office, "/metrics").data


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("caller", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "", "unix:"])
def test_only_the_machine_itself_may_read_them_unless_the_settings_say_otherwise(
    office: RealOffice, path: str, caller: str
) -> None:
    assert ask(office, path, caller).status_code == 403
    assert ask(office, path, "::1").status_code == 200


def test_the_networks_of_the_settings_may_read_them(make_office: MakeOffice) -> None:
    office = make_office(metrics={"networks": ["192.0.2.0/24"]})
    assert ask(office, "/metrics", "192.0.2.1").status_code == 200
    assert ask(office, "/metrics", "127.0.0.1").status_code == 403


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_a_proxy_that_nobody_told_of_does_not_open_them_to_the_world(make_office: MakeOffice, header: str) -> None:
    assert ask(make_office(), "/metrics", **{header: "192.0.2.1"}).status_code == 403
    told = make_office(web={"trusted_proxies": 1})
    assert ask(told, "/metrics", **{header: "192.0.2.1"}).status_code == 200, "the caller's address is settled before"


def test_nothing_of_the_settings_stands_in_an_answer(office: RealOffice, tmp_path: Path) -> None:
    _no_store(office)
    _no_keys(office)
    for path in ADDRESSES:
        assert str(tmp_path).encode() not in ask(office, path).data
        assert b"keyring" not in ask(office, path).data
