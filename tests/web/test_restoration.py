"""Pemulihan: everybody is told while it is held, and the steps lead to the confirmation."""

from datetime import timedelta

from provisioner.bootstrap import Provisioner
from provisioner.store.tables import RestorationRow
from tests.web.at_work import NEW, AtWork

BANNER = "Dipulihkan dari cadangan. Tidak ada yang dikirim ke sistem"


def restored(core: Provisioner) -> None:
    """As if the office had been restored just now."""
    now = core.context.clock()
    with core.context.store.begin() as session:
        head = core.context.trail.head(session)
        session.add(
            RestorationRow(
                restored_at=now,
                restored_by="pengelola",
                backup_made_at=now - timedelta(hours=20),
                backup_release="0.1.0",
                backup_seq=head.seq,
                backup_hash=head.hash,
                lost_events=12,
                envelopes_void=1,
                tickets_void=2,
                codes_void=0,
                sessions_ended=3,
            )
        )


def test_before_any_restoration_there_is_nothing_to_do(office: AtWork) -> None:
    it = office.at_desk("it")
    assert "Belum pernah dipulihkan" in it.get("/pemulihan").text
    assert BANNER not in it.get("/pengaturan").text
    assert "Belum ada cadangan" in it.get("/pengaturan").text


def test_every_official_is_told_and_who_may_see_the_steps_is_led_there(office: AtWork) -> None:
    restored(office.core)
    for post, led in (("it", True), ("section_head", True), ("head", False), ("secretary", False)):
        desk = office.at_desk(post)
        page = desk.get("/pemulihan" if led else "/buku-agenda" if post == "secretary" else "/kotak-masuk/").text
        assert BANNER in page
        assert ("Lihat langkahnya" in page) is led
    assert office.at_desk("head").get("/pemulihan").status_code == 403
    assert "Petugas TI atau ADB yang memastikan." in office.at_desk("section_head").get("/pemulihan").text


def test_the_steps_lead_to_the_confirmation(office: AtWork) -> None:
    office.active()
    restored(office.core)
    it = office.at_desk("it")
    page = it.get("/pemulihan").text
    assert "sedikitnya 12" in page
    assert "belum dibandingkan" in page
    assert "Pastikan dan lanjutkan" not in page
    assert it.post("/pemulihan/pastikan", {"numbers_seen": "on"}).status_code == 409
    it.post("/pemulihan/bandingkan")
    office.core.heart.drain()
    page = it.get("/pemulihan").text
    assert "sesuai dengan cadangan" in page
    assert "Sudah dilihat sendiri di: SIAK Terpusat" in page
    refused = it.post("/pemulihan/pastikan", {"numbers_seen": "on"})
    assert refused.status_code == 422
    assert "Centang ini sesudah memeriksanya." in refused.text
    it.post("/pemulihan/pastikan", {"numbers_seen": "on", "people_looked": "on", "note": "Sudah dilihat"})
    page = it.get("/pemulihan").text
    assert "Sudah dipastikan oleh" in page
    assert BANNER not in page
    assert it.post("/pemulihan/pastikan", {"numbers_seen": "on"}).status_code == 409


def test_a_number_is_only_ever_set_forwards_and_with_a_reason(office: AtWork) -> None:
    restored(office.core)
    it = office.at_desk("it")
    for sent, said in (
        ({"series": "pact", "number": "1", "reason": "uji"}, "Tulis nomor yang lebih besar"),
        ({"series": "pact", "number": "tiga", "reason": "uji"}, "Tulis nomor yang lebih besar"),
        ({"series": "pact", "number": "30", "reason": ""}, "Wajib diisi."),
        ({"series": "lain", "number": "30", "reason": "uji"}, "Pilih deret nomornya."),
    ):
        refused = it.post("/pemulihan/nomor", sent)
        assert refused.status_code == 422
        assert said in refused.text
    it.post("/pemulihan/nomor", {"series": "pact", "number": "30", "reason": "Dua puluh sembilan sudah tercetak"})
    assert "terakhir menurut cadangan: 29/" in it.get("/pemulihan").text


def test_while_it_is_held_an_operator_comes_in_but_changes_no_password(office: AtWork) -> None:
    operator = office.active()
    restored(office.core)
    browser = office.signed_in(operator, NEW)
    page = browser.post(
        "/akun-saya/kata-sandi", {"old": NEW, "new": "gajah mada minum teh 9", "again": "gajah mada minum teh 9"}
    )
    assert page.status_code == 503
    assert "baru dipulihkan dari cadangan" in page.text
