"""What the QR code on a scan, a photograph or a copy printed to PDF names. A claim, nothing to believe in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from urllib.parse import SplitResult, unquote, urlsplit

from provisioner.documents.page_codes import codes_by_page
from provisioner.documents.qr_reading import codes_in, is_picture
from provisioner.provisioning.pact_facts import MARK

_CODE = re.compile(r"/v/(?P<code>[a-z2-7]{16})/?\Z")
_PACT = re.compile(r"/verifikasi/(?P<number>[^?#]{1,80})\Z")
_MARK = re.compile(rf"(?:^|&){MARK}=(?P<mark>[0-9a-f]{{12}})(?:&|$)")
_RECEIPT = re.compile(r"/lacak/?\Z")
"""The page that a receipt's code leads to; its tracking code follows in the fragment, and is not looked at."""


@dataclass(frozen=True)
class QrClaim:
    """A paper by its code, a pact by its number and mark, or a receipt."""

    code: str = ""
    pact_number: str = ""
    mark: str = ""
    receipt: bool = False
    site: str = ""
    """The site that the drawing leads to, where that is not ours."""


def qr_claim(document: bytes, max_pixels: int, address: str) -> QrClaim | None:
    """What the first QR code of ours in ``document`` names: first of those on its pictures, then, in a PDF, of those on
    its pages as they are seen. A receipt only where nothing else is named. ``address``: of this service.
    """
    receipt = None
    for text in _texts(document, max_pixels):
        claim = _claim(text, urlsplit(address).netloc)
        if claim is not None and not claim.receipt:
            return claim
        receipt = receipt or claim
    return receipt


def _texts(document: bytes, max_pixels: int) -> Iterator[str]:
    yield from codes_in(document, max_pixels)
    if not is_picture(document):
        yield from chain.from_iterable(codes_by_page(document, max_pixels))


def _claim(text: str, ours: str) -> QrClaim | None:
    parts = _address(text)
    if parts is None:
        return None
    site = "" if parts.netloc == ours else parts.netloc[:80]
    if code := _CODE.search(parts.path):
        return QrClaim(code=code["code"], site=site)
    if number := _PACT.search(parts.path):
        mark = _MARK.search(parts.query)
        return QrClaim(pact_number=unquote(number["number"]), mark=mark["mark"] if mark else "", site=site)
    if _RECEIPT.search(parts.path) and parts.fragment:
        return QrClaim(receipt=True, site=site)
    return None


def _address(text: str) -> SplitResult | None:
    try:
        return urlsplit(text) if "://" in text else None
    except ValueError:  # A host in brackets that is no address, say.
        return None
