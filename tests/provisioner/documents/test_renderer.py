"""Typst under our rules: same bytes, no markup from data, mistakes told with their line, no network."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.documents.renderer import Renderer
from provisioner.errors import ConfigurationError, InvalidInput
from tests.provisioner.documents.poppler import text_of

AT = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
PLAIN = """#set text(font: "Libertinus Serif")
#let data = json(bytes(sys.inputs.data))
#data.name
"""
HOSTILE = [
    "#panic() Budi",
    "$x$ Budi $",
    "*Budi* _Santoso_",
    "@budi <label>",
    "\"Budi\" \\ 'Santoso'",
    "`Budi` ~ = - + / [x] {y}",
    "// Budi /* Santoso */",
    "D'Artagnan-O'Neill Nur'aini",
    "Łukasz Žižek Đặng Thị Nguyễn Ólafsdóttir",
    "Ναταλία Иванова",
    "X" * 60,
]


def renderer(folder: Path, source: str = PLAIN) -> Renderer:
    (folder / "surat.typ").write_text(source, encoding="utf-8")
    return Renderer(folder)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first = renderer(tmp_path).render("surat", {"name": "Budi", "b": 1, "a": 2}, AT)
    assert renderer(tmp_path).render("surat", {"a": 2, "b": 1, "name": "Budi"}, AT) == first


def test_threads_that_render_at_once_get_the_same_bytes(tmp_path: Path) -> None:
    paper = renderer(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: paper.render("surat", {"name": "Budi"}, AT), range(12)))
    assert len(set(found)) == 1


def test_another_moment_gives_other_bytes(tmp_path: Path) -> None:
    paper = renderer(tmp_path)
    later = AT.replace(year=2027)
    assert paper.render("surat", {"name": "Budi"}, AT) != paper.render("surat", {"name": "Budi"}, later)


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_data_is_printed_as_it_stands(tmp_path: Path, name: str) -> None:
    pdf = renderer(tmp_path).render("surat", {"name": name}, AT)
    assert text_of(pdf, tmp_path) == " ".join(name.split())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=80))
def test_any_text_is_either_printed_or_refused_in_words(tmp_path: Path, name: str) -> None:
    try:
        pdf = renderer(tmp_path).render("surat", {"name": name}, AT)
    except InvalidInput as refusal:
        assert refusal.code == "unprintable-text"
    else:
        assert pdf.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "point"), [("Budi 李", "U+674E"), ("Budi 😀", "U+1F600"), ("Bu\0di", "U+0000"), ("Bu\x07di", "U+0007")]
)
def test_a_character_the_font_lacks_is_refused_by_its_code_point(tmp_path: Path, name: str, point: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        renderer(tmp_path).render("surat", {"name": name}, AT)
    assert refusal.value.code == "unprintable-text"
    assert refusal.value.data["characters"] == point


@pytest.mark.parametrize(
    ("source", "line", "word"),
    [
        ("= Judul\n\n#let x =\n", 3, "expected expression"),
        ("= Judul\n#tidak-ada()\n", 2, "tidak-ada"),
        (PLAIN + "#data.nama\n", 4, "nama"),
        ('= Judul\n\n\n#image("lambang.png")\n', 4, "file not found"),
        ('= Judul\n#import "@preview/tablex:0.0.8": *\n', 2, "package"),
    ],
)
def test_a_broken_template_is_refused_with_file_and_line(tmp_path: Path, source: str, line: int, word: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        renderer(tmp_path, source).render("surat", {"name": "Budi"}, AT)
    assert Path(refusal.value.file) == tmp_path / "surat.typ"
    assert refusal.value.line == line
    assert word in refusal.value.reason


def test_a_mistake_in_an_imported_file_is_told_with_that_file(tmp_path: Path) -> None:
    (tmp_path / "_kop.typ").write_text("\n\n#let kop() = tidak-ada\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as refusal:
        renderer(tmp_path, '#import "_kop.typ": *\n#kop()\n').render("surat", {"name": "Budi"}, AT)
    assert (Path(refusal.value.file).name, refusal.value.line) == ("_kop.typ", 3)


def test_locating_in_a_broken_template_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        renderer(tmp_path, "\n#tidak-ada()\n").locate("surat", {})
    assert refusal.value.line == 2


def test_a_signature_field_that_does_not_tell_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="signature-field"):
        renderer(tmp_path, "#metadata((name: 1)) <signature-field>").locate("surat", {})


@pytest.mark.parametrize("template", ["tidak-ada", "../pact", "surat.typ", ""])
def test_a_template_that_does_not_exist_is_refused(tmp_path: Path, template: str) -> None:
    with pytest.raises(ConfigurationError):
        renderer(tmp_path).render(template, {}, AT)


def test_a_template_that_is_not_text_is_refused(tmp_path: Path) -> None:
    paper = renderer(tmp_path)
    (tmp_path / "surat.typ").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="UTF-8"):
        paper.render("surat", {"name": "Budi"}, AT)


def test_a_template_cannot_read_outside_its_folder(tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    letters.mkdir()
    (tmp_path / "rahasia.txt").write_text("rahasia", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        renderer(letters, '#read("../rahasia.txt")\n').render("surat", {"name": "Budi"}, AT)


def test_a_box_is_told_in_points_from_the_lower_left(tmp_path: Path) -> None:
    source = """#set page(width: 200pt, height: 300pt, margin: 0pt)
#place(top + left, dx: 10pt, dy: 40pt, box(width: 50pt, height: 20pt, context {
  let p = here().position()
  [#metadata((name: "Saksi", page: p.page, x: p.x.pt(), y: p.y.pt(), width: 50, height: 20,
    page-height: page.height.pt())) <signature-field>]
}))
"""
    (box,) = renderer(tmp_path, source).locate("surat", {})
    assert (box.name, box.page) == ("Saksi", 0)
    assert (box.left, box.bottom, box.right, box.top) == pytest.approx((10, 240, 60, 260))
    assert (box.width, box.height) == pytest.approx((50, 20))


def test_the_revision_changes_with_the_template_and_what_it_imports(tmp_path: Path) -> None:
    paper = renderer(tmp_path)
    seen = [paper.revision("surat")]
    (tmp_path / "_kop.typ").write_text("#let kop = 1", encoding="utf-8")
    seen.append(paper.revision("surat"))
    (tmp_path / "lain.typ").write_text("lain", encoding="utf-8")
    assert paper.revision("surat") == seen[-1]
    (tmp_path / "lambang.svg").write_text("<svg/>", encoding="utf-8")
    seen.append(paper.revision("surat"))
    seen.append(renderer(tmp_path, PLAIN + "\n").revision("surat"))
    assert len(set(seen)) == 4


def test_arms_that_are_not_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lambang.svg").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError):
        renderer(tmp_path).crest()


def test_the_pdf_declares_pdf_a_2b_and_says_the_moment_given(tmp_path: Path) -> None:
    pdf = renderer(tmp_path).render("surat", {"name": "Budi"}, AT)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        with file.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"
            assert str(metadata["xmp:CreateDate"]).startswith("2026-11-22T07:30")
        assert file.Root.OutputIntents[0].S == "/GTS_PDFA1"
