"""What an operator's pages say of a system that takes clear text only, and of a password that has run out."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from provisioner.connector import Changes
from provisioner.targets import ENTRY_POINT_GROUP, installed_kinds
from tests.servers.clear_text_table import ClearTextTable
from tests.web.at_work import NEW, AtWork, Operator
from tests.web.house import TABLE, Given
from tests.web.walking import Browser

pytestmark = pytest.mark.usefixtures("store_kind")

SURAT = {"kind": "clear-text", "label": "Surat elektronik", "settings": {"file": "{data_dir}/surat.db"}}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AtWork]:
    point = EntryPoint("clear-text", "tests.servers.clear_text_table:ClearTextTable", ENTRY_POINT_GROUP)
    kinds = {**installed_kinds(), "clear-text": point}
    monkeypatch.setattr("provisioner.targets.installed_kinds", lambda: kinds)
    made = AtWork(Given(tmp_path, settings={"targets": {"akun": TABLE, "surat": SURAT}}))
    yield made
    made.close()


def changed(office: AtWork, one: Operator, browser: Browser) -> str:
    sent = {"old": one.password, "new": NEW, "again": NEW}
    assert browser.post("/akun-saya/kata-sandi-awal", sent).location == "/akun-saya"
    office.core.heart.drain()
    return browser.get("/akun-saya").text


def surat(office: AtWork) -> ClearTextTable:
    found = office.core.targets["surat"].connector
    assert isinstance(found, ClearTextTable)
    return found


def test_what_could_not_be_reached_is_told_and_finished_at_the_next_sign_in(office: AtWork) -> None:
    one = office.operator()
    browser = office.signed_in(one)
    surat(office).moods.down = True
    page = changed(office, one, browser)
    assert "Surat elektronik belum terjangkau" in page
    surat(office).moods.down = False
    office.core.account_systems.retry_now(
        office.desks.official("it"),
        next(each.link_id for each in office.core.accounts.progress(one.account_id) if each.target == "surat"),
    )
    office.core.heart.drain()
    places = browser.get("/akun-saya/tempat").text
    assert "kata sandi menyusul" in places
    assert "Dicoba lagi setiap kali Anda masuk di sini." in places
    office.signed_in(one, NEW)
    office.core.heart.drain()
    assert "kata sandi menyusul" not in browser.get("/akun-saya/tempat").text


def test_what_its_rules_refuse_is_told(office: AtWork) -> None:
    one = office.operator()
    browser = office.signed_in(one)
    surat(office).moods.shortest = 99
    assert "Surat elektronik tidak menerima kata sandi ini" in changed(office, one, browser)


def test_a_password_that_has_run_out_is_not_called_the_initial_one(office: AtWork) -> None:
    one = office.active()
    connector = office.core.targets["akun"].connector
    (entry,) = connector.find(one.account_id)
    assert entry.marker is not None
    connector.update(entry, Changes(must_change=True), entry.marker)
    page = office.signed_in(one, NEW).get("/akun-saya/kata-sandi-awal").text
    assert "habis masa berlakunya" in page
    assert "Kata sandi awal" not in page
