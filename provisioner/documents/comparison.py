"""How a file differs from the one that the office keeps: in its bytes, and in what those bytes are. Pure."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pikepdf

from provisioner.documents.changed_parts import Change, Part, changed_parts, part_at

_UNREADABLE = (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError, MemoryError)
_CHUNK = 65_536


class Difference(StrEnum):
    """In brackets: what ``data`` holds beside it."""

    APPENDED = "appended"
    """Ours is whole at the beginning; what follows no reader acts upon (bytes)."""
    PREPENDED = "prepended"
    """Ours is whole at the end (bytes)."""
    UPDATED = "updated"
    """Ours is whole at the beginning; an incremental update follows, which readers act upon (bytes)."""
    TRUNCATED = "truncated"
    """It is the beginning of ours (bytes: how many are missing)."""
    BYTES = "bytes"
    """As long as ours, with other bytes (bytes: how many, position: of the first, counted from 1; part)."""
    WRITTEN_ANEW = "written-anew"
    """Another program wrote the document again (producer, pages, our_pages, differing: numbers of pages)."""
    BROKEN = "broken"
    """Neither ours nor a PDF that can be read (position: of the first other byte, counted from 1)."""


@dataclass(frozen=True)
class Comparison:
    """The outcome. ``shared``: bytes at the beginning and at the end that are ours."""

    how: Difference
    shared: int
    data: Mapping[str, object] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    """What an update or a changed byte touches, as far as it can be told."""

    def has_seen(self, length: int) -> bool:
        """Whether who made the file must have had ours, of this length, before them."""
        return self.shared * 2 >= length


def compare(ours: bytes, theirs: bytes) -> Comparison | None:
    """None when both are the same. Never raises, whatever ``theirs`` is."""
    if ours == theirs:
        return None
    extra = len(theirs) - len(ours)
    if extra > 0 and theirs.startswith(ours):
        if b"startxref" in theirs[len(ours) :]:
            return Comparison(Difference.UPDATED, len(ours), {"bytes": extra}, changed_parts(ours, theirs))
        return Comparison(Difference.APPENDED, len(ours), {"bytes": extra})
    if extra > 0 and theirs.endswith(ours):
        return Comparison(Difference.PREPENDED, len(ours), {"bytes": extra})
    if extra < 0 and ours.startswith(theirs):
        return Comparison(Difference.TRUNCATED, len(theirs), {"bytes": -extra})
    return _otherwise(ours, theirs)


def _otherwise(ours: bytes, theirs: bytes) -> Comparison:
    start, end = _common(ours, theirs), _common(ours[::-1], theirs[::-1])
    shared = min(start + end, len(ours))
    if len(ours) == len(theirs):
        places = list(_places(ours, theirs))
        part = part_at(ours, start)
        # Without its directory a reader guesses what belongs where; with one part changed nothing is left to list.
        changes = () if part == Part.DIRECTORY else changed_parts(ours, theirs)
        data = {"bytes": len(places), "position": start + 1, "part": part}
        return Comparison(Difference.BYTES, shared, data, changes if len(changes) > 1 else ())
    return _written_anew(ours, theirs, shared) or Comparison(Difference.BROKEN, shared, {"position": start + 1})


def _written_anew(ours: bytes, theirs: bytes, shared: int) -> Comparison | None:
    try:
        with pikepdf.open(io.BytesIO(ours)) as kept, pikepdf.open(io.BytesIO(theirs)) as sent:
            data = {
                "producer": str(sent.docinfo.get("/Producer", ""))[:80],
                "pages": len(sent.pages),
                "our_pages": len(kept.pages),
                "differing": _differing_pages(kept, sent),
            }
        return Comparison(Difference.WRITTEN_ANEW, shared, data)
    except _UNREADABLE:
        return None


def _differing_pages(kept: pikepdf.Pdf, sent: pikepdf.Pdf) -> list[int]:
    """Numbers of the pages of ``sent`` that are not drawn by the same instructions, surplus pages among them."""
    ours, found = len(kept.pages), []
    for number, page in enumerate(sent.pages, start=1):
        if number > ours or _drawn(page) != _drawn(kept.pages[number - 1]):
            found.append(number)
    return found


def _drawn(page: pikepdf.Page) -> list[bytes]:
    """The instructions of a page. What they name (fonts, pictures) may still be another."""
    return pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)).split()


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning are the same."""
    length = min(len(one), len(other))
    for start in range(0, length, _CHUNK):
        end = min(start + _CHUNK, length)
        if one[start:end] != other[start:end]:
            return next(place for place in range(start, end) if one[place] != other[place])
    return length


def _places(one: bytes, other: bytes) -> Iterator[int]:
    """Where two files of the same length differ."""
    for start in range(0, len(one), _CHUNK):
        left, right = one[start : start + _CHUNK], other[start : start + _CHUNK]
        if left != right:
            yield from (start + place for place in range(len(left)) if left[place] != right[place])
