"""Finding the QR codes of papers again in a scan: page by page, as a sheet that was initialled comes back."""

import re

from provisioner.documents.page_codes import codes_by_page

_PAPER = re.compile(r"/v/([a-z2-7]{16})$")
_PIXELS = 50_000_000
_SECONDS = 30.0
"""For a whole stack; a page of a good scan takes a tenth of one."""


def paper_codes_on(pdf: bytes, pages: int) -> list[str]:
    """For each of the ``pages`` of a scan: the code of the paper it is; empty where none can be read.

    Where not every page was read (the file is damaged and was mended by others, or the time was over) none has a code:
    a sheet whose page was not read would be taken for the back of the one before it. Somebody chooses then.
    """
    found = codes_by_page(pdf, _PIXELS, pages=pages, seconds=_SECONDS)
    return [_code(texts) for texts in found] if len(found) == pages else [""] * pages


def _code(texts: list[str]) -> str:
    return next((found[1] for text in texts if (found := _PAPER.search(text))), "")
