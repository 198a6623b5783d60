"""Second opinions on our PDFs from poppler's tools."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


def _run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def text_of(pdf: bytes, folder: Path) -> str:
    """The text of all pages, blanks and line breaks made single."""
    file = folder / "text.pdf"
    file.write_bytes(pdf)
    return " ".join(_run("pdftotext", "-layout", file, "-").split())


def written_order_of(pdf: bytes, folder: Path) -> str:
    """The same in the order in which it was written: what wraps inside a column stays together."""
    file = folder / "order.pdf"
    file.write_bytes(pdf)
    return " ".join(_run("pdftotext", "-raw", file, "-").split())


def texts_of(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page, likewise."""
    file = folder / "texts.pdf"
    file.write_bytes(pdf)
    return [" ".join(page.split()) for page in _run("pdftotext", "-layout", file, "-").split("\f")]


def pages_of(pdf: bytes, folder: Path) -> int:
    """How many pages."""
    file = folder / "pages.pdf"
    file.write_bytes(pdf)
    info = dict(line.split(":", 1) for line in _run("pdfinfo", file).splitlines() if ":" in line)
    return int(info["Pages"])


@dataclass(frozen=True)
class Font:
    """One line of ``pdffonts``."""

    name: str
    embedded: bool


def fonts_of(pdf: bytes, folder: Path) -> list[Font]:
    """Every font, those of stamps included."""
    file = folder / "fonts.pdf"
    file.write_bytes(pdf)
    rows = [line.split() for line in _run("pdffonts", file).splitlines()[2:]]
    return [Font(row[0], row[-5] == "yes") for row in rows]


def signatures_of(pdf: bytes, folder: Path) -> list[str]:
    """What ``pdfsig`` says about each signature; it does not know our authority, so certificates are left out."""
    file = folder / "signed.pdf"
    file.write_bytes(pdf)
    lines = _run("pdfsig", "-nocert", file).splitlines()
    return [line.split(":", 1)[1].strip() for line in lines if "Signature Validation:" in line]


def picture_of(pdf: bytes, folder: Path, dpi: int = 150, page: int = 1) -> bytes:
    """A page as a PNG, as a scanner would make it."""
    file = folder / "picture.pdf"
    file.write_bytes(pdf)
    _run("pdftoppm", "-png", "-r", str(dpi), "-f", str(page), "-l", str(page), "-singlefile", file, folder / "picture")
    return (folder / "picture.png").read_bytes()
