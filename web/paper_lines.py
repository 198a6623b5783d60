"""The office's papers as pages list them: a name, what is known of each, and where it is read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import make_response, request
from flask_babel import LazyString
from werkzeug.wrappers import Response

from provisioner.errors import NotFound
from provisioner.paper import PaperKind
from provisioner.provisioning.kept_papers import PaperView
from provisioner.provisioning.papers import OfferedPaper
from web.catalog import gettext, later
from web.errors import field_text

PAPER_NAMES: dict[PaperKind, LazyString] = {
    PaperKind.REQUEST_LETTER: later("Surat Permohonan"),
    PaperKind.DISPOSITION_SHEET: later("Lembar Disposisi"),
    PaperKind.BIO_FORM: later("Form Isian Bio Data Operator"),
    PaperKind.ANSWER: later("Surat Jawaban"),
    PaperKind.HANDOVER_RECEIPT: later("Bukti Serah Terima Akun"),
    PaperKind.REVOCATION_REPORT: later("Berita Acara Pencabutan Hak Akses"),
    PaperKind.DESTRUCTION_RECORD: later("Berita Acara Pemusnahan Arsip"),
}


@dataclass(frozen=True)
class PaperLine:
    """One paper that can be read now."""

    name: str
    url: str
    download: str
    detail: str


def paper_lines(papers: Iterable[OfferedPaper], address: Callable[..., str]) -> list[PaperLine]:
    """``address`` makes the address of a paper from ``kind``, ``about`` and perhaps ``unduh``."""
    return [
        PaperLine(
            str(PAPER_NAMES[paper.kind]),
            address(kind=paper.kind.value, about=paper.subject),
            address(kind=paper.kind.value, about=paper.subject, unduh=1),
            _detail(paper),
        )
        for paper in papers
    ]


def kind_of(name: str) -> PaperKind:
    """:raises NotFound: ``paper-unknown``."""
    try:
        return PaperKind(name)
    except ValueError:
        raise NotFound("paper-unknown") from None


def pdf_answer(paper: PaperView, content: bytes) -> Response:
    """The paper, shown in the browser; with ``?unduh=1`` to be kept."""
    response = make_response(content)
    response.mimetype = "application/pdf"
    number = f"-{paper.number.replace('/', '-')}" if paper.number else ""
    where = "attachment" if "unduh" in request.args else "inline"
    response.headers.set("Content-Disposition", where, filename=f"{paper.kind.template}{number}.pdf")
    return response


def _detail(paper: OfferedPaper) -> str:
    if paper.refused is not None:
        return field_text(paper.refused.code, {"characters": paper.refused.characters})
    if paper.kind is PaperKind.BIO_FORM:
        return gettext("memuat NIK lengkap; setiap kali dibuka dicatat")
    return gettext("nomor %(number)s", number=paper.made.number) if paper.made and paper.made.number else ""
