"""IT looks after the officials' own accounts."""

import pytest

from tests.web.at_work import AtWork
from tests.web.walking import Browser, value_of

NEW_OFFICIAL = {"username": "baru", "full_name": "Endang Purwanti", "posts": ["adb"], "title_suffix": "S.Sos."}


def test_a_new_official_gets_a_password_that_is_shown_once(office: AtWork) -> None:
    it = office.at_desk("it")
    answer = it.post("/pejabat/tambah", NEW_OFFICIAL)
    password = value_of(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert office.core.sign_in.sign_in("baru", password).stage == "change"
    assert "Endang Purwanti, S.Sos." in it.get("/pejabat").text
    assert password not in it.get("/pejabat/baru").text


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


def test_a_reset_gives_a_new_first_password(office: AtWork) -> None:
    it = office.at_desk("it")
    office.desks.official("adb")
    answer = it.post("/pejabat/adb/reset")
    assert office.core.sign_in.sign_in("adb", value_of(answer.text)).stage == "change"


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
