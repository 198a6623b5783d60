"""Which pages open for which post. The core decides (``test_access`` of its own tests); pages follow it."""

from collections.abc import Callable

import pytest

from tests.conftest import MakeOffice
from tests.office import POSTS, Applicant, RealOffice, person
from tests.pdf_pages import one_page
from tests.web.desk import Desk
from web.app import create_app

ALL = frozenset(POSTS)
BIO = ALL - {"it", "secretary"}
PAGES: list[tuple[str, Callable[[RealOffice, Applicant], str], frozenset[str]]] = [
    ("inbox", lambda _office, _who: "/kotak-masuk/", ALL),
    ("requests", lambda _office, _who: "/permohonan/", ALL),
    ("request", lambda _office, who: f"/permohonan/{who.request_id}", ALL),
    ("progress", lambda _office, who: f"/permohonan/{who.request_id}/kemajuan", ALL),
    ("letter", lambda office, who: f"/surat/{office.letter(who).id}", ALL),
    ("id-card", lambda office, who: f"/surat/lampiran/{_paper(office, who)}", BIO),
    ("pact", lambda office, who: f"/pakta/{office.pact(who).id}/berkas", BIO),
    ("pacts", lambda _office, _who: "/pakta/", frozenset({"section_head"})),
    ("accounts", lambda _office, _who: "/akun", ALL - {"secretary"}),
    ("account", lambda office, who: f"/akun/{office.request(who).account_id}", ALL - {"secretary"}),
    ("account-pact", lambda office, who: f"/akun/{office.request(who).account_id}/pakta", BIO),
    ("queue", lambda _office, _who: "/antrean", frozenset({"section_head", "adb", "it"})),
    ("register", lambda _office, _who: "/surat-masuk/", frozenset({"secretary"})),
    ("officials", lambda _office, _who: "/pejabat", frozenset({"it"})),
    ("audit", lambda _office, _who: "/jejak-audit", ALL - {"adb", "secretary"}),
    ("settings", lambda _office, _who: "/pengaturan", frozenset({"it"})),
]


def _paper(office: RealOffice, who: Applicant) -> str:
    return office.core.attachments.of_request(who.request_id)[0].id


@pytest.fixture
def office(make_office: MakeOffice) -> RealOffice:
    """An office brought to any state through the core."""
    return make_office()


@pytest.fixture
def who(office: RealOffice) -> Applicant:
    """Somebody with an account and an identity card among their papers."""
    someone = office.draft(person(0))
    office.core.attachments.add(someone.request_id, "id-card", [("ktp.pdf", one_page())])
    return office.bring(someone, "handover")


@pytest.mark.parametrize("post", POSTS)
def test_a_page_opens_for_those_who_need_it_and_for_nobody_else(office: RealOffice, who: Applicant, post: str) -> None:
    desk = Desk(create_app(office.core)).sign_in(post)
    opened = {name: desk.client.get(path(office, who)).status_code for name, path, _ in PAGES}
    assert opened == {name: 200 if post in posts else 403 for name, _, posts in PAGES}


@pytest.mark.parametrize("post", POSTS)
def test_no_page_offers_what_the_same_person_is_refused(office: RealOffice, who: Applicant, post: str) -> None:
    desk = Desk(create_app(office.core)).sign_in(post)
    offering = {name: path(office, who) for name, path, posts in PAGES if post in posts and name in _WITH_LINKS}
    for name, path in offering.items():
        desk.get(path)
        for other, there, posts in PAGES:
            if f'href="{there(office, who)}"' in desk.html:
                assert post in posts, f"{name} offers {other}"


_WITH_LINKS = ("inbox", "requests", "request", "letter", "accounts", "account", "queue", "register", "audit")


def test_who_has_no_need_of_bio_data_is_told_so_instead_of_an_empty_form(office: RealOffice, who: Applicant) -> None:
    for post in ("it", "secretary"):
        page = Desk(create_app(office.core)).sign_in(post).get(f"/permohonan/{who.request_id}").page
        assert "tugas jabatan Anda tidak memerlukan bio data pemohon" in page
        assert "Jalan Gajah Mada" not in page
        assert "Belum diisi" not in page
