"""Who may look at what of letters and requests. A post sees what its work needs and nothing else.

The table stands for the office's people in ``docs/office.md``; a test holds the two together.
"""

from provisioner.actor import Actor
from provisioner.errors import NotAllowed
from provisioner.paper import PaperKind
from provisioner.store.tables import LetterRow

REQUESTS = ("head", "division_head", "section_head", "adb", "it", "auditor", "secretary")
"""Lists, letters and requests: state, desk, minutes, history. IT and the secretary give new codes from there."""
BIO = ("head", "division_head", "section_head", "adb", "auditor")
"""The bio form (NIK masked), the applicant's papers and the pact: those who decide, make the account, or check that."""
NIK = ("head", "division_head", "section_head", "adb")
"""The whole NIK, each time written into the trail: those who tell one person from another."""
SCANS = (*BIO, "secretary")
"""The letter itself: the secretary registers letters."""
TELLERS = ("section_head", "adb", "secretary")
"""Who tells an applicant that their ticket was replaced: they ask for codes and meet the person. IT has no need of
telephone numbers.
"""
COUNTER = "counter"
PAPERS = {
    PaperKind.REQUEST_LETTER: SCANS,
    PaperKind.DISPOSITION_SHEET: SCANS,
    PaperKind.BIO_FORM: NIK,
    PaperKind.ANSWER: SCANS,
    PaperKind.HANDOVER_RECEIPT: (*BIO, "it"),
    PaperKind.REVOCATION_REPORT: (*BIO, "it"),
}
"""The papers that this office writes. The bio form on paper shows the whole NIK, each reading is in the trail."""
OWN_PAPERS = (PaperKind.REQUEST_LETTER, PaperKind.BIO_FORM, PaperKind.ANSWER, PaperKind.HANDOVER_RECEIPT)
"""What applicants read of their own. The disposition is between the officials."""


def reads_bio(actor: Actor, letter: LetterRow) -> bool:
    """Whether this person may read bio forms on ``letter``. The secretary fills in those of the counter, and only
    those.
    """
    return actor.holds(*BIO) or (actor.holds("secretary") and letter.channel == COUNTER)


def reads_paper(actor: Actor, kind: PaperKind) -> bool:
    """Whether this person may read papers of this kind."""
    return actor.holds(*PAPERS[kind])


def require_kind(actor: Actor, kind: PaperKind) -> None:
    """:raises NotAllowed: ``not-your-post``: this person has no need of papers of this kind."""
    actor.require(*PAPERS[kind])


def require_paper(actor: Actor, letter: LetterRow, *, of_letter: bool) -> None:
    """:raises NotAllowed: ``not-your-post``: this person has no need of the paper."""
    if of_letter:
        actor.require(*SCANS)
    elif not reads_bio(actor, letter):
        raise NotAllowed("not-your-post", posts=",".join(BIO))
