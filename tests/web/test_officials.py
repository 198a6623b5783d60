"""IT looks after the officials' own accounts."""

import re
import subprocess

import pytest

from provisioner.errors import AuthenticationFailed
from provisioner.provisioning.officials import OfficialProfile
from tests.web.at_work import AtWork
from tests.web.walking import Browser

NEW_OFFICIAL = {"username": "baru", "full_name": "Endang Purwanti", "posts": ["adb"], "title_suffix": "S.Sos."}


def password_in(pdf: bytes) -> str:
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    found = re.search(r"Kata sandi\s+:\s+(\S+)", text)
    assert found is not None, text
    return found[1]


def test_a_new_official_gets_an_envelope_to_print_and_no_page_shows_the_password(office: AtWork) -> None:
    it = office.at_desk("it")
    assert it.post("/pejabat/tambah", NEW_OFFICIAL).location == "/pejabat/baru"
    page = it.get("/pejabat/baru").text
    assert "Belum dibuat." in page
    assert "Endang Purwanti, S.Sos." in it.get("/pejabat").text
    first, second = it.post("/pejabat/baru/amplop"), it.post("/pejabat/baru/amplop")
    assert (second.headers["Content-Type"], second.headers["Cache-Control"]) == ("application/pdf", "no-store")
    password = password_in(second.data)
    page = it.get("/pejabat/baru").text
    assert "belum dipakai" in page
    assert password not in page
    with pytest.raises(AuthenticationFailed):
        office.core.sign_in.sign_in("baru", password_in(first.data))
    assert office.core.sign_in.sign_in("baru", password).stage == "change"
    assert "membuat kata sandi pertama untuk pejabat baru" in it.get("/jejak-audit").text


def test_who_has_a_password_of_their_own_gets_no_envelope(office: AtWork) -> None:
    profile, first = OfficialProfile("adb", "Bagus Setiawan", ("adb",)), "kata-sandi-lama-1"
    office.core.officials.add(profile, password=first)
    sign_in = office.core.sign_in
    session = sign_in.session(sign_in.sign_in("adb", first).token)
    assert session is not None
    sign_in.change_password(session.info, first, "dermaga-lumut-73-kelana")
    it = office.at_desk("it")
    assert "Amplop kata sandi pertama" not in it.get("/pejabat/adb").text
    refused = it.post("/pejabat/adb/amplop")
    assert refused.status_code == 409
    assert "sudah memilih kata sandinya sendiri" in refused.text
    assert office.at_desk("head").post("/pejabat/it/amplop").status_code == 403


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"username": "it"}, "sudah ada"),
        ({"posts": []}, "Pilih dari daftar."),
        ({"full_name": ""}, "Wajib diisi."),
        ({"expires_on": "besok"}, "Tulis tanggal"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_kept(office: AtWork, changes: dict[str, object], text: str) -> None:
    it = office.at_desk("it")
    answer = it.post("/pejabat/tambah", {**NEW_OFFICIAL, **changes})
    assert answer.status_code == 422
    assert text in answer.text
    assert it.get("/pejabat/baru").status_code == 404


def test_suspending_ends_every_session_and_can_be_taken_back(office: AtWork) -> None:
    it, adb = office.at_desk("it"), office.at_desk("adb")
    assert it.post("/pejabat/adb/bekukan", {"reason": "Dipakai orang lain"}).location == "/pejabat/adb"
    assert adb.get("/antrean").status_code == 302
    assert "Dibekukan sejak" in it.get("/pejabat/adb").text
    it.post("/pejabat/adb/aktifkan")
    assert "Dibekukan sejak" not in it.get("/pejabat/adb").text


def test_sessions_can_be_ended_alone(office: AtWork) -> None:
    it, adb = office.at_desk("it"), office.at_desk("adb")
    it.post("/pejabat/adb/sesi/akhiri")
    assert adb.get("/antrean").status_code == 302


def test_a_reset_leaves_nothing_that_lets_in_until_the_envelope_is_made(office: AtWork) -> None:
    it, adb = office.at_desk("it"), office.at_desk("adb")
    assert it.post("/pejabat/adb/reset").location == "/pejabat/adb"
    assert adb.get("/antrean").status_code == 302
    envelope = it.post("/pejabat/adb/amplop")
    assert office.core.sign_in.sign_in("adb", password_in(envelope.data)).stage == "change"


def test_decisions_since_a_day_are_listed_and_the_looking_is_recorded(office: AtWork) -> None:
    office.operator(opened=False)
    it = office.at_desk("it")
    page = it.get("/pejabat/section-head/keputusan").text
    assert "menyetujui" in page
    assert "menandatangani pakta" in page
    assert "Tidak ada keputusan sejak hari itu" in it.get("/pejabat/section-head/keputusan?sejak=2090-01-01").text
    assert "melihat daftar keputusan" in it.get("/jejak-audit").text


def test_nobody_suspends_themselves_by_accident(office: AtWork) -> None:
    page = office.at_desk("it").get("/pejabat/it").text
    assert "Ini akun Anda sendiri" in page
    assert "Bekukan sekarang" not in page


def test_an_auditor_may_list_decisions_and_nothing_else(office: AtWork) -> None:
    office.desks.official("head")
    auditor = office.at_desk("auditor")
    assert auditor.get("/pejabat/head/keputusan").status_code == 200
    assert auditor.get("/pejabat").status_code == 403
    assert auditor.post("/pejabat/head/bekukan").status_code == 403


def test_others_are_kept_out(office: AtWork) -> None:
    for post in ("head", "section_head", "adb", "secretary"):
        assert office.at_desk(post).get("/pejabat").status_code == 403
    assert Browser(office.app).get("/pejabat").location.startswith("/masuk")


def test_an_unknown_official_is_not_found(office: AtWork) -> None:
    assert office.at_desk("it").get("/pejabat/tidak-ada").status_code == 404
