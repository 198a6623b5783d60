"""Reading QR codes from photographs of papers, and from PDFs that a scanner or a camera made. Nothing is kept."""

import io
import struct
from collections.abc import Iterator

import pikepdf
import zxingcpp
from PIL import Image, ImageOps

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
_EDGE = 3000
"""Longer edge in pixels to which pictures are reduced: a code is still read, and reading stays quick."""
_PICTURES = 6
_PDF_FAULTS = (pikepdf.PdfError, NotImplementedError, RuntimeError, RecursionError)
_DECODING = (
    *(OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, IndexError, KeyError, TypeError),
    *(AttributeError, ZeroDivisionError, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""What decoders of pictures raise on damaged or hostile files."""


def is_picture(content: bytes) -> bool:
    """Whether ``content`` is a photograph that can be read here, told by its first bytes."""
    starts = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
    return content.startswith(starts) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def codes_in(content: bytes, max_pixels: int) -> list[str]:
    """The texts of the QR codes in a picture, or in the first pictures of a PDF. Never raises for a bad file.

    ``max_pixels``: pictures with more are left out, before they are unpacked.
    """
    # Not kept beyond the call: its library complains about what is left of it when the process ends.
    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    found: list[str] = []
    for picture in _pictures(content, max_pixels):
        for code in zxingcpp.read_barcodes(picture, formats=wanted):
            if code.text not in found:
                found.append(code.text[:300])
    return found


def _pictures(content: bytes, max_pixels: int) -> Iterator[Image.Image]:
    if is_picture(content):
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height <= max_pixels:
                    image.draft("L", (_EDGE, _EDGE))
                    yield _grey(ImageOps.exif_transpose(image))
        except _DECODING:
            return
        return
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            yield from _of_pdf(pdf, max_pixels)
    except (*_PDF_FAULTS, *_DECODING):
        return


def _of_pdf(pdf: pikepdf.Pdf, max_pixels: int) -> Iterator[Image.Image]:
    left = _PICTURES
    for page in pdf.pages:
        for stream in page.get_images().values():
            if left == 0:
                return
            left -= 1
            try:
                picture = pikepdf.PdfImage(stream)  # type: ignore[arg-type]
                if picture.width * picture.height <= max_pixels:
                    yield _grey(picture.as_pil_image())
            except (*_PDF_FAULTS, *_DECODING):
                continue


def _grey(image: Image.Image) -> Image.Image:
    grey = image.convert("L")
    grey.thumbnail((_EDGE, _EDGE), Image.Resampling.BILINEAR)
    return grey
