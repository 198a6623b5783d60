"""Dates, times and numbers as the office writes them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.web.gallery import NOW
from web.formats import Formats, lines
from web.paging import Page, asked_page

FORMATS = Formats(ZoneInfo("Asia/Jakarta"), "WIB", lambda: NOW)


@pytest.mark.parametrize(
    ("language", "day", "short", "moment"),
    [
        ("id", "1 Juni 2019", "1 Jun 2019", "1 Juni 2019, 14.30 WIB"),
        ("en", "1 June 2019", "1 Jun 2019", "1 June 2019, 14:30 WIB"),
    ],
)
def test_dates_and_times_are_written_as_in_the_language(
    app: Flask, language: str, day: str, short: str, moment: str
) -> None:
    at = datetime(2019, 6, 1, 7, 30, tzinfo=UTC)
    with app.test_request_context(f"/?lang={language}"):
        assert FORMATS.day(date(2019, 6, 1)) == day
        assert FORMATS.short_day(at) == short
        assert f">{moment}<" in FORMATS.moment(at)
        assert 'datetime="2019-06-01T07:30:00+00:00"' in FORMATS.full_moment(at)


def test_the_day_is_the_offices_day(app: Flask) -> None:
    with app.test_request_context():
        assert FORMATS.day(datetime(2019, 5, 31, 18, 0, tzinfo=UTC)) == "1 Juni 2019"


def test_today_and_yesterday_are_said_so_except_on_papers(app: Flask) -> None:
    with app.test_request_context():
        assert "hari ini, 14.30 WIB" in FORMATS.moment(NOW)
        assert "kemarin, 14.30 WIB" in FORMATS.moment(NOW - timedelta(days=1))
        assert "20 November 2026" in FORMATS.full_moment(NOW)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 menit"),
        (59, "59 menit"),
        (60, "1 jam"),
        (130, "2 jam 10 menit"),
        (1500, "1 hari 1 jam"),
        (2880, "2 hari"),
    ],
)
def test_spans_are_told_by_their_two_largest_units(app: Flask, minutes: int, words: str) -> None:
    with app.test_request_context():
        assert FORMATS.span(minutes) == FORMATS.span(timedelta(minutes=minutes)) == words


def test_numbers_have_the_dot_as_thousands_sign(app: Flask) -> None:
    with app.test_request_context():
        assert FORMATS.number(1214) == "1.214"
        assert FORMATS.number(None) == FORMATS.day(None) == FORMATS.moment(None) == "—"


def test_lines_are_kept_and_marks_are_not_markup() -> None:
    assert lines("satu\n<b>dua</b>") == "satu<br>&lt;b&gt;dua&lt;/b&gt;"


def test_pages_of_a_list_keep_its_filters(app: Flask) -> None:
    with app.test_request_context("/akun?status=aktif&hal=2&lang=en&q=a%20b"):
        page = Page(["x"] * 20, asked_page(), 20, 41)
        assert (page.first, page.last, page.pages) == (21, 40, 3)
        assert page.url(3) == "/akun?status=aktif&q=a+b&hal=3"


@pytest.mark.parametrize("asked", ["", "0", "-1", "x", "²", "9" * 30])
def test_a_page_number_that_makes_no_sense_is_the_first_page(app: Flask, asked: str) -> None:
    with app.test_request_context("/akun", query_string={"hal": asked}):
        assert asked_page() == 1


def test_an_empty_list_has_one_page_and_counts_from_nothing() -> None:
    page = Page([], 1, 20, 0)
    assert (page.first, page.last, page.pages) == (0, 0, 1)
