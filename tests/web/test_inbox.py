"""What waits for an official, and the numbers beside the menu."""

import pytest

from tests.conftest import MakeOffice
from tests.office import Applicant, RealOffice
from tests.web.desk import Desk
from web.app import create_app


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def desk(office: RealOffice) -> Desk:
    return Desk(create_app(office.core))


def _ask(office: RealOffice, who: Applicant, reason: str = "lost") -> None:
    office.core.enrolment.ask(office.actor("secretary"), who.request_id, reason, "Datang dengan KTP")


@pytest.mark.parametrize(
    ("state", "post", "heading"),
    [
        ("sent", "head", "Surat untuk didisposisi"),
        ("division", "division_head", "Surat untuk didisposisi"),
        ("review", "section_head", "Permohonan untuk dikaji"),
        ("pact-official", "section_head", "Pakta untuk ditandatangani"),
    ],
)
def test_what_waits_stands_on_the_right_desk_and_nowhere_else(
    office: RealOffice, desk: Desk, state: str, post: str, heading: str
) -> None:
    office.new(state)
    desk.sign_in(post)
    assert heading in desk.page
    assert "Dewi Lestari Handayani, A.Md." in desk.page
    assert 'class="count"' in desk.html
    for other in ("head", "division_head", "section_head", "adb", "it", "auditor", "secretary"):
        if other != post:
            elsewhere = Desk(create_app(office.core)).sign_in(other)
            assert "Tidak ada yang menunggu Anda" in elsewhere.page, other


def test_a_letter_that_nobody_opened_says_so_until_somebody_does(office: RealOffice, desk: Desk) -> None:
    who = office.new("sent")
    desk.sign_in("head")
    assert "belum dibuka" in desk.page
    desk.get(f"/surat/{office.letter(who).id}")
    assert "belum dibuka" not in desk.get("/kotak-masuk/").page


def test_accounts_to_make_wait_for_the_adb_where_step_five_is_a_button(make_office: MakeOffice) -> None:
    office = make_office(procedure={"step_5": "button"})
    office.new("creation")
    assert "Akun untuk dibuat" in Desk(create_app(office.core)).sign_in("adb").page


def test_a_second_official_agrees_to_a_code_and_sees_it_once(office: RealOffice, desk: Desk) -> None:
    who = office.new("review")
    _ask(office, who)
    desk.sign_in("secretary")
    assert "Menunggu pejabat lain" in desk.page
    assert "Setujui dan tampilkan kode" not in desk.page
    it = Desk(create_app(office.core)).sign_in("it")
    assert "Datang dengan KTP" in it.page
    enrolment = office.core.enrolment.waiting(office.actor("it"))[0].id
    it.post(f"/permohonan/kode-pengganti/{enrolment}/setujui")
    assert "Kode pengganti untuk Dewi Lestari Handayani, A.Md." in it.page
    assert "Tidak ada yang menunggu Anda" in it.get("/kotak-masuk/").page


def test_a_second_official_may_refuse(office: RealOffice, desk: Desk) -> None:
    _ask(office, office.new("review"))
    desk.sign_in("adb")
    enrolment = office.core.enrolment.waiting(office.actor("adb"))[0].id
    desk.post(f"/permohonan/kode-pengganti/{enrolment}/tolak")
    assert "tidak disetujui" in desk.page
    assert office.core.enrolment.waiting(office.actor("adb")) == []


def test_a_stand_in_sees_what_waits_for_the_post(office: RealOffice, desk: Desk) -> None:
    office.new("sent")
    day = office.core.context.today()
    office.core.mandates.add("auditor", "head", "PLH", ("800/9", day), (day, day), office.actor("it"))
    desk.sign_in("auditor")
    assert "Surat untuk didisposisi" in desk.page
    assert "Plh. Kepala Dinas" in desk.html
