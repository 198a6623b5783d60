"""The page of systems, and what it lets whom do."""

from tests.web.at_work import AtWork


def test_every_system_is_shown_with_what_waits_and_what_was_found(office: AtWork) -> None:
    office.active()
    browser = office.at_desk("it")
    assert "Belum pernah diperiksa" in browser.get("/sistem").text
    assert browser.post("/sistem/akun/periksa", {}).status_code == 302
    page = browser.get("/sistem").text
    assert "menjawab" in page
    assert "Kata sandi awal memenuhinya" in page
    assert "Sedikitnya 10 tanda" in page


def test_it_pauses_and_resumes(office: AtWork) -> None:
    browser = office.at_desk("it")
    browser.post("/sistem/akun/hentikan", {"reason": "pindah server"})
    page = browser.get("/sistem").text
    assert "pindah server" in page
    assert "Lanjutkan pengiriman" in page
    browser.post("/sistem/akun/lanjutkan", {})
    assert "Lanjutkan pengiriman" not in browser.get("/sistem").text


def test_the_adb_checks_and_retries_but_does_not_pause(office: AtWork) -> None:
    browser = office.at_desk("adb")
    assert "Hentikan sementara" not in browser.get("/sistem").text
    assert browser.post("/sistem/akun/coba-lagi", {}).status_code == 302
    assert browser.post("/sistem/akun/hentikan", {}).status_code == 403


def test_the_head_does_not_see_the_systems(office: AtWork) -> None:
    assert office.at_desk("head").get("/sistem").status_code == 403


def test_a_change_that_needs_a_value_is_asked_for_it(office: AtWork) -> None:
    one = office.active()
    browser = office.at_desk("it")
    path = f"/akun/{one.account_id}/rencana?perubahan="
    assert "nama.baru" in browser.get(f"{path}rename&username=nama.baru").text
    assert "2027-12-31" in browser.get(f"{path}extend&valid_until=2027-12-31").text
    assert browser.get(f"{path}extend&valid_until=besok").status_code == 200
    assert "Tidak mungkin sekarang" in browser.get(f"{path}delete").text
