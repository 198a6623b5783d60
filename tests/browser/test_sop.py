"""The whole SOP in a real browser over the real service and a real OpenLDAP: from the letter to the first login."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from connectors.ldap import LdapConnector
from provisioner.connector import Authenticates, ConnectorContext, Outcome
from tests.browser.conftest import Look
from tests.browser.journey import PHONE, WIDE, Journey
from tests.browser.service import running
from tests.servers.slapd import Slapd, private_slapd

NEW_PASSWORD = "Perahu-Kertas-di-Brantas-1928"

pytestmark = pytest.mark.browser


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    """A private OpenLDAP."""
    with private_slapd(tmp_path) as slapd:
        yield slapd


@pytest.fixture
def journey(tmp_path: Path, directory: Slapd, browser: Browser) -> Iterator[Journey]:
    """The service over the directory and a table, with the people of the demonstration office."""
    config = tmp_path / "office.toml"
    config.write_text(_settings(directory), encoding="utf-8")
    with running(tmp_path / "data", config) as service:
        made = Journey(service, browser)
        yield made
        made.close()


def _settings(directory: Slapd) -> str:
    """The settings file an administrator would write for this directory."""
    given = directory.settings(create_groups=True)
    rules = given.pop("entitlements")
    lines = [f"{name} = {_toml(value)}" for name, value in given.items()]
    groups = [f'"{name}" = {_toml(value)}' for name, value in rules.items()]
    office = Path(__file__).parents[2] / "config"
    return "\n".join(
        [
            f'office_dir = "{office}"',
            "[totp]",
            "mandatory_for = []",
            "[targets.direktori]",
            'kind = "ldap"',
            'label = "Direktori SIAK"',
            "sign_in = true",
            "[targets.direktori.settings]",
            *lines,
            "[targets.direktori.settings.entitlements]",
            *groups,
            "[targets.layanan]",
            'kind = "table"',
            'label = "Basis data layanan"',
            "[targets.layanan.settings]",
            'url = "sqlite:///{data_dir}/accounts.db"',
            "create_tables = true",
        ]
    )


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_a_newcomer_takes_a_request_through_the_six_steps_and_signs_in(
    journey: Journey, directory: Slapd, axe: Look
) -> None:
    """Every page on the way is looked at by axe too; the applicant has a phone."""
    applicant = journey.window(PHONE)
    journey.apply(applicant)
    assert axe(applicant) == []
    for post in ("kadis", "kabid"):
        desk = journey.official(post)
        assert axe(desk) == []
        journey.dispose(desk)
        assert axe(desk) == []
    section_head = journey.official("kasi")
    journey.approve(section_head)
    assert axe(section_head) == []
    journey.sign_as_applicant(applicant)
    journey.sign_as_section_head(section_head)
    section_head.goto(journey.request_page)
    expect(section_head.get_by_text("sistem, atas keputusan Kepala Seksi").first).to_be_visible()
    expect(section_head.get_by_text("menunggu serah terima").first).to_be_visible(timeout=60_000)
    assert axe(section_head) == []
    assert _at_the_directory(directory, journey.username, "not this one") is Outcome.REJECTED
    journey.collect(applicant)
    assert axe(applicant) == []
    assert _at_the_directory(directory, journey.username, journey.initial_password) is Outcome.MUST_CHANGE

    operator = journey.window(WIDE)
    journey.sign_in(operator, journey.initial_password)
    operator.wait_for_url(re.compile("kata-sandi-awal"))
    assert axe(operator) == []
    operator.goto(f"{journey.service.address}/akun-saya")
    expect(operator).to_have_url(re.compile("kata-sandi-awal"))  # Nothing but changing the password is possible.
    for name, value in (("old", journey.initial_password), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)):
        operator.fill(f"[name={name}]", value)
    operator.get_by_role("button", name="Ganti kata sandi", exact=True).click()
    operator.wait_for_url(re.compile(r"/akun-saya/?$"))
    expect(operator.get_by_text("Direktori SIAK").first).to_be_visible()
    assert axe(operator) == []
    assert _at_the_directory(directory, journey.username, NEW_PASSWORD) is Outcome.ACCEPTED
    assert _at_the_directory(directory, journey.username, journey.initial_password) is Outcome.REJECTED
    section_head.goto(journey.request_page)
    expect(section_head.get_by_text("selesai").first).to_be_visible()


def _at_the_directory(directory: Slapd, username: str, password: str) -> Outcome:
    """What OpenLDAP itself says to this name and password."""
    connector = LdapConnector.from_settings(directory.settings(), ConnectorContext("direktori"))
    try:
        assert isinstance(connector, Authenticates)
        return connector.authenticate(username, password).outcome
    finally:
        connector.close()
