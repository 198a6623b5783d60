"""The port of their own that the probes have in every kind of process."""

import urllib.error
import urllib.request

import pytest

from provisioner.cli.probe_port import probe_port
from provisioner.errors import ConfigurationError
from provisioner.settings import MetricsSettings
from tests.office import RealOffice


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_all_three_are_answered_at_a_port_without_pages(office: RealOffice) -> None:
    with probe_port(office.core.probes, MetricsSettings(port=0)) as port:
        assert port
        assert get(port, "/healthz") == (200, b"ok\n")
        assert get(port, "/readyz") == (200, b'{"ready": true, "missing": []}\n')
        assert b"provisioner_store_up 1.0" in get(port, "/metrics")[1]
        assert get(port, "/masuk")[0] == 404
    with pytest.raises(urllib.error.URLError):
        get(port, "/healthz")
    assert office.core.probes.ready.missing() == ["stopping"]


def test_without_a_port_in_the_settings_there_is_none(office: RealOffice) -> None:
    with probe_port(office.core.probes, MetricsSettings()) as port:
        assert port is None


def test_a_port_that_is_taken_is_refused_in_a_sentence(office: RealOffice) -> None:
    with probe_port(office.core.probes, MetricsSettings(port=0)) as port:
        taken = MetricsSettings(port=port)
        with pytest.raises(ConfigurationError, match=r"metrics\.port"), probe_port(office.core.probes, taken):
            raise AssertionError("it listens twice")
