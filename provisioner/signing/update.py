"""Incremental updates of a PDF that depend on nothing but their input."""

import io
from hashlib import sha256

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from provisioner.signing.signer import SignatureRefused


class PdfUpdate(IncrementalPdfFileWriter):
    """An update that leaves title, dates and producer as the renderer wrote them.

    The library would write the machine's clock into them, apart from the clock we are handed, and would let the two
    places where a PDF/A keeps them disagree.
    """

    def __init__(self, pdf: bytes) -> None:
        """Begin an update of ``pdf``.

        :raises SignatureRefused: ``signature-no-pdf``.
        """
        try:
            super().__init__(io.BytesIO(pdf))
        except (PdfError, ValueError, KeyError, TypeError) as error:
            raise SignatureRefused("signature-no-pdf") from error
        self._document_id[1] = generic.ByteStringObject(sha256(pdf).digest()[:16])

    def _update_meta(self) -> None:
        pass

    def result(self) -> bytes:
        """The whole updated file."""
        out = io.BytesIO()
        self.write(out)  # type: ignore[no-untyped-call]
        return out.getvalue()


class PageStamp(PdfContent):
    """The first page of a PDF held in memory, to be placed into a signature field with its own embedded fonts."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        """The content stream that draws the page."""
        if self.writer is None:
            raise ValueError("the stamp belongs to no file yet")
        page = self.writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/Stamp"] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
        return b"/Stamp Do"
