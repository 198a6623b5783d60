"""Tracking: where a request is, by its tracking code, and nothing else about it."""

from flask import render_template

from provisioner.errors import InvalidInput, NotFound
from web.area import Area, Subject
from web.catalog import current_language
from web.current import core, office
from web.errors import sentence
from web.forms import Form
from web.identity import applicant_here, caller
from web.security import secret_page
from web.sop_line import actor_label, shown
from web.states import REQUEST, state_of
from web.ticket_words import ticket_notes

subject = Subject("track", __name__, Area.PUBLIC, "/lacak")


@subject.get("")
def form() -> str:
    """Ask for the code. A code behind the # of the address is put in by the browser."""
    return render_template("track/form.html", form=Form.empty(), here=applicant_here())


@subject.post("")
def show() -> str | tuple[str, int]:
    """The state behind the code. It is answered at once: an address would keep the code."""
    secret_page()
    sent = Form.sent()
    try:
        tracked = core().tracking.by_code(sent.value("kode"), address=caller()["address"])
    except (InvalidInput, NotFound) as error:
        sent.errors["kode"] = [sentence(error)]
        return render_template("track/form.html", form=sent, here=applicant_here()), 422
    stage = tracked.letter_state if tracked.state == "with-letter" else tracked.state
    now = next((step for step in tracked.steps if step.state == "now"), None)
    return render_template(
        "track/show.html",
        tracked=tracked,
        stage=stage,
        chip=state_of(REQUEST, stage),
        notes=ticket_notes(tracked.ticket),
        steps=shown(tracked.steps, office(), current_language()),
        desk=actor_label(now, office(), current_language()) if now else "",
    )
