"""The list of requests, and one request with everything a desk does about it."""

import re
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote

import pytest
from flask import Flask

from provisioner.letter import LetterState
from provisioner.request import RequestState
from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice, person
from tests.web.desk import Desk
from web.app import create_app
from web.pages.requests import FILTERS


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def app(office: RealOffice) -> Flask:
    return create_app(office.core)


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def _form(office: RealOffice, who: Applicant, **changes: str) -> dict[str, str]:
    approval = office.approval(who)
    return {
        "username": approval.username,
        "check_code": approval.check_code,
        "person_confirmed": "1",
        "answer": "Disetujui.",
        **changes,
    }


def test_the_list_is_searched_filtered_and_empty_with_a_word(office: RealOffice, desk: Desk) -> None:
    desk.sign_in("auditor").get("/permohonan/")
    assert "Belum ada permohonan" in desk.page
    office.new("review", 0)
    office.new("sent", 1)
    desk.get("/permohonan/?q=agus")
    assert "Agus Lestari" in desk.page
    assert "Dewi Lestari" not in desk.page
    desk.get("/permohonan/?status=review")
    assert "Dewi Lestari" in desk.page
    assert "Agus Lestari" not in desk.page
    assert "Dewi Lestari" in desk.get("/permohonan/?q=3576024107950001").page
    assert "Tidak ada yang cocok" in desk.get("/permohonan/?q=%25%25&status=done").page


def test_every_state_in_which_the_list_shows_a_request_has_a_filter() -> None:
    of_requests = {state.value for state in RequestState} - {RequestState.WITH_LETTER}
    of_letters = {LetterState.DISPOSING, LetterState.RETURNED}
    assert set(FILTERS) == {"open"} | of_requests | of_letters


def _in_every_state(office: RealOffice) -> dict[str, Applicant]:
    """Somebody in each state of the list."""
    people = {"disposing": office.new("sent", 0)}
    people["returned"] = office.new("sent", 1)
    letter = office.letter(people["returned"])
    office.core.desks.return_for_repair(office.actor("head"), letter.id, letter.revision, "perbaiki")
    people["bio-form"] = office.bring(office.draft({}), "review")
    for number, state in enumerate(("review", "pact-applicant", "pact-official", "creation"), 2):
        people[state] = office.new(state, number)
    for number, state in enumerate(("rejected", "withdrawn"), 6):
        people[state] = office.new("review", number)
    row = office.request(people["rejected"])
    office.core.review.reject(office.actor("section_head"), row.id, row.revision, "tidak perlu")
    office.core.repair.withdraw(people["withdrawn"].request_id)
    return people


def test_each_filter_finds_what_is_shown_in_its_state_and_nothing_else(office: RealOffice, desk: Desk) -> None:
    people = _in_every_state(office)
    desk.sign_in("auditor")
    for state, who in people.items():
        desk.get(f"/permohonan/?status={state}")
        assert set(re.findall(r"/permohonan/([0-9a-f]{32})", desk.html)) == {who.request_id}, state
    still = {who.request_id for state, who in people.items() if state not in ("rejected", "withdrawn")}
    assert set(re.findall(r"/permohonan/([0-9a-f]{32})", desk.get("/permohonan/?status=open").html)) == still


def test_a_revoked_request_is_found_by_its_filter(office: RealOffice, desk: Desk) -> None:
    who = office.new("handover")
    account = office.request(who).account_id
    assert account
    office.core.accounts.revoke(office.actor("it"), account, office.core.office.revocation_reasons[0].code)
    assert "Dewi Lestari" in desk.sign_in("auditor").get("/permohonan/?status=revoked").page
    assert "Tidak ada yang cocok" in desk.get("/permohonan/?status=handover").page


@pytest.mark.parametrize(
    "query", ["status=entah", "status=with-letter", "status=draft", "hal=999999", "hal=-1", "hal=x&status=&q="]
)
def test_a_list_that_nobody_linked_to_is_an_ordinary_page(office: RealOffice, desk: Desk, query: str) -> None:
    office.new("sent")
    assert desk.sign_in("auditor").get(f"/permohonan/?{query}").status == 200
    assert office.core.request_search.find(office.actor("auditor"), state="entah") == ([], 0)


def test_a_request_that_started_again_shows_the_round_before(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    row, old = office.request(who), office.letter(who).id
    office.core.review.return_for_repair(office.actor("section_head"), row.id, row.revision, "Peran keliru.")
    office.fill(who, person(0, role="OPERATOR_KECAMATAN", region_scope="35.76.02"))
    office.core.repair.resubmit(who.request_id)
    desk.sign_in("head").get(f"/permohonan/{who.request_id}")
    assert "Peran keliru." in desk.page
    assert "mengajukan ulang dengan perubahan; dimulai lagi dari Kepala Dinas." in desk.page
    assert "Putaran sebelumnya." in desk.page
    assert f'href="/surat/{old}"' in desk.html
    desk.get(f"/surat/{office.letter(who).id}")
    assert f'href="/surat/{old}"' in desk.html
    desk.get(f"/surat/{old}")
    assert "dimulai lagi" in desk.page
    assert f'href="/surat/{office.letter(who).id}"' in desk.html


def test_a_code_that_ended_with_the_request_is_said_to_have_ended(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", "Datang dengan KTP")
    office.core.repair.withdraw(who.request_id)
    desk.sign_in("adb").get(f"/permohonan/{who.request_id}")
    assert "tidak berlaku lagi, karena permohonan ini sudah berakhir" in desk.page
    assert "Tidak ada yang menunggu Anda" in desk.get("/kotak-masuk/").page


def test_a_long_list_has_pages(office: RealOffice, desk: Desk) -> None:
    for number in range(26):
        office.clock.move(minutes=10)
        office.new("sent", number, full_name=f"Orang {'abcdefghijklmnopqrstuvwxyz'[number]} Keduapuluhenam")
    desk.sign_in("head").get("/permohonan/")
    assert "1–25 dari 26" in desk.page
    assert "26–26 dari 26" in desk.get("/permohonan/?hal=2").page


def test_opening_starts_the_clock_of_the_desk_that_holds_it_and_of_nobody_else(
    office: RealOffice, app: Flask, desk: Desk
) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    office.clock.move(minutes=20)
    assert "20 menit di meja sebelum dibuka" in Desk(app).sign_in("head").get(there).page
    desk.sign_in("section_head").get(there)
    assert "Langkah 4 dari 6 · di meja Anda" in desk.page
    office.clock.move(minutes=12)
    desk.get(there)
    assert "12 / 10 menit" in desk.page
    assert "20 menit di meja sebelum dibuka" in desk.page


def test_the_nik_is_masked_until_it_is_asked_for_and_that_is_written_down(
    office: RealOffice, app: Flask, desk: Desk
) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    assert "3576024107950001" not in desk.html
    desk.post(f"{there}/nik")
    assert "3576024107950001" in desk.html
    assert len(office.events("nik-shown")) == 1
    auditor = Desk(app).sign_in("auditor").get(there)
    assert f"{there}/nik" not in auditor.html
    assert auditor.get("/pejabat-saya").post(f"{there}/nik").status == 403


def test_odd_things_in_the_bio_form_stand_beside_the_field(office: RealOffice, desk: Desk) -> None:
    who = office.new("review", mail="dewi@example.com")
    desk.sign_in("section_head").get(f"/permohonan/{who.request_id}")
    assert "Ini bukan surel dinas (.go.id)." in desk.page


def test_a_person_who_is_known_already_is_told_to_the_desk(office: RealOffice, desk: Desk) -> None:
    office.new("done", 0)
    again = office.new("review", 0)
    desk.sign_in("section_head").get(f"/permohonan/{again.request_id}")
    assert "Orang ini sudah mempunyai akun dewi.handayani." in desk.page


def test_a_name_is_offered_and_every_system_says_whether_it_is_free(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    assert 'value="dewi.handayani"' in desk.html
    fragment = desk.client.get(f"{there}/nama?nama=dewi.handayani")
    assert fragment.headers["X-Live"] == "done"
    assert "bebas" in fragment.text
    desk.post(f"{there}/periksa-nama", {"username": "Dewi!", "answer": "Sudah diketik."})
    assert "Nama pengguna hanya berisi" in desk.page
    assert "Sudah diketik." in desk.page


def test_a_taken_name_stays_in_the_form_with_the_reason(office: RealOffice, desk: Desk) -> None:
    office.new("done", 0)
    who = office.new("review", 1)
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    desk.post(f"{there}/setujui", _form(office, who, username="dewi.handayani"))
    assert desk.status == 422
    assert "sudah dipakai atau pernah dipakai" in desk.page
    assert "Disetujui." in desk.page
    better = desk.client.get(f"{there}/nama?nama=dewi.handayani").text
    assert "agus.handayani" in better


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"check_code": "AAAA-AAAA"}, "Tidak cocok."),
        ({"person_confirmed": ""}, "Wajib diisi."),
        ({"valid_until": "2020-01-01"}, "Tanggalnya sudah lewat."),
        ({"valid_until": "besok"}, "Tulis tanggal"),
        ({"username": "x"}, "Nama pengguna terlalu pendek."),
    ],
)
def test_what_is_wrong_with_an_approval_is_said_at_its_field(
    office: RealOffice, desk: Desk, change: dict[str, str], said: str
) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    desk.post(f"{there}/setujui", _form(office, who, **change))
    assert desk.status == 422
    assert said in desk.page
    assert office.request(who).state == "review"


def test_approving_makes_the_pact_and_can_be_undone_until_the_applicant_looks(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there).post(f"{there}/setujui", _form(office, who))
    assert "Pakta sudah dibuat" in desk.page
    assert "menunggu pemohon" in desk.page
    assert "Waktu langkah ini berhenti." in desk.page
    undo = re.search(rf"{there}/tindakan/[0-9a-f]+/batalkan", desk.html)
    assert undo
    desk.post(undo.group(0))
    assert "Permohonan kembali di meja Anda" in desk.page
    assert office.request(who).state == "review"


def test_the_applicant_is_reached_without_a_code_or_personal_data(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("pact-applicant")
    desk.sign_in("section_head").get(f"/permohonan/{who.request_id}")
    found = re.search(r'href="(https://wa\.me/6281234567890\?text=[^"]+)"', desk.html)
    assert found
    text = unquote(found.group(1))
    assert "Dewi" not in text
    assert who.tracking_code not in text
    assert "/lacak" in text
    assert 'href="tel:+6281234567890"' in desk.html
    assert "wa.me" not in Desk(app).sign_in("auditor").get(f"/permohonan/{who.request_id}").html


def test_the_desk_tells_of_a_replaced_code_without_a_code_or_personal_data(
    office: RealOffice, app: Flask, desk: Desk
) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, "lost", "Datang dengan KTP")
    (line,) = office.core.enrolment.waiting(office.actor("adb"))
    code = office.core.enrolment.agree(office.actor("adb"), line.id)
    assert "wa.me" not in desk.sign_in("adb").get(there).html
    made = office.core.enrolment.exchange(code)
    desk.get(there)
    assert "Kirim WhatsApp: kode diganti" in desk.page
    found = re.search(r'href="(https://wa\.me/6281234567890\?text=[^"]+)"', desk.html)
    assert found
    text = unquote(found.group(1))
    assert "diganti pada 8 Juni 2026" in text
    for secret in ("Dewi", who.tracking_code, code, made.ticket, made.check_code, who.bio["nik"]):
        assert secret not in text
    assert "wa.me" not in Desk(app).sign_in("it").get(there).html


def test_returning_and_rejecting_need_a_reason(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there).post(f"{there}/kembalikan", {"return_reason": ""})
    assert desk.status == 422
    desk.post(f"{there}/tolak", {"reject_reason": ""})
    assert desk.status == 422
    desk.post(f"{there}/kembalikan", {"return_reason": "Lampirkan SK."})
    assert "Lampirkan SK." in desk.page
    assert office.request(who).state == "returned"
    other = office.new("review", 1)
    there = f"/permohonan/{other.request_id}"
    desk.get(there).post(f"{there}/tolak", {"reject_reason": "Tidak diperlukan."})
    assert "Permohonan ditolak" in desk.page
    assert office.request(other).state == "rejected"


def test_somebody_faster_is_told_with_what_is_the_case_now(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("review")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    Desk(app).sign_in("section_head").get(there).post(f"{there}/tolak", {"reject_reason": "Tidak perlu."})
    desk.post(f"{there}/setujui", _form(office, who))
    assert desk.status == 409
    assert "Sudah ditindaklanjuti" in desk.page
    assert "ditolak" in desk.page


def test_a_section_head_does_not_decide_on_an_own_request(office: RealOffice, desk: Desk) -> None:
    who = office.new("review", nik="3576010101700003", birth_date="1970-01-01", sex="male")
    desk.sign_in("section_head").get(f"/permohonan/{who.request_id}")
    assert "Permohonan Anda sendiri." in desk.page
    assert "/setujui" not in desk.html


def test_the_systems_progress_and_who_made_the_account_are_shown(office: RealOffice, desk: Desk) -> None:
    who = office.new("creation")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    assert "sistem, atas keputusan Kepala Seksi" in desk.page
    assert f'data-live="{there}/kemajuan?dari=creation"' in desk.html
    assert "X-Live" not in desk.client.get(f"{there}/kemajuan?dari=creation").headers
    office.core.heart.drain()
    answer = desk.client.get(f"{there}/kemajuan?dari=creation")
    assert answer.headers["X-Live"] == "done"
    assert answer.headers["X-Live-Next"] == there, "the heading of the page tells a step that is over"
    assert "X-Live-Next" not in desk.client.get(f"{there}/kemajuan?dari=handover").headers
    assert "selesai" in answer.text
    assert "siap diambil" in answer.text


def test_step_five_by_button_names_who_pressed_it(make_office: MakeOffice) -> None:
    office = make_office(procedure={"step_5": "button"})
    who = office.new("creation")
    there = f"/permohonan/{who.request_id}"
    desk = Desk(create_app(office.core)).sign_in("adb").get(there)
    desk.post(f"{there}/buat-akun")
    assert "Akun sedang dibuat" in desk.page
    assert "Administrator Database, Pejabat Adb" in desk.page
    assert "sistem, atas keputusan" not in desk.page
    desk.post(f"{there}/buat-akun")
    assert desk.status == 409


def test_a_lost_code_is_asked_for_with_how_the_person_was_checked(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("pact-applicant")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    desk.post(f"{there}/kode-pengganti", {"code_reason": "lost", "person_check": ""})
    assert desk.status == 422
    desk.post(f"{there}/kode-pengganti", {"code_reason": "lost", "person_check": "Datang dengan KTP"})
    assert "menunggu pejabat kedua" in desk.page
    second = Desk(app).sign_in("adb").get(there)
    agree = re.search(r"/permohonan/kode-pengganti/[0-9a-f]+/setujui", second.html)
    assert agree
    second.post(agree.group(0))
    assert "hanya tampil satu kali" in second.page
    assert second.status == 200
    second.get(there).post(agree.group(0))
    assert second.status == 409


def test_the_unfinished_pact_can_be_made_anew(office: RealOffice, desk: Desk) -> None:
    who = office.new("pact-official")
    there = f"/permohonan/{who.request_id}"
    desk.sign_in("section_head").get(there)
    desk.post(f"{there}/pakta-ulang")
    assert "Pakta dibatalkan" in desk.page
    assert office.request(who).state == "review"


@pytest.mark.parametrize("path", ["setujui", "kembalikan", "tolak", "pakta-ulang", "buat-akun"])
def test_the_core_refuses_posts_that_may_not(office: RealOffice, desk: Desk, path: str) -> None:
    who = office.new("review")
    desk.sign_in("auditor").get("/pejabat-saya")
    fields = {"revision": "1", "return_reason": "x", "reject_reason": "x", **_form(office, who)}
    assert desk.post(f"/permohonan/{who.request_id}/{path}", fields).status in (403, 409)
    assert office.request(who).state == "review"


def test_everybody_on_the_way_reads_in_english(office: RealOffice, desk: Desk) -> None:
    first = office.draft(person(0), {})
    office.bring(first, "review")
    page = desk.sign_in("section_head").get(f"/permohonan/{first.request_id}?lang=en").page
    assert "Step 4 of 6 · on your desk" in page
    assert "Approve and make the pact" in page


def test_the_history_names_posts_in_the_readers_language(office: RealOffice, app: Flask, desk: Desk) -> None:
    who = office.new("sent")
    day = office.core.context.today()
    office.core.mandates.add("auditor", "head", "PLH", ("800/9", day), (day, day), office.actor("it"))
    letter = office.letter(who)
    office.core.desks.forward(office.actor("auditor"), letter.id, letter.revision)
    office.forward(who, "division_head")
    there = f"/permohonan/{who.request_id}"
    page = desk.sign_in("section_head").get(f"{there}?lang=en").page
    assert "Plh. Head of agency, Pejabat Auditor forwarded the letter to" in page
    assert "Division head, Pejabat Division Head" in page
    assert "Disposition by Head of agency" in page
    assert "Kepala" not in page.replace("Kepala Dinas Kependudukan", "")
    page = Desk(app).sign_in("section_head").get(f"{there}?lang=id").page
    assert "Plh. Kepala Dinas, Pejabat Auditor meneruskan surat kepada Kepala Bidang." in page
    assert "Disposisi Kadis" in page


def test_a_post_without_english_words_keeps_its_own(make_office: MakeOffice, tmp_path: Path) -> None:
    files = copytree(make_office().settings.office_dir, tmp_path / "words")
    words = (files / "office.toml").read_text(encoding="utf-8")
    english = 'label = { id = "Kepala Bidang", en = "Division head" }'
    assert english in words
    (files / "office.toml").write_text(words.replace(english, 'label = { id = "Kepala Bidang" }'), encoding="utf-8")
    office = make_office(office_dir=files)
    who = office.new("review")
    page = Desk(create_app(office.core)).sign_in("head").get(f"/permohonan/{who.request_id}?lang=en").page
    assert "Kepala Bidang, Pejabat Division Head" in page
    assert "Head of agency, Pejabat Head" in page


def test_the_same_nip_under_another_nik_is_a_warning_that_leads_to_the_other_person(
    office: RealOffice, desk: Desk
) -> None:
    first = office.new("done")
    second = office.new("review", 1, staff_number=person(0)["staff_number"])
    desk.sign_in("section_head").get(f"/permohonan/{second.request_id}")
    assert "dengan NIK yang berbeda" in desk.page
    assert f'href="/akun/{office.request(first).account_id}"' in desk.html
    assert "dengan NIK yang berbeda" not in desk.get(f"/permohonan/{first.request_id}").page
