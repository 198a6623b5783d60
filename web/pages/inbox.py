"""Menunggu tindakan Anda: everything that waits for the person who is signed in, in any of their capacities."""

from flask import g, render_template
from flask.blueprints import BlueprintSetupState

from provisioner.month.point import Urgency
from provisioner.provisioning.desk_views import Inbox
from provisioner.provisioning.enrolment import ASKERS, EnrolmentLine
from provisioner.provisioning.envelope_alarms import EXAMINERS, EnvelopeAlarm
from provisioner.provisioning.kept_pacts import PactView
from provisioner.provisioning.wet_ink import BRINGERS
from web.act_sentences import sentence_of
from web.area import Area, Subject
from web.current import core
from web.identity import actor, signed_in
from web.labels import words

subject = Subject("inbox", __name__, Area.OFFICE, "/kotak-masuk")
subject.context_processor(words)


@subject.get("/")
@signed_in()
def index() -> str:
    """What waits, the oldest first."""
    return render_template(
        "inbox/index.html",
        inbox=_inbox(),
        alarms=_alarms(),
        enrolments=_enrolments(),
        papers=_papers(),
        pacts_asked=core().pact_overview.attention(actor()),
        month=_month(),
        me=actor(),
        sentence_of=sentence_of,
    )


def counts() -> dict[str, int]:
    """The numbers beside the menu's entries."""
    found = _inbox()
    return {"inbox.index": found.count + len(_alarms()), "pacts.index": len(found.pacts)}


@subject.record_once
def show_counts(state: BlueprintSetupState) -> None:
    """Put the numbers into the head of every page, beside those of other subjects."""
    others = state.app.extensions["menu_counts"]
    state.app.extensions["menu_counts"] = lambda: {**others(), **counts()}


def _inbox() -> Inbox:
    """Read once a page: the head shows how many there are, the page itself which."""
    if "inbox" not in g:
        g.inbox = core().inboxes.of(actor())
    found: Inbox = g.inbox
    return found


def _alarms() -> list[EnvelopeAlarm]:
    """For who has to look into them; read once a page."""
    if "alarms" not in g:
        g.alarms = core().envelope_alarms.standing(actor()) if actor().holds(*EXAMINERS) else []
    found: list[EnvelopeAlarm] = g.alarms
    return found


def _enrolments() -> list[EnrolmentLine]:
    if not actor().holds(*ASKERS):
        return []
    return [line for line in core().enrolment.waiting(actor()) if not line.agreed]


def _month() -> dict[str, int] | None:
    """How many points of the month wait, for who does them and for the head; None where there is nothing to say."""
    found = core().month.told(actor())
    if found is None or (found.checked_at is None and not actor().holds("it")):
        return None
    counts = {"late": len(found.of(Urgency.NOW)), "month": len(found.of(Urgency.MONTH))}
    return {**counts, "looked": 1} if found.checked_at is not None else {"looked": 0}


def _papers() -> list[PactView]:
    """Pacts that are to be signed on paper, for who brings their scans in."""
    return core().wet_ink.waiting(actor()) if actor().holds(*BRINGERS) else []
