"""The process that draws the pages of a PDF with PDFium and reads the QR codes on them.

``python -m provisioner.documents.page_reading PAGES PIXELS SECONDS``: the file comes in by standard input, and each
page goes out as one line of JSON as soon as it is read. Started by :mod:`provisioner.documents.page_codes` alone.
"""

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pypdfium2
import zxingcpp

_LONGEST_EDGES = (2400, 3600)
"""Pixels of a page's longer side: first as a scanner's 200 dpi, then finer, if no code was found."""
_MEMORY = 1024**3
_LONGEST_TEXT = 300


def read(pdf: bytes, pages: int, max_pixels: int) -> Iterator[list[str]]:
    """The texts of the codes on each page; none at all of a file that PDFium cannot open."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError:
        return
    for number in range(min(pages, len(document))):
        try:
            page = document[number]
            yield _on(page, max_pixels)
            page.close()
        except (RuntimeError, ValueError, ArithmeticError, MemoryError):  # A page that is damaged, or has no extent.
            yield []


def _on(page: Any, max_pixels: int) -> list[str]:
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    width, height = page.get_size()
    for edge in _LONGEST_EDGES:
        scale = min(edge / max(width, height), (max_pixels / (width * height)) ** 0.5)
        picture = page.render(scale=scale, grayscale=True).to_pil()
        codes = zxingcpp.read_barcodes(picture, formats=formats)
        if codes:
            return list(dict.fromkeys(code.text[:_LONGEST_TEXT] for code in codes))
    return []


def _limit(seconds: float) -> None:
    processor = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _limit(float(sys.argv[3]))
    for found in read(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2])):
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
