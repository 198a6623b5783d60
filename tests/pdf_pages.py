"""The smallest honest PDF, for tests that need a paper and do not look at it."""

from io import BytesIO

import pikepdf
import pypdfium2


def one_page() -> bytes:
    """A PDF with one empty page: always the same bytes."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    written = BytesIO()
    document.save(written, deterministic_id=True)
    return written.getvalue()


def text_of(pdf: bytes) -> list[str]:
    """The words of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
