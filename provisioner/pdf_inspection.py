"""Looks into a PDF that somebody sent: whether it can be read at all, and that it holds nothing that acts.

Anything that runs, opens other programs, sends data or carries further files is refused. Links to web pages stay.
"""

import io
from collections.abc import Iterator

import pikepdf

from provisioner.errors import InvalidInput

SCRIPT, ACTION, EMBEDDED = "attachment-script", "attachment-action", "attachment-embedded"

_KEYS = {
    "/JS": SCRIPT,
    "/JavaScript": SCRIPT,
    "/XFA": SCRIPT,
    "/EmbeddedFiles": EMBEDDED,
    "/EF": EMBEDDED,
    "/RichMediaContent": EMBEDDED,
    "/Collection": EMBEDDED,
}
_ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Rendition": ACTION,
    "/Launch": ACTION,
    "/SubmitForm": ACTION,
    "/ImportData": ACTION,
    "/GoToE": ACTION,
    "/RichMediaExecute": ACTION,
}
_KINDS = {"/EmbeddedFile": EMBEDDED, "/FileAttachment": EMBEDDED, "/RichMedia": EMBEDDED, "/Movie": EMBEDDED}
_DEEPEST = 100
_MEMORY = 64 * 1024 * 1024


def bound_unpacking() -> None:
    """Limit what qpdf unpacks from one stream. Holds for the whole process; called once, while it is being built."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_MEMORY,
        run_length_max_memory=_MEMORY,
        png_max_memory=_MEMORY,
        tiff_max_memory=_MEMORY,
        dct_max_memory=_MEMORY,
        doc_max_warnings=200,
    )


def inspect(content: bytes, max_pages: int) -> int:
    """The number of pages of a harmless PDF.

    :raises InvalidInput: ``attachment-encrypted``, ``attachment-damaged``, ``attachment-too-many-pages``,
        ``attachment-script``, ``attachment-action``, ``attachment-embedded``.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise InvalidInput("attachment-encrypted")
            pages = len(pdf.pages)
            if not pages:
                raise InvalidInput("attachment-damaged")
            if pages > max_pages:
                raise InvalidInput("attachment-too-many-pages", limit=max_pages)
            _refuse_acting(pdf)
            return pages
    except pikepdf.PasswordError:
        raise InvalidInput("attachment-encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError, MemoryError):
        raise InvalidInput("attachment-damaged") from None


def _refuse_acting(pdf: pikepdf.Pdf) -> None:
    roots = [pdf.trailer, *pdf.objects]
    for dictionary in (found for root in roots for found in _dictionaries(root, 0)):
        for key, code in _KEYS.items():
            if key in dictionary:
                raise InvalidInput(code)
        for key, codes in (("/S", _ACTIONS), ("/Type", _KINDS), ("/Subtype", _KINDS)):
            value = dictionary.get(key)
            if isinstance(value, pikepdf.Name) and str(value) in codes:
                raise InvalidInput(codes[str(value)])


def _dictionaries(thing: object, depth: int) -> Iterator[pikepdf.Object]:
    """Dictionaries written directly inside ``thing``; indirect ones have their own turn."""
    if depth > _DEEPEST:
        raise InvalidInput("attachment-damaged")
    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Dictionary):
        yield thing
        children = [value for _, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        children = list(thing)
    else:
        return
    for child in children:
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            yield from _dictionaries(child, depth + 1)
