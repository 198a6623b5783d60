"""Binding the papers of a case into one PDF: pages one after the other, an outline, originals embedded.

What is bound loses its electronic signatures (they sign the bytes of the file, not its pages), so their pictures are
made part of the page, and the signed files lie in the PDF as they are. The result claims no PDF/A: what applicants
bring is none.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import AttachedFileSpec, Name, OutlineItem

_MARK_SIZE = 7.5
_MARGIN = 14


@dataclass(frozen=True)
class Bound:
    """One paper to be bound. ``embedded``: the file itself lies in the PDF too, under this name; empty: it does not."""

    title: str
    document: bytes
    embedded: str = ""


def page_count(document: bytes) -> int:
    """How many pages it has; 0 when it cannot be read as a PDF."""
    try:
        with pikepdf.open(io.BytesIO(document)) as pdf:
            return len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return 0


def bind(cover: bytes, papers: Sequence[Bound], mark: str) -> bytes:
    """One PDF: the cover, then each paper that can be read. The same input gives the same bytes.

    ``mark`` and the page's number are printed small in the upper right corner of every page but the cover's own.
    """
    with pikepdf.open(io.BytesIO(cover)) as whole:
        # The cover's PDF/A claim does not hold for the whole.
        if Name.Metadata in whole.Root:
            del whole.Root.Metadata
        own = len(whole.pages)
        outline = [OutlineItem("Sampul dan daftar isi", 0)]
        for paper in papers:
            first = len(whole.pages)
            if _append(whole, paper.document):
                outline.append(OutlineItem(paper.title, first))
            if paper.embedded:
                whole.attachments[paper.embedded] = _embedded(whole, paper)
        with whole.open_outline() as entries:
            entries.root.extend(outline)
        for number in range(own, len(whole.pages)):
            _stamp(whole, whole.pages[number], f"{mark} · {number + 1}")
        whole.Root.PageMode = Name.UseOutlines
        out = io.BytesIO()
        whole.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _append(whole: pikepdf.Pdf, document: bytes) -> bool:
    try:
        with pikepdf.open(io.BytesIO(document)) as source:
            # Only this makes the pictures of signatures part of the page.
            source.flatten_annotations("all")
            whole.pages.extend(source.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return False
    return True


def _embedded(whole: pikepdf.Pdf, paper: Bound) -> AttachedFileSpec:
    spec = AttachedFileSpec(
        whole,
        paper.document,
        description=paper.title,
        filename=paper.embedded,
        mime_type="application/pdf",
        creation_date="D:19800101000000Z",
        mod_date="D:19800101000000Z",
    )
    spec.obj.AFRelationship = Name.Source
    return spec


def _stamp(whole: pikepdf.Pdf, page: pikepdf.Page, text: str) -> None:
    """Print a line at the upper right as the page is read, whatever its size and turn."""
    left, bottom, right, top = (float(number) for number in page.cropbox)
    turn = int(page.obj.get(Name.Rotate, 0)) % 360
    length = 0.5 * _MARK_SIZE * len(text)
    place = {
        0: f"1 0 0 1 {right - length - _MARGIN:.2f} {top - _MARGIN:.2f}",
        90: f"0 1 -1 0 {left + _MARGIN:.2f} {top - length - _MARGIN:.2f}",
        180: f"-1 0 0 -1 {left + length + _MARGIN:.2f} {bottom + _MARGIN:.2f}",
        270: f"0 -1 1 0 {right - _MARGIN:.2f} {bottom + length + _MARGIN:.2f}",
    }[turn]
    font = pikepdf.Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    # Named, because the name made up otherwise is another each time.
    name = page.add_resource(whole.make_indirect(font), Name.Font, Name("/CaseMark"))
    line = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    # On white, for scans are dark up to their edges.
    ground = f"1 g -3 -3 {length + 6:.2f} {_MARK_SIZE + 5} re f 0.32 g"
    drawn = f"q {place} cm {ground} BT {name} {_MARK_SIZE} Tf ".encode() + b"(" + line + b") Tj ET Q"
    # What the page leaves behind in its graphics state must not turn or hide the line.
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q " + drawn)
