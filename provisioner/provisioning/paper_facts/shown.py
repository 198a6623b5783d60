"""What the public page of a paper shows of it: a table, so that an auditor can read it and a test can hold it true.

Only what was frozen when the paper was made, and only what stands on the paper itself. Never a NIK, not even a masked
one, an address, a telephone number, a code of any kind. What a forger would gain from changing (who, what for, where,
until when, decided by whom) is shown; what only describes a person is named as being on the paper, and not shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.paper import PaperKind


@dataclass(frozen=True)
class Shown:
    """One line of the page."""

    label: str
    path: str
    """Where it stands among the paper's values; lists on the way give several."""
    most: int = 0
    """How many of several the paper has room for; 0: all."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What the paper says for a value that it does not print as it is."""
    where: str = ""
    """The value that must be true for the paper to say this."""


_PERSON = (
    Shown("applicant", "applicant.name"),
    Shown("unit", "applicant.unit"),
    Shown("role", "applicant.role"),
    Shown("region", "applicant.region"),
)
_DECISION = {"True": "disetujui", "False": "tidak dapat disetujui"}

SHOWN: Mapping[PaperKind, tuple[Shown, ...]] = {
    PaperKind.REQUEST_LETTER: (
        Shown("date", "date"),
        Shown("sender", "sender"),
        Shown("subject", "subject"),
        Shown("applicant", "applicants.name"),
        Shown("role", "applicants.role"),
        Shown("region", "applicants.region"),
    ),
    PaperKind.DISPOSITION_SHEET: (
        Shown("sender", "sender"),
        Shown("date", "date"),
        Shown("received", "received"),
        Shown("register_number", "register_number"),
        Shown("urgency", "urgency"),
        Shown("subject", "subject"),
        Shown("applicant", "applicants", most=4),
        Shown("disposed_by", "dispositions.by.name"),
        Shown("disposed_to", "dispositions.to"),
        Shown("disposed_at", "dispositions.at"),
    ),
    PaperKind.BIO_FORM: (
        Shown("request_number", "request_number"),
        Shown("letter_number", "letter_number"),
        Shown("applicant", "display_name"),
        Shown("unit", "org_unit"),
        Shown("role", "role"),
        Shown("region", "region"),
        Shown("valid_until", "valid_until"),
    ),
    PaperKind.ANSWER: (
        Shown("date", "date"),
        Shown("addressee", "addressee"),
        Shown("subject", "subject"),
        Shown("request_number", "request_number"),
        Shown("letter_number", "letter_number"),
        *_PERSON,
        Shown("decision", "approved", words=_DECISION),
        Shown("decided", "decided"),
        Shown("valid_until", "valid_until", where="approved"),
        Shown("official", "signatory.name"),
    ),
    PaperKind.HANDOVER_RECEIPT: (
        Shown("date", "date"),
        Shown("request_number", "request_number"),
        Shown("pact_number", "pact_number"),
        *_PERSON,
        Shown("valid_until", "valid_until"),
        Shown("username", "openings.username"),
        Shown("opened_at", "openings.at"),
        Shown("official", "signatory.name"),
    ),
    PaperKind.REVOCATION_REPORT: (
        Shown("date", "date"),
        Shown("pact_number", "pact_number"),
        *_PERSON,
        Shown("username", "username"),
        Shown("revoked_at", "revoked_at"),
        Shown("official", "signatory.name"),
    ),
    PaperKind.DESTRUCTION_RECORD: (Shown("date", "date"),),
}
"""By kind."""

ON_PAPER_ONLY: Mapping[PaperKind, tuple[str, ...]] = {
    PaperKind.REQUEST_LETTER: ("staff_number", "rank", "position"),
    PaperKind.DISPOSITION_SHEET: ("note", "staff_number"),
    PaperKind.BIO_FORM: (
        *("nik", "staff_number", "rank", "position", "birth", "sex", "address", "phone", "mail", "education"),
        *("assignment_order", "reason", "supervisor"),
    ),
    PaperKind.ANSWER: ("staff_number", "rank", "position", "note"),
    PaperKind.HANDOVER_RECEIPT: ("staff_number", "rank", "position", "check_code"),
    PaperKind.REVOCATION_REPORT: ("staff_number", "rank", "position", "reason", "note", "systems"),
    PaperKind.DESTRUCTION_RECORD: (),
}
"""By kind: what stands on the paper too, and is named on its page, and not shown."""


def shown(kind: PaperKind, values: Mapping[str, object]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(label, texts) of every line that this paper has something for."""
    lines = ((each.label, _texts(each, values)) for each in SHOWN[kind] if _said(each, values))
    return tuple((label, texts) for label, texts in lines if texts)


def _said(line: Shown, values: Mapping[str, object]) -> bool:
    return not line.where or bool(values.get(line.where))


def _texts(line: Shown, values: Mapping[str, object]) -> tuple[str, ...]:
    found = list(_at(values, line.path.split(".")))
    texts = dict.fromkeys(line.words.get(each, each) for each in found[: line.most or None])
    return tuple(texts)


def _at(value: object, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif path and isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])
    elif not path and isinstance(value, (str, int)) and str(value).strip():
        yield str(value)
