"""The papers of the SOP: which there are, in which order they lie in a case file, and what each is about. Pure.

The pact (Pakta Integritas) is a paper too, but one with signatures: it has its own table and rules.
"""

from enum import StrEnum


class PaperSubject(StrEnum):
    """What a paper is about; names the table its subject's id belongs to."""

    LETTER = "letter"
    REQUEST = "request"
    ACCOUNT = "account"
    DESTRUCTION = "destruction"


class PaperKind(StrEnum):
    """The papers this office writes, in the order of the SOP."""

    REQUEST_LETTER = "request-letter"
    """Surat Permohonan: output of step 1."""
    DISPOSITION_SHEET = "disposition-sheet"
    """Lembar Disposisi: steps 2 and 3. Grows with each disposition: a new revision of the paper each time."""
    BIO_FORM = "bio-form"
    """Form Isian Bio Data Operator: requirement of step 4."""
    ANSWER = "answer"
    """Surat Jawaban: the section head's answer, approved or rejected (step 4)."""
    HANDOVER_RECEIPT = "handover-receipt"
    """Bukti Serah Terima Akun: step 6."""
    REVOCATION_REPORT = "revocation-report"
    """Berita Acara Pencabutan Hak Akses: after the SOP, when an account is revoked."""
    DESTRUCTION_RECORD = "destruction-record"
    """Berita Acara Pemusnahan Arsip: which case files were destroyed. About many cases, so it lies in none of them."""

    @property
    def subject(self) -> PaperSubject:
        """What a paper of this kind is about."""
        return _SUBJECTS[self]

    @property
    def template(self) -> str:
        """Name of its template in ``config/letters``, without ``.typ``."""
        return _TEMPLATES[self]


_SUBJECTS = {
    PaperKind.REQUEST_LETTER: PaperSubject.LETTER,
    PaperKind.DISPOSITION_SHEET: PaperSubject.LETTER,
    PaperKind.BIO_FORM: PaperSubject.REQUEST,
    PaperKind.ANSWER: PaperSubject.REQUEST,
    PaperKind.HANDOVER_RECEIPT: PaperSubject.REQUEST,
    PaperKind.REVOCATION_REPORT: PaperSubject.ACCOUNT,
    PaperKind.DESTRUCTION_RECORD: PaperSubject.DESTRUCTION,
}
_TEMPLATES = {
    PaperKind.REQUEST_LETTER: "surat-permohonan",
    PaperKind.DISPOSITION_SHEET: "lembar-disposisi",
    PaperKind.BIO_FORM: "form-bio-data",
    PaperKind.ANSWER: "surat-jawaban",
    PaperKind.HANDOVER_RECEIPT: "bukti-serah-terima",
    PaperKind.REVOCATION_REPORT: "berita-acara-pencabutan",
    PaperKind.DESTRUCTION_RECORD: "berita-acara-pemusnahan",
}
CASE_KINDS = tuple(kind for kind in PaperKind if kind.subject is not PaperSubject.DESTRUCTION)
"""The papers of one case, in the order of the SOP."""
