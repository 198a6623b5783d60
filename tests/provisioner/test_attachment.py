"""Papers people send: harmless ones are kept small and clean, everything else is refused with its reason."""

import io
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provisioner.attachment import AttachmentReader, Paper
from provisioner.documents.case_binding import page_count
from provisioner.errors import InvalidInput
from provisioner.settings import AttachmentSettings

READER = AttachmentReader(
    AttachmentSettings(max_file_mib=1, max_files=4, max_pages=5, max_image_megapixels=4, image_edge_pixels=800)
)
GPS = 0x8825
ORIENTATION = 0x0112


def _pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], object] | None = None, **saving: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        if change:
            change(pdf)
        pdf.save(out, **saving)  # type: ignore[arg-type]
    return out.getvalue()


def _picture(form: str = "JPEG", size: tuple[int, int] = (1200, 900), mode: str = "RGB", **saving: object) -> bytes:
    out = io.BytesIO()
    image = Image.new(mode, size)
    if mode in ("RGB", "RGBA"):
        image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
    image.save(out, form, **saving)
    return out.getvalue()


def _read(*contents: bytes) -> Paper:
    return READER.read([("berkas.pdf", content) for content in contents])


def _refusal(*contents: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        _read(*contents)
    return caught.value


def _images(paper: Paper) -> list[Image.Image]:
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        images = [image for page in pdf.pages for image in page.get_images().values()]
        return [pikepdf.PdfImage(image).as_pil_image().copy() for image in images if isinstance(image, pikepdf.Stream)]


def test_a_single_pdf_is_kept_byte_for_byte() -> None:
    content = _pdf(2)
    paper = _read(content)
    assert (paper.content, paper.pages, paper.media_type) == (content, 2, "application/pdf")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_becomes_a_reduced_page(form: str) -> None:
    paper = _read(_picture(form))
    (image,) = _images(paper)
    assert (paper.pages, paper.media_type, image.size) == (1, "application/pdf", (800, 600))
    with pikepdf.open(io.BytesIO(paper.content)) as pdf:
        assert [round(float(edge)) for edge in pdf.pages[0].mediabox] == [0, 0, 842, 595]


def test_a_small_picture_is_not_enlarged() -> None:
    assert _images(_read(_picture(size=(300, 400))))[0].size == (300, 400)


def test_several_pages_are_joined_in_their_order() -> None:
    parts = (_picture(size=(300, 400)), _pdf(2), _picture("PNG", size=(400, 300)))
    paper = _read(*parts)
    assert paper.pages == 4
    assert [image.size for image in _images(paper)] == [(300, 400), (400, 300)]
    assert paper.content == _read(*parts).content


def test_place_device_and_comment_are_stripped_and_the_rotation_carried_out() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "Telepon-Merek-X"
    exif.get_ifd(GPS)[1] = "S"
    exif.get_ifd(GPS)[2] = (7.0, 28.0, 12.0)
    content = _picture(exif=exif.tobytes(), comment=b"rahasia-komentar")
    assert b"Telepon-Merek-X" in content
    paper = _read(content)
    (image,) = _images(paper)
    assert image.size == (600, 800)
    assert not image.getexif()
    for trace in (b"Telepon", b"komentar", b"Exif"):
        assert trace not in paper.content


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixels_becomes_a_page(mode: str) -> None:
    assert _images(_read(_picture("PNG", mode=mode)))[0].size == (800, 600)


def test_transparency_becomes_white_paper_and_deep_grey_stays_grey() -> None:
    (clear,) = _images(_read(_picture("PNG", size=(40, 40), mode="LA")))
    assert set(clear.convert("L").tobytes()) == {255}
    out = io.BytesIO()
    Image.new("I;16", (40, 40), 32768).save(out, "PNG")
    (grey,) = _images(_read(out.getvalue()))
    assert all(120 <= level <= 136 for level in grey.convert("L").tobytes())


def _javascript(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _named_javascript(pdf: pikepdf.Pdf) -> None:
    script = pdf.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pdf.make_stream(b"app.alert(1)")))
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["x", script]))


def _annotation(pdf: pikepdf.Pdf, action: pikepdf.Dictionary) -> None:
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=pikepdf.Dictionary(Next=[action])
    )
    pdf.pages[0].Annots = pikepdf.Array([link])


def _launch(pdf: pikepdf.Pdf) -> None:
    _annotation(pdf, pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe"))


def _submit(pdf: pikepdf.Pdf) -> None:
    _annotation(pdf, pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F="https://example.test/"))


def _embedded(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["x.exe"] = b"MZ"


def _xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_javascript, "attachment-script"),
        (_named_javascript, "attachment-script"),
        (_xfa, "attachment-script"),
        (_launch, "attachment-action"),
        (_submit, "attachment-action"),
        (_embedded, "attachment-embedded"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_that_acts_is_refused(change: Callable[[pikepdf.Pdf], None], code: str, packed: bool) -> None:
    streams = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    assert _refusal(_pdf(change=change, object_stream_mode=streams)).code == code


def test_a_name_written_in_another_way_is_still_recognised() -> None:
    hidden = _pdf(change=_javascript).replace(b"/JavaScript", b"/J#61v#61Script").replace(b"/JS ", b"/J#53 ")
    assert b"/JavaScript" not in hidden
    assert _refusal(hidden).code == "attachment-script"


def test_a_link_to_a_web_page_is_allowed() -> None:
    web = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://mojokertokota.go.id")
    assert _read(_pdf(change=lambda pdf: _annotation(pdf, web))).pages == 1


@pytest.mark.parametrize(("owner", "user"), [("o", "u"), ("o", "")])
def test_an_encrypted_pdf_is_refused(owner: str, user: str) -> None:
    content = _pdf(encryption=pikepdf.Encryption(owner=owner, user=user))
    assert _refusal(content).code == "attachment-encrypted"


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("surat.pdf", _pdf())
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def _png_bomb(edge: int) -> bytes:
    header = edge.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(1000)))


def _pdf_with_packed_objects(mebibytes: int) -> bytes:
    """A PDF of one page whose objects are packed into a stream that unpacks to so much, most of it blanks."""
    catalog, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    index = b"1 0 2 %d 3 %d " % (len(catalog), len(catalog + pages))
    packer = zlib.compressobj(9)
    packed = packer.compress(index + catalog + pages + page)
    packed += b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(mebibytes)) + packer.flush()
    head = b"%PDF-1.5\n"
    objects = b"4 0 obj<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n"
    body = head + objects % (len(index), len(packed), packed)
    places = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, len(head), 0), (1, len(body), 0)]
    rows = b"".join(bytes([kind]) + place.to_bytes(4) + bytes([last]) for kind, place, last in places)
    table = b"5 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream endobj\n"
    return body + table % (len(rows), rows) + b"startxref\n%d\n%%%%EOF" % len(body)


def test_a_pdf_that_unpacks_without_bound_is_refused() -> None:
    assert _read(_pdf_with_packed_objects(1)).pages == 1
    assert _refusal(_pdf_with_packed_objects(100)).code == "attachment-damaged"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attachment-empty"),
        (b"halo", "attachment-type"),
        (b"<html><script>", "attachment-type"),
        (_zip(), "attachment-type"),
        (b"MZ" + _pdf(), "attachment-type"),
        (b"GIF89a" + bytes(100), "attachment-type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "attachment-heic"),
        (b"%PDF-1.7\n" + bytes(1000), "attachment-damaged"),
        (_pdf(0), "attachment-damaged"),
        (_pdf(6), "attachment-too-many-pages"),
        (_picture()[:300], "attachment-damaged"),
        (_picture("PNG")[:200], "attachment-damaged"),
        (b"\xff\xd8\xff" + bytes(100), "attachment-damaged"),
        (_picture(size=(2100, 2000)), "attachment-too-many-pixels"),
        (_png_bomb(10_000), "attachment-too-many-pixels"),
        (_png_bomb(30_000), "attachment-too-many-pixels"),
        (_png_bomb(1_000_000), "attachment-too-many-pixels"),
        (b"%PDF-" + bytes(1024 * 1024), "attachment-too-large"),
    ],
)
def test_what_is_no_harmless_paper_is_refused_with_its_reason(content: bytes, code: str) -> None:
    assert _refusal(content).code == code


def test_the_file_to_blame_is_told() -> None:
    refused = _refusal(_pdf(), b"halo")
    assert (refused.code, refused.data["file"]) == ("attachment-type", 2)


def test_the_number_of_files_and_of_all_pages_is_limited() -> None:
    assert _refusal().code == "attachment-missing"
    assert _refusal(*[_pdf()] * 5).code == "attachment-too-many-files"
    assert _refusal(_pdf(3), _pdf(3)).code == "attachment-too-many-pages"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("SK Penunjukan.PDF", "SK Penunjukan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\foto.jpg", "foto.pdf"),
        ("a\x00b\r\nc\u202e.jpg", "abc.pdf"),
        ("", "lampiran.pdf"),
        ("...", "lampiran.pdf"),
        ("n" * 5000 + ".jpg", "n" * 100 + ".pdf"),
        ("\ud800.pdf", "lampiran.pdf"),
    ],
)
def test_the_name_kept_is_harmless(given_name: str, kept: str) -> None:
    assert READER.read([(given_name, _pdf())]).file_name == kept


SEEDS = [_pdf(2), *(_picture(form, size=(60, 40)) for form in ("JPEG", "PNG", "WEBP"))]


@settings(max_examples=200)
@given(st.data())
def test_damaged_files_are_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        paper = _read(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except InvalidInput as refused:
        assert refused.code.startswith("attachment-")
    else:
        assert paper.pages >= 1


def test_a_scan_of_40_mb_is_refused_with_the_limit() -> None:
    refused = _refusal(_pdf() + bytes(40 * 1024 * 1024))
    assert (refused.code, refused.data["limit_mib"]) == ("attachment-too-large", 1)


@pytest.mark.parametrize("broken", [b"startxref\n999999\n%%EOF", b"startxref\n0\n%%EOF", b""])
def test_a_pdf_with_a_broken_cross_reference_table_is_refused_or_can_be_bound_later(broken: bytes) -> None:
    whole = _pdf(2)
    content = whole[: whole.rindex(b"startxref")] + broken
    try:
        paper = _read(content)
    except InvalidInput as refused:
        assert refused.code == "attachment-damaged"
        return
    assert paper.content == content
    assert page_count(paper.content) == paper.pages == 2
