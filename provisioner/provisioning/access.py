"""Who may look at what of letters and requests. A post sees what its work needs and nothing else.

The table stands for the office's people in ``docs/office.md``; a test holds the two together.
"""

from provisioner.actor import Actor, Capacity
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
CASE_FILES = ("head", "section_head", "auditor")
"""Whole case files, on paper and as an archive: those who answer for them, and who checks them."""
FILERS = ("secretary",)
"""Who puts papers into boxes, and writes down into which."""
RETENTION = ("head", "auditor", "secretary")
"""What is past its retention, and what was destroyed: who keeps the archive, who decides, who checks it."""
PROPOSERS = ("secretary",)
"""Who proposes that case files be destroyed."""
APPROVERS = ("head",)
"""Who approves it: never their own proposal."""
COUNTER = "counter"
PAPERS = {
    PaperKind.REQUEST_LETTER: SCANS,
    PaperKind.DISPOSITION_SHEET: SCANS,
    PaperKind.BIO_FORM: NIK,
    PaperKind.ANSWER: SCANS,
    PaperKind.HANDOVER_RECEIPT: (*BIO, "it"),
    PaperKind.REVOCATION_REPORT: (*BIO, "it"),
    PaperKind.DESTRUCTION_RECORD: RETENTION,
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


def require_case_files(actor: Actor) -> Capacity:
    """Somebody at the machine's own console may too: who holds data and keys needs no leave, but the trail tells it.

    :raises NotAllowed: ``not-your-post``.
    """
    if not actor.official_id and actor.capacities:
        return actor.capacities[0]
    return actor.require(*CASE_FILES)
