"""Finding the QR codes of papers again in a scan: page by page, as a sheet that was initialled comes back."""

import re
from importlib import import_module
from threading import Lock
from typing import Any

_PAPER = re.compile(r"/v/([a-z2-7]{16})$")
_LONGEST_EDGES = (2400, 3600)
"""Pixels of a page's longer side: first as a scanner's 200 dpi, then finer. They bound what a page can take."""
_PDFIUM = Lock()
"""PDFium can do one thing at a time in a process (its own documentation)."""


def paper_codes_on(pdf: bytes, pages: int) -> list[str]:
    """For each of the ``pages`` of a scan: the code of the paper it is; empty where none can be read."""
    # Read when a sheet comes: most processes never see one, and the library takes its time.
    pypdfium2 = import_module("pypdfium2")
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError:  # Damaged, and mended by others but not by this library: somebody chooses.
            return [""] * pages
        try:
            return [_code_on(document, number) for number in range(pages)]
        finally:
            document.close()


def _code_on(document: Any, number: int) -> str:
    zxingcpp = import_module("zxingcpp")
    try:
        page = document[number]
    except (RuntimeError, IndexError):  # PdfiumError is one: this page is damaged.
        return ""
    longer = max(page.get_size()) or 1.0
    for edge in _LONGEST_EDGES:
        picture = page.render(scale=edge / longer, grayscale=True).to_pil()
        for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode):
            if found := _PAPER.search(code.text):
                return found.group(1)
    return ""
