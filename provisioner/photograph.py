"""Photographs of papers: opened with bounds, turned upright, reduced, and stripped of everything but the picture."""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from provisioner.errors import InvalidInput

FORMATS = ("JPEG", "PNG", "WEBP")
_DECODING = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, IndexError, KeyError, TypeError)
"""What Pillow's decoders raise on damaged files."""


@dataclass(frozen=True)
class Picture:
    """A JPEG without metadata. Width and height in pixels."""

    jpeg: bytes
    width: int
    height: int


def reduce(content: bytes, max_pixels: int, edge: int, quality: int) -> Picture:
    """Read a JPEG, PNG or WebP (its first frame) and make it small.

    The rotation a camera notes is carried out; place, time and device go with the rest of the metadata. ``edge`` is
    the longest side in pixels afterwards; smaller pictures are not enlarged.

    :raises InvalidInput: ``attachment-too-many-pixels``, ``attachment-damaged``.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            # Known from the header: a bomb is refused before it is unpacked.
            if image.width * image.height > max_pixels:
                raise InvalidInput("attachment-too-many-pixels", megapixels=max_pixels // 1_000_000)
            # A JPEG decoder can already reduce while it reads, by halves; other formats ignore this.
            image.draft("RGB", (edge, edge))
            upright = _eight_bits(ImageOps.exif_transpose(image))
            upright.thumbnail((edge, edge), Image.Resampling.LANCZOS)
            return _as_jpeg(_on_white(upright), quality)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InvalidInput("attachment-too-many-pixels", megapixels=max_pixels // 1_000_000) from None
    except _DECODING:
        raise InvalidInput("attachment-damaged") from None


def _eight_bits(image: Image.Image) -> Image.Image:
    """In a mode that can be reduced smoothly; greys of sixteen bits are divided down instead of cut off."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey * (1 / 256) + 0).convert("L")
    return image if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK") else image.convert("RGBA")


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency, which a JPEG does not have."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    page = Image.new("RGB", layer.size, "white")
    page.paste(layer, mask=layer)
    return page


def _as_jpeg(image: Image.Image, quality: int) -> Picture:
    # A fresh image: what the format's reader remembers (EXIF, profile, comment) is not written again.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return Picture(out.getvalue(), image.width, image.height)
