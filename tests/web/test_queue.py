"""What waits for a person: cards, trouble, help, replacements, codes."""

from html import unescape

from provisioner.connector import Marker, NewAccount, Profile
from tests.web.at_work import NEW, AtWork, Operator
from tests.web.walking import Browser, value_of

CHECK = "Datang sendiri membawa KTP-el"


def asked(office: AtWork, one: Operator, kind: str = "forgotten") -> str:
    """A help card's id."""
    office.core.help_cards.ask(one.username, kind)
    (card,) = office.core.help_answers.waiting(office.desks.official("adb"))
    return card.id


def test_an_empty_queue_says_that_all_is_well(office: AtWork) -> None:
    assert "Tidak ada yang menunggu" in office.at_desk("adb").get("/antrean").text


def test_a_card_shows_the_fields_in_the_order_of_that_systems_screen(office: AtWork) -> None:
    one, adb = office.operator(opened=False), office.at_desk("adb")
    assert f"Buat akun: {one.username}" in adb.get("/antrean").text
    (card,) = office.core.cards.open(office.desks.official("adb"))
    page = adb.get(f"/antrean/kartu/{card.id}").text
    places = [page.index(f"<dt>{label}</dt>") for label in ("Nama lengkap", "NIP", "Nama pengguna")]
    assert places == sorted(places)
    assert f'data-copy="{one.username}"' in page


def test_what_that_system_gave_is_sealed_at_once_and_shown_nowhere(office: AtWork) -> None:
    office.operator(opened=False)
    adb = office.at_desk("adb")
    (card,) = office.core.cards.open(office.desks.official("adb"))
    refused = adb.post(f"/antrean/kartu/{card.id}/akun", {"username": "", "password": "Awal-1234"})
    assert refused.status_code == 422
    assert "Awal-1234" not in refused.text
    no_password = adb.post(f"/antrean/kartu/{card.id}/akun", {"username": "dewi01", "password": ""})
    assert 'href="#password"' in no_password.text
    done = adb.post(f"/antrean/kartu/{card.id}/akun", {"username": "dewi01", "password": " Awal-1234"})
    assert done.location == "/antrean"
    office.core.heart.drain()
    assert "Kartu tugas ini sudah diselesaikan." in adb.get(f"/antrean/kartu/{card.id}").text
    assert adb.post(f"/antrean/kartu/{card.id}/akun", {"username": "x", "password": "y"}).status_code == 409


def test_a_card_without_a_usable_code_says_what_to_do(office: AtWork) -> None:
    one = office.active()
    adb, it = office.at_desk("adb"), office.desks.official("it")
    (card,) = office.core.cards.open(office.desks.official("adb"))
    office.core.cards.confirm_created(office.desks.official("adb"), card.id, "dewi01", "Awal-1234")
    office.core.heart.drain()
    office.core.accounts.reset(it, one.account_id, person_check=CHECK)
    office.core.heart.drain()
    cards = office.core.cards.open(office.desks.official("adb"))
    for each in cards:
        page = adb.get(f"/antrean/kartu/{each.id}").text
        assert ("Belum dapat diselesaikan." in page) is not each.ticket_ready


def test_a_card_that_shuts_an_account_is_only_confirmed(office: AtWork) -> None:
    one, adb = office.active(), office.at_desk("adb")
    office.core.accounts.suspend_now(office.desks.official("it"), one.account_id)
    office.core.heart.drain()
    (card,) = office.core.cards.open(office.desks.official("adb"))
    assert 'name="password"' not in adb.get(f"/antrean/kartu/{card.id}").text
    assert adb.post(f"/antrean/kartu/{card.id}/selesai", {"evidence": "Tangkapan layar"}).location == "/antrean"
    office.core.heart.drain()
    assert "Nonaktifkan akun" not in adb.get("/antrean").text


def test_trouble_is_told_with_its_reason_and_tried_again(office: AtWork) -> None:
    one = office.operator(drained=False)
    stranger = NewAccount(one.username, Marker("orang-lain", 1), Profile("Orang Lain", "Orang Lain", "X", "Y"))
    office.core.targets["akun"].connector.create(stranger)
    office.core.heart.drain()
    adb = office.at_desk("adb")
    page = adb.get("/antrean").text
    assert "Nama pengguna ini di sana sudah dipakai akun lain." in page
    assert "Tidak ada yang hilang" in page
    link = next(each for each in office.core.accounts.progress(one.account_id) if each.reason)
    assert adb.post(f"/antrean/sistem/{link.link_id}/coba-lagi").location == "/antrean"


def test_help_is_answered_once_the_person_is_sure(office: AtWork) -> None:
    one, adb = office.active(), office.at_desk("adb")
    card = asked(office, one)
    assert "Lupa kata sandi" in adb.get("/antrean").text
    assert one.username in adb.get(f"/antrean/bantuan/{card}").text
    assert adb.post(f"/antrean/bantuan/{card}/reset", {"person_check": ""}).status_code == 422
    assert office.core.operators.sign_in(one.username, NEW)[1] == "full"
    assert adb.post(f"/antrean/bantuan/{card}/reset", {"person_check": CHECK}).location == "/antrean#kode"
    assert "sudah dijawab" in adb.get(f"/antrean/bantuan/{card}").text
    assert adb.get("/antrean/bantuan/tidak-ada").status_code == 404
    assert [line.person_check for line in office.core.enrolment.waiting(office.desks.official("adb"))] == [CHECK]


def test_help_may_end_without_a_reset_or_be_refused(office: AtWork) -> None:
    one, adb = office.active(), office.at_desk("adb")
    adb.post(f"/antrean/bantuan/{asked(office, one, 'locked')}/selesai", {"person_check": CHECK})
    adb.post(f"/antrean/bantuan/{asked(office, one)}/tolak", {"note": "Tidak dikenal"})
    assert "Tidak dapat dipastikan" not in adb.get("/antrean").text
    assert office.core.operators.sign_in(one.username, NEW)[1] == "full"


def test_a_try_to_open_an_envelope_from_elsewhere_is_an_alarm_until_it_is_looked_into(office: AtWork) -> None:
    one, adb, it = office.operator(), office.at_desk("adb"), office.at_desk("it")
    account = f"/akun/{one.account_id}"
    assert "belum diperiksa" not in adb.get("/antrean").text
    Browser(office.app).post("/ambil-akun", {"kode": one.ticket})
    for official in (adb, it):
        for page in ("/antrean", "/kotak-masuk/"):
            assert "belum diperiksa" in official.get(page).text, page
            assert f'href="{account}#peringatan"' in official.get(page).text
        assert "Apa yang ditemukan?" in official.get(account).text
    (alarm,) = office.core.envelope_alarms.standing(office.desks.official("adb"))
    examine = f"{account}/peringatan/{alarm.id}"
    assert adb.post(examine, {"found": ""}).status_code == 422
    assert adb.post(examine, {"found": "Ditelepon: ia sendiri"}).location == account
    for page in ("/antrean", "/kotak-masuk/"):
        assert "belum diperiksa" not in it.get(page).text
    page = it.get(account).text
    assert "Ditelepon: ia sendiri" in page
    assert "Apa yang ditemukan?" not in page
    assert it.post(examine, {"found": "Saya juga"}).status_code == 409


def test_the_section_head_sees_the_alarm_and_leaves_it_to_the_adb(office: AtWork) -> None:
    one, head = office.operator(), office.at_desk("section_head")
    Browser(office.app).post("/ambil-akun", {"kode": one.ticket})
    assert "belum diperiksa" in head.get("/antrean").text
    page = head.get(f"/akun/{one.account_id}").text
    assert "Administrator Database atau TI yang memeriksanya." in page
    (alarm,) = office.core.envelope_alarms.standing(office.desks.official("adb"))
    assert head.post(f"/akun/{one.account_id}/peringatan/{alarm.id}", {"found": "x"}).status_code == 403


def test_a_request_for_help_that_was_settled_elsewhere_says_so(office: AtWork) -> None:
    one, adb, it = office.active(), office.at_desk("adb"), office.at_desk("it")
    card = asked(office, one)
    it.post(f"/akun/{one.account_id}/reset", {"person_check": CHECK})
    assert f"Lupa kata sandi: {one.username}" not in adb.get("/antrean").text
    page = adb.get(f"/antrean/bantuan/{card}").text
    assert "ditutup sendiri" in page
    assert "direset dari halaman akunnya" in page
    late = adb.post(f"/antrean/bantuan/{card}/reset", {"person_check": CHECK})
    assert late.status_code in (404, 409)


def test_a_second_official_agrees_and_sees_the_code_once(office: AtWork) -> None:
    one = office.active()
    office.core.enrolment.ask(office.desks.official("it"), one.request_id, "lost", CHECK)
    (line,) = office.core.enrolment.waiting(office.desks.official("it"))
    asker, second = office.at_desk("it"), office.at_desk("adb")
    assert "pejabat lain yang menyetujui" in asker.get("/antrean").text
    assert asker.post(f"/antrean/kode/{line.id}/setuju").status_code == 403
    page = second.get("/antrean").text
    assert CHECK in page
    answer = second.post(f"/antrean/kode/{line.id}/setuju")
    code = unescape(value_of(answer.text))
    assert len(code) > 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = second.get("/antrean").text
    assert code not in page
    assert "sudah diberikan, belum dipakai" in page
    assert second.post(f"/antrean/kode/{line.id}/setuju").status_code == 409
    assert second.post(f"/antrean/kode/{line.id}/tolak").location == "/antrean#kode"


def test_a_replaced_operator_is_proposed_and_never_revoked_by_itself(office: AtWork) -> None:
    before = office.active(full_name="Sukarno Putra")
    office.operator(full_name="Yuli Pratiwi", replaces_username=before.username)
    page = office.at_desk("adb").get("/antrean").text
    assert "Penggantian operator" in page
    assert f"/akun/{before.account_id}#cabut" in page
    assert office.core.operators.sign_in(before.username, NEW)[1] == "full"


def test_the_section_head_sees_trouble_and_codes_but_no_cards(office: AtWork) -> None:
    office.operator(opened=False)
    (card,) = office.core.cards.open(office.desks.official("adb"))
    head = office.at_desk("section_head")
    assert head.get("/antrean").status_code == 200
    assert head.get(f"/antrean/kartu/{card.id}").status_code == 403


def test_others_are_kept_out(office: AtWork) -> None:
    for post in ("head", "auditor", "secretary"):
        assert office.at_desk(post).get("/antrean").status_code == 403
    assert Browser(office.app).get("/antrean").location.startswith("/masuk")
