"""Heads that leave the machine, and anchors that come back."""

from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

from provisioner.audit import Anchor, AnchorBook, Head
from provisioner.audit.head import read_anchors

HASH = "3f9a2c1188d077ab1234" + "e" * 44
WIB = timezone(timedelta(hours=7))


def test_the_paper_form_is_short_and_can_be_read_back() -> None:
    short = Head(1042, HASH).short
    assert short == "1042-3f9a2-c1188-d077a-b1234"
    assert Anchor.parse(short).matches(HASH)
    assert not Anchor.parse(short).matches("4" + HASH[1:])


@pytest.mark.parametrize(
    "text", [f"1042 {HASH}", f" 1042:{HASH.upper()}\n", f"1042 {HASH} 2026-11-22", "1042:3f9a2c1188d077ab"]
)
def test_an_anchor_is_read_from_every_form_it_is_written_in(text: str) -> None:
    anchor = Anchor.parse(text)
    assert anchor.seq == 1042
    assert anchor.matches(HASH)


@pytest.mark.parametrize(
    "text", ["", "1042", HASH, f"x {HASH}", "1042 3f9a2c", f"1042 {HASH}0", "1042-3f9a2-c1188", f"1042 {HASH} soon"]
)
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Anchor.parse(text)


def test_empty_lines_and_remarks_are_passed_over() -> None:
    assert len(read_anchors(["# from the box file", "", f"1 {HASH}", "  "])) == 1


def test_the_book_keeps_one_line_a_day(tmp_path: Path) -> None:
    book = AnchorBook(tmp_path)
    assert book.read() == []
    evening = datetime(2026, 11, 22, 23, 50, tzinfo=WIB)
    assert book.due(evening - timedelta(hours=1), time(23, 50)), "a new office has none at all"
    assert book.write(Head(7, HASH), evening).read_text() == f"7 {HASH} 2026-11-22T16:50:00+00:00\n"
    assert not book.due(evening, time(23, 50))
    assert not book.due(evening + timedelta(hours=23), time(23, 50))
    assert book.due(evening + timedelta(days=1), time(23, 50))


def test_an_anchor_missed_while_the_machine_was_off_is_due_in_the_morning(tmp_path: Path) -> None:
    book = AnchorBook(tmp_path)
    book.write(Head(7, HASH), datetime(2026, 11, 20, 23, 50, tzinfo=WIB))
    morning = datetime(2026, 11, 22, 7, 30, tzinfo=WIB)
    assert book.due(morning, time(23, 50))
    book.write(Head(9, HASH), morning)
    assert not book.due(morning, time(23, 50))
    assert book.due(datetime(2026, 11, 22, 23, 50, tzinfo=WIB), time(23, 50))
    assert [anchor.seq for anchor in book.read()] == [7, 9]
    assert book.read()[1].at == morning.astimezone(UTC)


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="audit-anchors"):
        AnchorBook(tmp_path / "unplugged").write(Head(7, HASH), datetime(2026, 11, 22, tzinfo=UTC))
