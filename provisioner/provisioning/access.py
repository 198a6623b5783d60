"""Who may look at what of letters and requests. A post sees what its work needs and nothing else.

The table stands for the office's people in ``docs/office.md``; a test holds the two together.
"""

from provisioner.actor import Actor
from provisioner.errors import NotAllowed
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


def reads_bio(actor: Actor, letter: LetterRow) -> bool:
    """Whether this person may read bio forms on ``letter``. The secretary fills in those of the counter, and only
    those.
    """
    return actor.holds(*BIO) or (actor.holds("secretary") and letter.channel == COUNTER)


def require_paper(actor: Actor, letter: LetterRow, *, of_letter: bool) -> None:
    """:raises NotAllowed: ``not-your-post``: this person has no need of the paper."""
    if of_letter:
        actor.require(*SCANS)
    elif not reads_bio(actor, letter):
        raise NotAllowed("not-your-post", posts=",".join(BIO))
