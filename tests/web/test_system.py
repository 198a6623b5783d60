"""Is everything as it must be, and how is it set."""

from pathlib import Path

import pytest

from tests.web.at_work import NEW, AtWork
from tests.web.house import TABLE, Given
from tests.web.walking import Browser

pytestmark = pytest.mark.usefixtures("store_kind")


def test_nothing_is_asked_of_a_system_until_somebody_wants_it(tmp_path: Path) -> None:
    away = {**TABLE, "settings": {"url": "sqlite:////nowhere/at/all/accounts.db"}}
    office = AtWork(Given(tmp_path, settings={"targets": {"akun": away}}))
    it = office.at_desk("it")
    page = it.get("/pengaturan").text
    assert "Periksa sekarang" in page
    assert "chip bad" not in page
    checked = it.post("/pengaturan/periksa").text
    assert "Ada yang salah." in checked
    assert "Basis data akun" in checked
    office.close()


def test_a_check_tells_what_needs_attention_and_what_to_do(office: AtWork) -> None:
    page = office.at_desk("it").post("/pengaturan/periksa").text
    assert "Salinan kedua kunci" in page
    assert "provisioner keys paper --check" in page
    assert "Berjalan, tetapi ada yang perlu perhatian." in page


def test_what_is_wrong_is_said_in_the_readers_language_and_what_is_good_without_words(office: AtWork) -> None:
    it = office.at_desk("it")
    page = it.post("/pengaturan/periksa").text
    assert "Tanpa kunci, data hilang." in page
    assert "no second copy" not in page
    assert '<small lang="en">the text of revision 2026-1 is a draft</small>' in page
    assert "up to date" not in page
    assert page.count("Aturan kata sandi") == 2, "once for each system"
    assert page.count("tidak diketahui") == 6, (
        "a file and people have no clock and no certificate, people no rights and no rules"
    )
    english = it.post("/pengaturan/periksa?lang=en").text
    assert "No second copy is confirmed to hold the keys of now." in english


def test_it_says_from_where_pages_may_be_reached(tmp_path: Path) -> None:
    networks = {"it": ["127.0.0.0/8"], "operators": []}
    office = AtWork(Given(tmp_path, settings={"web": {"networks": networks}}))
    page = office.at_desk("it").get("/pengaturan").text
    assert "<dt>Jaringan: pemohon</dt><dd>dari mana saja</dd>" in page
    assert "<dt>Jaringan: TI</dt><dd>127.0.0.0/8</dd>" in page
    assert "<dt>Jaringan: operator</dt><dd>tertutup</dd>" in page
    office.close()


def test_settings_are_shown_without_secrets_or_places_of_files(office: AtWork) -> None:
    page = office.at_desk("it").get("/pengaturan").text
    assert "SOP/PIPD/PIAK/04" in page
    assert "sedikitnya 12 tanda" in page
    assert "SIAK Terpusat" in page
    assert "sqlite:" not in page
    assert "keyring" not in page


def test_it_counts_who_is_signed_in(office: AtWork) -> None:
    office.signed_in(office.active(), NEW)
    page = office.at_desk("it").get("/pengaturan").text
    assert "<dt>Pejabat</dt><dd>1</dd>" in page
    assert "<dt>Operator</dt><dd>1</dd>" in page


def test_only_it_is_let_in(office: AtWork) -> None:
    for post in ("head", "adb", "auditor"):
        assert office.at_desk(post).get("/pengaturan").status_code == 403
    assert Browser(office.app).get("/pengaturan").location.startswith("/masuk")
