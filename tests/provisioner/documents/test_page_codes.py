"""QR codes are read off the pages as they are seen, and a hostile file costs no more than its limits."""

import pytest

from provisioner.documents.page_codes import codes_by_page
from tests.pdf_changes import joined, only_named, page_with_code, page_without_end

PIXELS = 50_000_000
ADDRESS = "https://siak.example.go.id/v/aaaaaaaaaaaaaaaa"


def test_each_page_has_its_own_codes() -> None:
    document = joined(page_with_code(ADDRESS), only_named(""), page_with_code("lain"))
    assert codes_by_page(document, PIXELS) == [[ADDRESS], [], ["lain"]]
    assert codes_by_page(document, PIXELS, pages=1) == [[ADDRESS]]


def test_a_picture_of_few_pixels_is_made_of_a_large_page() -> None:
    assert codes_by_page(page_with_code(ADDRESS), 1_000) == [[]]
    assert codes_by_page(page_with_code(ADDRESS), 1_000_000) == [[ADDRESS]]


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + bytes(5000), b"\x89PNG"])
def test_what_cannot_be_read_has_no_pages(document: bytes) -> None:
    assert codes_by_page(document, PIXELS) == []


def test_a_page_that_takes_for_ever_costs_the_time_that_was_given_and_not_the_pages_before_it() -> None:
    document = joined(page_with_code(ADDRESS), page_without_end(), page_with_code(ADDRESS))
    assert codes_by_page(document, PIXELS, seconds=2) == [[ADDRESS]]
