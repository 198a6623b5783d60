"""Typst: a template and its data become a PDF/A-2b, the same bytes whenever both and the moment are the same.

Data goes in as JSON, so nothing in it is ever read as markup. Only the fonts inside the Typst library are used, so
that a paper looks the same on every machine, and nothing is ever fetched from a network.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from provisioner.errors import ConfigurationError, InvalidInput

CREST = "lambang.svg"
"""The region's arms, beside the templates."""
_ANY_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"┌─ (?P<file>.+?):(?P<line>\d+):\d+")
_UNPRINTABLE = re.compile(r"the text `\"(?P<text>.*)\"` could not be displayed", re.DOTALL)
_PACKAGE = re.compile(r"^[^\n]*\"@[\w-]+/", re.MULTILINE)


@dataclass(frozen=True)
class Box:
    """Where a signature field stands: page from 0, corners in points from the *lower* left, as PDF counts."""

    name: str
    page: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """In points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """In points."""
        return self.top - self.bottom


@dataclass(frozen=True)
class Paper:
    """A rendered PDF and its signature boxes, in the order in which the template places them."""

    pdf: bytes
    boxes: tuple[Box, ...]


class Renderer:
    """Renders the templates of one folder. Keeps no state between calls and may be used by several threads."""

    def __init__(self, letters: Path | Callable[[], Path]) -> None:
        """``letters``: the folder, or what tells which one is in use now (asked once for each paper)."""
        self._folder: Callable[[], Path] = letters if callable(letters) else lambda: letters
        self._fonts = typst.Fonts(include_system_fonts=False)

    def render(self, template: str, data: Mapping[str, object], at: datetime, *, tagged: bool = True) -> bytes:
        """The PDF/A-2b made from ``template`` (a name without ``.typ``), dated ``at``.

        ``tagged=False`` leaves the accessibility tags out, for pages that are placed into another PDF.

        :raises ConfigurationError: the template is missing or broken; carries its line.
        :raises InvalidInput: ``unprintable-text``: the data hold a character that the letters' font lacks.
        """
        file = _source(self._folder(), template)
        return _compile(self._compiler(file, data), file, at, tagged)

    def picture(self, template: str, data: Mapping[str, object], ppi: int = 300) -> bytes:
        """The one page of ``template`` as PNG, for whoever cannot place a PDF. Raises like :meth:`render`."""
        file = _source(self._folder(), template)
        compiler = self._compiler(file, data)
        _compile(compiler, file, _ANY_MOMENT, tagged=False)  # Its errors tell the line.
        picture = compiler.compile(format="png", ppi=ppi)
        if not isinstance(picture, bytes):
            raise ConfigurationError(str(file), "the template makes more than one page")
        return picture

    def locate(self, template: str, data: Mapping[str, object]) -> tuple[Box, ...]:
        """The signature boxes of ``template``: what it labels ``<signature-field>``. Raises like :meth:`render`."""
        return self.paper(template, data, _ANY_MOMENT).boxes

    def paper(self, template: str, data: Mapping[str, object], at: datetime) -> Paper:
        """:meth:`render` and :meth:`locate` in one go. Raises like them."""
        file = _source(self._folder(), template)
        compiler = self._compiler(file, data)
        return Paper(_compile(compiler, file, at, tagged=True), _boxes(compiler, file))

    def revision(self, template: str) -> str:
        """Twelve hexadecimal digits that change with ``template``, any file it may import, and the arms."""
        folder = self._folder()
        digest = hashlib.sha256(_source(folder, template).name.encode() + _crest(folder).encode())
        for file in sorted(folder.glob("*.typ")):
            if file.name == f"{template}.typ" or file.name.startswith("_"):
                digest.update(file.name.encode() + b"\0" + _digest(file, *_stamp(file)))
        return digest.hexdigest()[:12]

    def crest(self) -> str:
        """The region's arms for the letterhead, as SVG: ``lambang.svg`` of the folder, empty without one.

        :raises ConfigurationError: the drawing cannot be read.
        """
        return _crest(self._folder())

    def _compiler(self, file: Path, data: Mapping[str, object]) -> typst.Compiler:
        for source in file.parent.glob("*.typ"):
            _refuse_packages(source, *_stamp(source))
        inputs = {"data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
        return typst.Compiler(
            file, root=file.parent, font_paths=self._fonts, ignore_system_fonts=True, sys_inputs=inputs
        )


def _source(folder: Path, template: str) -> Path:
    file = folder / f"{template}.typ"
    if not re.fullmatch(r"[a-z][a-z-]*", template) or not file.is_file():
        raise ConfigurationError(str(file), "this template does not exist")
    return file


def _crest(folder: Path) -> str:
    file = folder / CREST
    if not file.exists():
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(file), "cannot be read as UTF-8 text") from error


def _compile(compiler: typst.Compiler, file: Path, at: datetime, tagged: bool) -> bytes:
    try:
        pdf = compiler.compile(
            format="pdf", pdf_standards=["a-2b"], timestamp=at.replace(microsecond=0), pdf_tags=tagged
        )
    except RuntimeError as error:
        raise _refusal(error, file) from error
    if not isinstance(pdf, bytes):
        raise ConfigurationError(str(file), "the template makes no PDF")
    return pdf


def _boxes(compiler: typst.Compiler, file: Path) -> tuple[Box, ...]:
    """Asked of a template that has compiled: a query's own errors would not tell the line."""
    found = json.loads(compiler.query("<signature-field>", field="value"))
    try:
        return tuple(_box(place) for place in found)
    except (KeyError, TypeError) as error:
        reason = "its <signature-field> labels do not tell name, page, x, y, width, height and page-height"
        raise ConfigurationError(str(file), reason) from error


def _refusal(error: RuntimeError, file: Path) -> ConfigurationError | InvalidInput:
    message = getattr(error, "message", str(error))
    if unprintable := _UNPRINTABLE.search(message):
        return InvalidInput("unprintable-text", characters=_code_points(unprintable["text"]))
    place = _PLACE.search(getattr(error, "diagnostic", ""))
    where = file.parent / Path(place["file"]).name if place else file
    return ConfigurationError(str(where), message, int(place["line"]) if place else None)


def _box(place: dict[str, Any]) -> Box:
    """Typst counts pages from 1 and down from the upper edge."""
    top = place["page-height"] - place["y"]
    right = place["x"] + place["width"]
    return Box(place["name"], place["page"] - 1, place["x"], top - place["height"], right, top)


def _stamp(file: Path) -> tuple[int, int]:
    """What changes when the file is saved anew. Each is read once for a stamp: every paper asks after a dozen."""
    try:
        stat = file.stat()
    except OSError as error:
        raise ConfigurationError(str(file), "cannot be read") from error
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=256)
def _digest(file: Path, _changed: int, _size: int) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


@lru_cache(maxsize=256)
def _refuse_packages(source: Path, _changed: int, _size: int) -> None:
    """Typst would download a package that a template imports; a letter must not depend on a network."""
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(source), "cannot be read as UTF-8 text") from error
    if found := _PACKAGE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigurationError(str(source), "imports a package; letters only use files beside them", line)


def _code_points(text: str) -> str:
    return " ".join(
        f"U+{match.upper():0>4}" if match else f"U+{ord(char):04X}"
        for match, char in re.findall(r"\\u\{([0-9a-f]+)\}|(.)", text, re.DOTALL)
    )
