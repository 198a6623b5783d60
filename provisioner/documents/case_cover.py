"""Cover and index of a case file (berkas permohonan)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from provisioner.documents.letterhead import letterhead
from provisioner.documents.qr import qr_svg
from provisioner.documents.renderer import Renderer
from provisioner.office import Office

TEMPLATE = "berkas-permohonan"

TITLES: Mapping[str, str] = {
    "request-letter": "Surat Permohonan",
    "disposition-sheet": "Lembar Disposisi",
    "bio-form": "Form Isian Bio Data Operator",
    "answer": "Surat Jawaban",
    "pact": "Pakta Integritas",
    "handover-receipt": "Bukti Serah Terima Akun",
    "revocation-report": "Berita Acara Pencabutan Hak Akses",
    "letter": "Lampiran: surat permohonan yang diterima",
    "id-card": "Lampiran: KTP-el",
    "decree": "Lampiran: surat keputusan",
    "assignment-order": "Lampiran: surat tugas",
    "other": "Lampiran: lain-lain",
}
"""Kinds of papers and attachments as the index calls them; one without a title stands under its own word."""

REASONS: Mapping[str, str] = {
    "not-made-here": "tidak dibuat oleh aplikasi ini",
    "no-account": "belum ada akun",
    "not-sent-yet": "belum diajukan",
}
"""Why a paper is not there; any other reason means that nothing was recorded for it to tell."""

STATES: Mapping[str, str] = {
    "with-letter": "menunggu disposisi",
    "bio-form": "menunggu bio data",
    "review": "dikaji",
    "returned": "dikembalikan untuk perbaikan",
    "pact-applicant": "menunggu tanda tangan pemohon",
    "pact-official": "menunggu tanda tangan pejabat",
    "creation": "akun sedang dibuat",
    "handover": "menunggu serah terima",
    "done": "selesai",
    "rejected": "ditolak",
    "withdrawn": "ditarik",
    "revoked": "dicabut",
    "pending-activation": "menunggu aktivasi",
    "active": "aktif",
    "suspended": "dibekukan",
    "locked": "terkunci",
    "expired": "kedaluwarsa",
}


@dataclass(frozen=True)
class Entry:
    """A line of the index. ``page`` counts from 1 in the whole PDF; 0: it could not be put in."""

    title: str
    number: str
    date: str
    digest: str
    note: str = ""
    page: int = 0


@dataclass(frozen=True)
class Cover:
    """What cover and index say. Texts as printed; empty ones are left out."""

    number: str
    applicant: str
    unit: str
    role: str
    region: str
    letter: str
    sender: str
    submitted_at: str
    state: str
    account: str
    box: str
    box_place: str
    papers: int
    attachments: int
    at: str
    audit_head: str
    address: str
    """Of the page of the request, for officials."""
    index: Sequence[Entry]
    left_out: Sequence[tuple[str, str]]
    """Title and reason."""
    pages: int = 0

    def placed(self, first: int, lengths: Sequence[int]) -> "Cover":
        """With page numbers: the papers have so many pages each, and the first begins on page ``first``."""
        index, page = list[Entry](), first
        for entry, length in zip(self.index, lengths, strict=True):
            index.append(replace(entry, page=page if length else 0))
            page += length
        return replace(self, index=index, pages=page - 1)


class CaseCovers:
    """Covers of one office. May be used by several threads."""

    def __init__(self, renderer: Renderer, office: Office) -> None:
        self._renderer = renderer
        self._office = office

    def render(self, cover: Cover, at: datetime) -> bytes:
        """Cover and index, dated ``at``.

        :raises ConfigurationError: the template is broken. :raises InvalidInput: ``unprintable-text``.
        """
        case: dict[str, Any] = {name: value for name, value in vars(cover).items() if name != "address"}
        case["index"] = [{**vars(entry), "place": place} for place, entry in enumerate(cover.index, start=1)]
        case["left_out"] = [{"title": title, "reason": reason} for title, reason in cover.left_out]
        data = {"office": letterhead(self._office, self._renderer), "case": case, "qr": qr_svg(cover.address)}
        return self._renderer.render(TEMPLATE, data, at, tagged=False)
