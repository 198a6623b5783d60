"""Lembar Disposisi: who passed the letter on to whom, and what for (SOP steps 2 and 3). Grows with each disposition."""

from sqlalchemy.orm import Session

from provisioner.documents.words import long_date, long_moment
from provisioner.errors import WrongState
from provisioner.letter import LetterAct, LetterState
from provisioner.procedure import Act
from provisioner.provisioning import lookup, register_book, signatories
from provisioner.provisioning.context import Context
from provisioner.provisioning.paper_content import PaperFacts
from provisioner.provisioning.paper_facts.people import signatory
from provisioner.provisioning.paper_facts.wording import CODES, Wording
from provisioner.provisioning.visits import APPLICANT_DESK
from provisioner.store.tables import ActRow, LetterRow

_SHOWN = (LetterAct.FORWARD, LetterAct.ASSIGN, LetterAct.RETURN, LetterAct.REJECT)


def gather(context: Context, session: Session, letter_id: str) -> PaperFacts:
    """The sheet as the letter stands now, with an empty place for each disposition that is still to come.

    :raises WrongState: ``not-sent-yet``.
    """
    letter = lookup.letter(session, letter_id)
    if letter.received_at is None or letter.letter_date is None:
        raise WrongState("not-sent-yet", state=letter.state)
    acts = [act for act in letter.acts if act.request_id is None and act.undone_at is None and act.kind in _SHOWN]

    received, entry = letter.received_at, register_book.entry_of(session, letter)

    def values(words: Wording) -> dict[str, object]:
        return {
            "sender": letter.sender,
            "number": letter.number,
            "date": long_date(letter.letter_date) if letter.letter_date else "",
            "received": long_date(entry.received_on if entry else context.today(received)),
            "register_number": entry.number if entry and entry.void_at is None else "",
            "urgency": words.urgency(letter.urgency),
            "urgencies": [words.urgency(each.code) for each in context.office.urgencies] if words.office else [],
            "subject": letter.subject,
            "applicants": [each.display_name for each in letter.requests if each.submitted_at is not None],
            "actions": [each.label.id for each in context.office.requested_actions] if words.office else [],
            "dispositions": [_disposition(context, act, words) for act in acts],
            "open": _open(context, letter, acts, words),
        }

    at = max([letter.received_at, *(act.at for act in acts)])
    return PaperFacts(
        values(Wording(context.office)), values(CODES), at, letter_id=letter.id, letter_number=letter.number
    )


def _disposition(context: Context, act: ActRow, words: Wording) -> dict[str, object]:
    return {
        "by": signatory(signatories.of_act(act)),
        "kind": act.kind,
        "to": words.post(_next(context, act)) if act.kind in (LetterAct.FORWARD, LetterAct.ASSIGN) else "",
        "action": words.action(act.requested_action),
        "note": act.note,
        "at": long_moment(act.at, context.office),
    }


def _next(context: Context, act: ActRow) -> str:
    """The desk that a disposition passes the letter on to."""
    return next((step.actor for step in context.procedure.steps if step.number == act.step + 1), APPLICANT_DESK)


def _open(context: Context, letter: LetterRow, acts: list[ActRow], words: Wording) -> list[dict[str, str]]:
    """The dispositions still to come: their places are initialled by hand where an office does so."""
    if letter.state not in (LetterState.DISPOSING, LetterState.RETURNED):
        return []
    done = {act.step for act in acts if act.kind in (LetterAct.FORWARD, LetterAct.ASSIGN)}
    follower = {step.number: step.actor for step in context.procedure.steps}
    return [
        {"by": words.post(step.actor), "to": words.post(follower.get(step.number + 1, step.actor))}
        for step in context.procedure.steps_of(Act.DISPOSE)
        if step.number not in done
    ]
