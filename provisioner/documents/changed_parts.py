"""What in a document two versions of a file differ in: a page, a form field, a note, its properties. Pure."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pikepdf

_UNREADABLE = (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError, MemoryError)
_OBJECT = re.compile(rb"(?:^|[\r\n ])(\d{1,8}) (\d{1,5}) obj\b")
_MOST = 20


class Part(StrEnum):
    """A part of a document, as far as a reader would tell parts apart."""

    PAGE_ADDED = "page-added"
    PAGE_REMOVED = "page-removed"
    PAGE = "page"
    """What is drawn on a page, or the page itself."""
    NOTE = "note"
    """A note, drawing or link laid over a page."""
    FIELD = "field"
    """A form field; ``name`` says which."""
    SIGNATURE = "signature"
    """A signature; ``name`` is its field where that is known."""
    PROPERTIES = "properties"
    """Title, author, dates and the like."""
    ATTACHMENT = "attachment"
    """A file or a script inside the document."""
    DIRECTORY = "directory"
    """The table by which readers find the parts (cross-reference table, trailer), or the file's first bytes."""
    OTHER = "other"


@dataclass(frozen=True, order=True)
class Change:
    """One part that is new or other than in ours. ``page`` counts from 1; 0 where it is no page's."""

    part: Part
    page: int = 0
    name: str = ""


def changed_parts(ours: bytes, theirs: bytes) -> tuple[Change, ...]:
    """What differs, at most twenty parts; empty when either cannot be read."""
    try:
        with pikepdf.open(io.BytesIO(ours)) as kept, pikepdf.open(io.BytesIO(theirs)) as sent:
            return tuple(sorted(set(_changes(kept, sent)))[:_MOST])
    except _UNREADABLE:
        return ()


def part_at(document: bytes, offset: int) -> str:
    """Which :class:`Part` of a good document the byte at ``offset`` belongs to."""
    before = list(_OBJECT.finditer(document, 0, offset + 1))
    if not before or _between_objects(document[before[-1].end() : offset + 1]):
        return Part.DIRECTORY
    found = before[-1]
    try:
        with pikepdf.open(io.BytesIO(document)) as kept:
            number, generation = int(found[1]), int(found[2])
            return _Places(kept).of(number, kept.get_object(number, generation)).part
    except _UNREADABLE:
        return Part.OTHER


def _between_objects(since: bytes) -> bool:
    last = since.rfind(b"endobj")
    return last >= 0 and any(word in since[last:] for word in (b"xref", b"trailer", b"%%EOF"))


def _changes(kept: pikepdf.Pdf, sent: pikepdf.Pdf) -> Iterator[Change]:
    ours, theirs = len(kept.pages), len(sent.pages)
    for number in range(ours + 1, theirs + 1):
        yield Change(Part.PAGE_ADDED, number)
    for number in range(theirs + 1, ours + 1):
        yield Change(Part.PAGE_REMOVED, number)
    places, before = _Places(sent), {each.objgen: each for each in kept.objects if _is_thing(each)}
    for thing in sent.objects:
        former = before.get(thing.objgen) if _is_thing(thing) else None
        if _is_thing(thing) and not (former is not None and _same(former, thing)):
            change = places.of(thing.objgen[0], thing)
            only_notes = change.part is Part.PAGE and former is not None and _bare(former) == _bare(thing)
            yield Change(Part.NOTE, change.page) if only_notes else change


def _is_thing(thing: object) -> bool:
    return isinstance(thing, (pikepdf.Dictionary, pikepdf.Array, pikepdf.Stream))


def _same(one: pikepdf.Object, other: pikepdf.Object) -> bool:
    if isinstance(one, pikepdf.Stream) != isinstance(other, pikepdf.Stream):
        return False
    if isinstance(one, pikepdf.Stream):
        return _written(one.stream_dict) == _written(other.stream_dict) and (
            one.read_raw_bytes() == other.read_raw_bytes()
        )
    return _written(one) == _written(other)


def _bare(page: pikepdf.Object) -> dict[str, object]:
    """A page without the list of what lies over it; empty for its streams."""
    if not isinstance(page, pikepdf.Dictionary):
        return {"": _written(page)} if not isinstance(page, pikepdf.Stream) else {"": page.read_raw_bytes()}
    entries = ((key, page[key]) for key in page.keys() if key != "/Annots")  # noqa: SIM118
    return {key: value.unparse() if isinstance(value, pikepdf.Object) else value for key, value in entries}


def _written(thing: pikepdf.Object) -> bytes:
    return thing.unparse(resolved=True)


class _Places:
    """Which part each object of a document belongs to."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._known: dict[int, Change] = {}
        info = pdf.trailer.get("/Info")
        self._note(info, Change(Part.PROPERTIES))
        self._note(pdf.Root.get("/Metadata"), Change(Part.PROPERTIES))
        self._note(pdf.Root, Change(Part.DIRECTORY))
        self._note(pdf.Root.get("/AcroForm"), Change(Part.FIELD))
        for number, page in enumerate(pdf.pages, start=1):
            self._page(number, page.obj)

    def of(self, number: int, thing: pikepdf.Object) -> Change:
        """The part that object ``number`` is, or belongs to."""
        known = self._known.get(number)
        if known is not None:
            return known
        kind = _name_of(thing, "/Type")
        if kind in ("/Sig", "/DocTimeStamp"):
            return Change(Part.SIGNATURE)
        if kind in ("/Filespec", "/EmbeddedFile") or _name_of(thing, "/S") == "/JavaScript":
            return Change(Part.ATTACHMENT)
        return Change(Part.DIRECTORY if kind in ("/XRef", "/ObjStm", "/Pages") else Part.OTHER)

    def _page(self, number: int, page: pikepdf.Object) -> None:
        change = Change(Part.PAGE, number)
        self._note(page, change)
        contents = page.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            self._note(stream, change)
        self._note(contents, change)
        self._note(page.get("/Resources"), change)
        notes = page.get("/Annots")
        self._note(notes, Change(Part.NOTE, number))
        for note in notes if isinstance(notes, pikepdf.Array) else ():
            self._annotation(number, note)

    def _annotation(self, number: int, note: pikepdf.Object) -> None:
        change = Change(Part.NOTE, number)
        if _name_of(note, "/Subtype") == "/Widget":
            signed = _name_of(note, "/FT") == "/Sig"
            change = Change(Part.SIGNATURE if signed else Part.FIELD, number, str(note.get("/T", ""))[:60])
            self._note(note.get("/V"), change)
        self._note(note, change)
        look = note.get("/AP")
        for stream in look.values() if isinstance(look, pikepdf.Dictionary) else ():
            self._note(stream, change)

    def _note(self, thing: object, change: Change) -> None:
        if isinstance(thing, pikepdf.Object) and thing.is_indirect:
            self._known.setdefault(thing.objgen[0], change)


def _name_of(thing: pikepdf.Object, key: str) -> str:
    value = thing.get(key) if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)) else None
    return str(value) if isinstance(value, pikepdf.Name) else ""
