"""Menunggu tindakan Anda: everything that waits for the person who is signed in, in any of their capacities."""

from flask import g, render_template
from flask.blueprints import BlueprintSetupState

from provisioner.provisioning.desk_views import Inbox
from provisioner.provisioning.enrolment import ASKERS, EnrolmentLine
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
    return render_template("inbox/index.html", inbox=_inbox(), enrolments=_enrolments(), me=actor())


def counts() -> dict[str, int]:
    """The numbers beside the menu's entries."""
    found = _inbox()
    return {"inbox.index": found.count, "pacts.index": len(found.pacts)}


@subject.record_once
def show_counts(state: BlueprintSetupState) -> None:
    """Put the numbers into the head of every page, beside those of other subjects."""
    others = state.app.extensions["menu_counts"]
    state.app.extensions["menu_counts"] = lambda: {**others(), **counts()}


def _inbox() -> Inbox:
    """Read once a page: the head shows how many there are, the page itself which."""
    if "inbox" not in g:
        g.inbox = core().reading.inbox(actor())
    found: Inbox = g.inbox
    return found


def _enrolments() -> list[EnrolmentLine]:
    if not actor().holds(*ASKERS):
        return []
    return [line for line in core().enrolment.waiting(actor()) if not line.agreed]
