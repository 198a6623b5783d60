"""Papers as people send them: a PDF, or pages photographed with a telephone. What is kept is always one PDF.

A single PDF is kept byte for byte, because electronic signatures in it (decrees are often signed by BSrE) would not
survive being written anew. Type is judged by content only.
"""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from provisioner.errors import InvalidInput
from provisioner.pdf_inspection import bound_unpacking, inspect
from provisioner.photograph import Picture, reduce
from provisioner.settings import AttachmentSettings

PDF = "application/pdf"
_A4 = (595, 842)
_NAME_LENGTH = 100
_NO_NAME = "lampiran"
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Paper:
    """What is kept. ``file_name`` is safe to show and to offer for download."""

    file_name: str
    media_type: str
    pages: int
    content: bytes


class AttachmentReader:
    """Takes files in, or refuses them with a reason; keeps nothing itself."""

    def __init__(self, settings: AttachmentSettings) -> None:
        self._settings = settings
        bound_unpacking()

    def read(self, files: Sequence[tuple[str, bytes]]) -> Paper:
        """One paper from one or several (file name, content), in their order.

        :raises InvalidInput: ``attachment-missing, -too-many-files, -empty, -too-large, -heic, -type, -damaged,
            -encrypted, -script, -action, -embedded, -too-many-pages, -too-many-pixels``; ``data["file"]`` counts
            from 1 where one file is to blame.
        """
        if not files:
            raise InvalidInput("attachment-missing")
        if len(files) > self._settings.max_files:
            raise InvalidInput("attachment-too-many-files", limit=self._settings.max_files)
        parts: list[bytes | Picture] = []
        pages = 0
        for number, (_, content) in enumerate(files, start=1):
            try:
                part, more = self._part(content)
            except InvalidInput as refused:
                raise InvalidInput(refused.code, **{**refused.data, "file": number}) from None
            parts.append(part)
            pages += more
            if pages > self._settings.max_pages:
                raise InvalidInput("attachment-too-many-pages", limit=self._settings.max_pages)
        only = parts[0]
        whole = only if len(parts) == 1 and isinstance(only, bytes) else _joined(parts)
        return Paper(_safe_name(files[0][0]), PDF, pages, whole)

    def _part(self, content: bytes) -> tuple[bytes | Picture, int]:
        if not content:
            raise InvalidInput("attachment-empty")
        if len(content) > self._settings.max_file_mib * _MIB:
            raise InvalidInput("attachment-too-large", limit_mib=self._settings.max_file_mib)
        if content.startswith(b"%PDF-"):
            return content, inspect(content, self._settings.max_pages)
        if content[:3] == b"\xff\xd8\xff" or content[:8] == b"\x89PNG\r\n\x1a\n" or _is_webp(content):
            settings = self._settings
            pixels = settings.max_image_megapixels * 1_000_000
            return reduce(content, pixels, settings.image_edge_pixels, settings.jpeg_quality), 1
        # An iPhone's own format, said apart because its owner can change a setting.
        raise InvalidInput("attachment-heic" if content[4:8] == b"ftyp" else "attachment-type")


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _joined(parts: Sequence[bytes | Picture]) -> bytes:
    """One PDF of all parts, a photograph a page. The same parts always give the same bytes."""
    try:
        with pikepdf.new() as whole:
            for part in parts:
                if isinstance(part, Picture):
                    _add_picture(whole, part)
                else:
                    with pikepdf.open(io.BytesIO(part)) as source:
                        whole.pages.extend(source.pages)
            out = io.BytesIO()
            whole.save(out, deterministic_id=True)
            return out.getvalue()
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise InvalidInput("attachment-damaged") from None


def _add_picture(whole: pikepdf.Pdf, picture: Picture) -> None:
    """A page of A4, upright or lying as the picture is, with the picture as large as fits in its middle."""
    upright = picture.height >= picture.width
    width, height = _A4 if upright else (_A4[1], _A4[0])
    scale = min(width / picture.width, height / picture.height)
    across, up = picture.width * scale, picture.height * scale
    image = pikepdf.Stream(
        whole,
        picture.jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = whole.add_blank_page(page_size=(width, height))
    # Named, because the name made up otherwise is another each time.
    name = page.add_resource(image, pikepdf.Name.XObject, pikepdf.Name("/Picture"))
    place = f"{across:.2f} 0 0 {up:.2f} {(width - across) / 2:.2f} {(height - up) / 2:.2f}"
    page.contents_add(f"q {place} cm {name} Do Q".encode())


def _safe_name(name: str) -> str:
    """The file's own name without folders, control characters and ending, as a PDF's name."""
    last = name[-1000:].replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if sign.isprintable() and sign not in '<>:"|?*')
    stem = kept.rsplit(".", 1)[0].strip(" .")[:_NAME_LENGTH].strip(" .")
    return f"{stem or _NO_NAME}.pdf"
