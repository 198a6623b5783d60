"""Ways in which people change a PDF that was finished."""

import io
import subprocess
from pathlib import Path

import pikepdf
import segno
from PIL import Image
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign.fields import enumerate_sig_fields


def flipped(document: bytes, offset: int) -> bytes:
    """One bit of one byte is other."""
    return document[:offset] + bytes([document[offset] ^ 1]) + document[offset + 1 :]


def with_note(document: bytes) -> bytes:
    """An editor laid a note over page 1 and saved it as an incremental update."""
    writer = _writer(document)
    note = DictionaryObject(  # type: ignore[no-untyped-call]
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/FreeText"),
            NameObject("/Rect"): ArrayObject([NumberObject(each) for each in (60, 600, 300, 640)]),  # type: ignore[no-untyped-call]
            NameObject("/Contents"): TextStringObject("Disetujui"),
            NameObject("/DA"): TextStringObject("/Helv 18 Tf 0 g"),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))  # type: ignore[no-untyped-call]
    return _saved(writer)


def with_more_on_a_page(document: bytes) -> bytes:
    """An editor drew something more on page 1."""
    writer = _writer(document)
    more = StreamObject(stream_data=b"BT /F1 20 Tf 60 600 Td (tambahan) Tj ET")
    writer.add_stream_to_page(0, writer.add_object(more))  # type: ignore[no-untyped-call]
    return _saved(writer)


def with_one_page_more(document: bytes) -> bytes:
    """An editor added a page at the end."""
    writer = _writer(document)
    empty = writer.add_object(StreamObject(stream_data=b""))
    writer.insert_page(PageObject(contents=empty, media_box=(0, 0, 595, 842)))  # type: ignore[no-untyped-call]
    return _saved(writer)


def with_another_field_value(document: bytes, field: str) -> bytes:
    """An editor wrote a hint into a form field that was locked by a signature."""
    writer = _writer(document)
    for name, _, reference in enumerate_sig_fields(writer.prev):
        if name == field:
            writer.import_object(reference)
            changed = writer.get_object(reference.reference)
            changed[NameObject("/TU")] = TextStringObject("Lunas")
            writer.mark_update(reference.reference)
    return _saved(writer)


def with_another_title(document: bytes) -> bytes:
    """An editor changed the title in the document's properties."""
    writer = _writer(document)
    writer.set_info(DictionaryObject({NameObject("/Title"): TextStringObject("Pakta lain")}))  # type: ignore[no-untyped-call]
    return _saved(writer)


def saved_anew(document: bytes) -> bytes:
    """Another program read it and wrote it again from nothing."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(document)) as pdf:
        pdf.docinfo["/Producer"] = "Pencetak PDF"
        pdf.save(out)
    return out.getvalue()


def with_broken_table(document: bytes) -> bytes:
    """The last cross-reference table points into nowhere."""
    place = document.rindex(b"startxref") + 10
    return document[:place] + b"9" * (document.index(b"\n", place) - place) + document[document.index(b"\n", place) :]


def only_named(keywords: str) -> bytes:
    """An empty page that calls itself a paper of ours."""
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.docinfo["/Keywords"] = keywords
        pdf.save(out)
    return out.getvalue()


def scanned(picture: bytes) -> bytes:
    """A picture as the only thing on a page, as scanners make PDFs."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("L").save(out, "PDF", resolution=150)
    return out.getvalue()


def _writer(document: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(PdfFileReader(io.BytesIO(document)).stream)


def _saved(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def printed_to_pdf(document: bytes, folder: Path) -> bytes:
    """Another program (cairo) drew every page into a new PDF: nothing of the file is left, and no picture is in it."""
    source, target = folder / "source.pdf", folder / "printed.pdf"
    source.write_bytes(document)
    subprocess.run(["pdftocairo", "-pdf", source, target], check=True)
    return target.read_bytes()


def page_with_code(address: str) -> bytes:
    """A page with nothing but a QR code, drawn with lines."""
    code = segno.make(address, error="m")
    width = len(code.matrix)
    squares = [
        f"{60 + 5 * column} {500 - 5 * row} 5 5 re"
        for row, line in enumerate(code.matrix)
        for column, dark in enumerate(line)
        if dark
    ]
    assert width < 90
    return _page("\n".join(squares).encode() + b" f")


def page_without_end() -> bytes:
    """A page whose drawing takes longer than anybody waits: half a million lines across it, each as thick as itself."""
    lines = b"\n".join(b"%d 0 m %d 842 l" % (number % 595, (number * 7) % 595) for number in range(2000))
    return _page((b"300 w\n" + lines + b" S\n") * 250)


def joined(*documents: bytes) -> bytes:
    """Their pages one after another."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for document in documents:
            with pikepdf.open(io.BytesIO(document)) as part:
                whole.pages.extend(part.pages)
        whole.save(out)
    return out.getvalue()


def _page(drawn: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Contents = pdf.make_stream(drawn)
        pdf.save(out)
    return out.getvalue()
