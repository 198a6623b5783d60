"""Kartu tugas: everything that people were asked to do at systems only they operate, and have not done."""

import io

from flask import Response as FlaskResponse
from flask import render_template, send_file

from provisioner.provisioning.card_views import POSTS, READERS, SystemCards
from web.area import Area, Subject
from web.card_words import call_message, due_state, first_due, task_text
from web.current import core
from web.identity import actor, signed_in

subject = Subject("cards", __name__, Area.OFFICE, "/kartu")


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """By system, the most urgent first."""
    systems = core().cards.undone(actor())
    return render_template(
        "cards/index.html",
        systems=[_shown(each) for each in systems],
        may_do=actor().holds(*POSTS),
        total=sum(len(each.cards) for each in systems),
    )


@subject.get("/<card_id>/bukti")
@signed_in(*READERS)
def picture(card_id: str) -> FlaskResponse:
    """What shows the card as done. Who looked is written into the trail."""
    content = core().cards.picture(actor(), card_id)
    return send_file(io.BytesIO(content), "application/pdf", download_name="bukti.pdf")


def _shown(system: SystemCards) -> dict[str, object]:
    urgent = first_due(system.cards)
    return {
        "system": system,
        "cards": [(card, task_text(card), due_state(card)) for card in system.cards],
        "urgent": urgent,
        "whatsapp": call_message(system.duty, system.label, urgent.due_at) if urgent else "",
    }
