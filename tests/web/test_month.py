"""What IT has to do this month, as a page, and what the inbox says of it."""

from datetime import date, timedelta
from itertools import product

from provisioner.month.point import Point, Subject, Urgency
from tests.web.at_work import AtWork
from web.month_words import WORDS, point_line

FACTS: dict[str, str | int] = {
    **dict.fromkeys(("days", "percent", "gib", "count", "security", "seconds"), 7),
    **dict.fromkeys(("folder", "file", "names", "what", "others", "day", "message", "remedy", "state", "keys"), "kata"),
}
TODAY = date(2026, 6, 8)


def told(office: AtWork, *points: Point) -> None:
    office.core.month.asks(told=lambda: points)


def test_the_list_is_shown_by_urgency_with_days_what_to_do_and_where(office: AtWork) -> None:
    today = office.core.context.today()
    told(
        office,
        Point(Subject.DISK, Urgency.GOOD, facts=FACTS),
        Point(Subject.SECOND_FACTOR, Urgency.MONTH, facts={"count": 2, "names": "kasi, adb"}),
        Point(Subject.TARGET_CERTIFICATE, Urgency.NOW, today + timedelta(days=3), "Direktori"),
        Point(Subject.BACKUP, Urgency.UNKNOWN),
    )
    it = office.at_desk("it")
    assert "Belum pernah diperiksa" in it.get("/bulan-ini").text
    assert it.post("/bulan-ini/periksa").location == "/bulan-ini"
    page = it.get("/bulan-ini").text
    places = [page.index(part) for part in ("Sertifikat Direktori", "2 pejabat belum", "Cadangan data", "Ruang simpan")]
    assert places == sorted(places)
    assert "3 hari lagi" in page
    assert 'href="/sistem"' in page
    assert "Aplikasi tidak mencatat cadangan apa pun." in page
    assert "1 hal mendesak." in page


def test_nothing_to_do_is_said_and_what_is_not_known_is_not_hidden(office: AtWork) -> None:
    told(office, Point(Subject.DISK, Urgency.GOOD, facts=FACTS), Point(Subject.BACKUP, Urgency.UNKNOWN))
    it = office.at_desk("it")
    it.post("/bulan-ini/periksa")
    page = it.get("/bulan-ini").text
    assert "Tidak ada yang perlu dikerjakan bulan ini." in page
    assert "Yang tidak diketahui aplikasi tetap perlu dilihat sendiri." in page
    assert "Pemeriksaan bulan ini" not in it.get("/kotak-masuk/").text


def test_it_and_the_head_are_told_in_their_inbox_and_nobody_else(office: AtWork) -> None:
    told(office, Point(Subject.BACKUP, Urgency.NOW, facts={"days": 9}))
    it, head = office.at_desk("it"), office.at_desk("head")
    assert "belum dilakukan" in it.get("/kotak-masuk/").text
    assert "Pemeriksaan bulan ini" not in head.get("/kotak-masuk/").text
    it.post("/bulan-ini/periksa")
    assert 'href="/bulan-ini"' in it.get("/kotak-masuk/").text
    page = head.get("/kotak-masuk/").text
    assert "Pemeriksaan bulan ini oleh petugas TI" in page
    assert "1 mendesak" in page
    assert head.get("/bulan-ini").status_code == 403
    assert "Pemeriksaan bulan ini" not in office.at_desk("section_head").get("/kotak-masuk/").text


def test_every_point_is_said_in_words_whatever_is_known(office: AtWork) -> None:
    no_figure: dict[str, str | int] = {**FACTS, "days": "", "day": ""}
    days = (None, TODAY, TODAY + timedelta(days=40), TODAY - timedelta(days=2))
    with office.app.test_request_context("/"):
        for subject, urgency, facts, due in product(Subject, Urgency, (FACTS, no_figure), days):
            line = point_line(Point(subject, urgency, due, "ti", facts), TODAY)
            assert line.title, subject
            assert line.do, subject
            assert "%(" not in line.title + line.found + line.do, subject


def test_every_subject_has_words() -> None:
    assert set(Subject) - set(WORDS) == {Subject.CHECK}
