"""The audit trail as auditors read it."""

import json

import pytest

from provisioner.audit.catalogue import catalogue
from tests.web.at_work import AtWork
from tests.web.walking import Browser
from web.audit_field_words import FIELDS
from web.audit_words import GROUPS, group_of, kinds_of, say


def test_events_read_as_sentences_in_both_languages(office: AtWork) -> None:
    one, auditor = office.operator(), office.at_desk("auditor")
    page = auditor.get("/jejak-audit").text
    assert f"Kepala Seksi menetapkan akun {one.username}" in page
    assert "Kepala Dinas meneruskan surat 800/1 kepada Kepala Bidang." in page
    assert "di sistem Basis data akun" in page
    english = auditor.get("/jejak-audit?lang=en").text
    assert "Head of agency" in english
    assert "Kepala Dinas" not in english


@pytest.mark.parametrize(
    ("kept", "indonesian", "english"),
    [
        ("applicant", "Pemohon", "The applicant"),
        ("head", "Kepala Dinas", "Head of agency"),
        ("Plt. Kepala Seksi", "Plt. Kepala Seksi", "Plt. Section head"),
        ("Petugas TI (root)", "Petugas TI (root)", "IT officer (root)"),
        ("Administrator Database, N. N.", "Administrator Database, N. N.", "Database administrator, N. N."),
        ("Sub-Koordinator", "Sub-Koordinator", "Sub-Koordinator"),
    ],
)
def test_whoever_it_went_to_is_named_in_the_readers_words(
    office: AtWork, kept: str, indonesian: str, english: str
) -> None:
    for language, words in (("id", indonesian), ("en", english)):
        with office.app.test_request_context(f"/jejak-audit?lang={language}"):
            assert say("to", kept) == words


def test_the_fields_stand_behind_each_sentence(office: AtWork) -> None:
    office.operator(opened=False)
    page = office.at_desk("auditor").get("/jejak-audit?kejadian=account-approved").text
    assert "<dt>Nomor surat</dt><dd>800/1</dd>" in page
    assert "<dt>Peran</dt><dd>Operator kelurahan</dd>" in page
    assert page.count("<summary>Rincian") == 1


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("jenis=pakta", "Pakta Integritas", "meneruskan surat"),
        ("cari=800/1", "meneruskan surat", "Amplop untuk akun"),
        ("pelaku=applicant", "Pemohon", "Kepala Dinas meneruskan"),
        ("dari=2090-01-01", "Tidak ada kejadian yang sesuai", "meneruskan"),
        ("sampai=2020-01-01", "Tidak ada kejadian yang sesuai", "meneruskan"),
    ],
)
def test_filters(office: AtWork, query: str, there: str, not_there: str) -> None:
    office.operator(opened=False)
    page = office.at_desk("auditor").get(f"/jejak-audit?{query}").text
    events = page.partition("<h2>Kejadian</h2>")[2]
    assert there in events
    assert not_there not in events


def test_a_date_that_is_none_is_said_and_not_used(office: AtWork) -> None:
    page = office.at_desk("auditor").get("/jejak-audit?dari=kemarin").text
    assert "Tanggal itu tidak dikenal." in page
    assert "menyiapkan aplikasi untuk kantor ini" in page


def test_older_events_are_one_link_away_with_the_same_filters(office: AtWork) -> None:
    for number in range(60):
        office.core.drafting.begin(address=f"10.0.0.{number}")
    auditor = office.at_desk("auditor")
    page = auditor.get("/jejak-audit?jenis=surat").text
    older = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "jenis=surat" in older
    page = auditor.get(older).text
    assert "memulai konsep permohonan" in page
    assert "Yang terbaru" in page


def test_the_head_of_the_chain_is_there_to_be_written_down(office: AtWork) -> None:
    auditor = office.at_desk("auditor")
    head = office.core.trail_reading.head(office.desks.official("auditor"))
    assert head.short in auditor.get("/jejak-audit").text


def test_the_trail_is_downloaded_whole_and_that_is_an_event(office: AtWork) -> None:
    one, auditor = office.operator(), office.at_desk("auditor")
    answer = auditor.post("/jejak-audit/unduh")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-2]["kind"] == "audit-exported"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert one.username not in answer.text
    assert one.username in auditor.post("/jejak-audit/unduh", {"personal": "1"}).text
    assert "mengunduh jejak audit" in auditor.get("/jejak-audit").text


def test_it_carries_the_trail_away_without_personal_data(office: AtWork) -> None:
    it = office.at_desk("it")
    assert "Sertakan data pribadi" not in it.get("/jejak-audit").text
    assert it.post("/jejak-audit/unduh").status_code == 200
    assert it.post("/jejak-audit/unduh", {"personal": "1"}).status_code == 403


def test_heads_read_but_do_not_carry_away(office: AtWork) -> None:
    head = office.at_desk("head")
    assert "Unduh seluruh jejak" not in head.get("/jejak-audit").text
    assert head.post("/jejak-audit/unduh").status_code == 403


def test_others_are_kept_out(office: AtWork) -> None:
    for post in ("adb", "secretary"):
        assert office.at_desk(post).get("/jejak-audit").status_code == 403
    assert Browser(office.app).get("/jejak-audit").location.startswith("/masuk")


def test_every_kind_of_event_has_its_group_and_every_field_its_name() -> None:
    assert [kind for kind in catalogue().words if not group_of(kind)] == []
    assert [name for name in GROUPS if not kinds_of(name)] == []
    fields = {name for kind in catalogue().words for name in catalogue()[kind].fields}
    assert sorted(fields - FIELDS.keys()) == []
