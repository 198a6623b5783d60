"""The QR code on a disposition sheet: what stands in it, and finding it again in a scan or a photograph.

The code holds the address of the letter's page at the office, so that any telephone opens the letter for who is signed
in; to anybody else it says nothing.
"""

import re
from importlib import import_module
from threading import Lock
from typing import Any

_LETTER = re.compile(r"/surat/([0-9a-f]{32})/?$")
_LONGEST_EDGES = (2400, 3600)
"""Pixels of a page's longer side: first as a scanner's 200 dpi, then finer. They bound what a page can take."""
_PDFIUM = Lock()
"""PDFium can do one thing at a time in a process (its own documentation)."""


def address_of(site: str, letter_id: str) -> str:
    """What the QR code of a letter's sheet says."""
    return f"{site}/surat/{letter_id}"


def letters_on(pdf: bytes, pages: int) -> list[str]:
    """For each of the ``pages`` of a scan: the id of the letter whose sheet it is; empty where no code can be read."""
    # Read when a sheet comes: most processes never see one, and the library takes its time.
    pypdfium2 = import_module("pypdfium2")
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError:  # Damaged, and mended by others but not by this library: somebody chooses.
            return [""] * pages
        try:
            return [_letter_on(document, number) for number in range(pages)]
        finally:
            document.close()


def _letter_on(document: Any, number: int) -> str:
    zxingcpp = import_module("zxingcpp")
    try:
        page = document[number]
    except (RuntimeError, IndexError):  # PdfiumError is one: this page is damaged.
        return ""
    longer = max(page.get_size()) or 1.0
    for edge in _LONGEST_EDGES:
        picture = page.render(scale=edge / longer, grayscale=True).to_pil()
        for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
            if found := _LETTER.search(code.text):
                return found.group(1)
    return ""
