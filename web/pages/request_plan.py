"""What would be done at every system, were a request approved now. Nothing of it is done."""

from flask import render_template, request

from provisioner.errors import InvalidInput
from provisioner.provisioning.account_views import READERS
from web.account_words import REASONS
from web.area import Area, Subject
from web.current import core
from web.identity import actor, signed_in
from web.labels import words
from web.reconciliation_words import acts, later_acts

subject = Subject("request_plan", __name__, Area.OFFICE, "/permohonan")
subject.context_processor(words)


@subject.get("/<request_id>/rencana")
@signed_in(*READERS)
def show(request_id: str) -> str:
    """The calls, system by system."""
    try:
        name, previews = core().request_previews.of(actor(), request_id, request.args.get("nama", "")[:100])
    except InvalidInput:
        name, previews = "", []
    return render_template(
        "requests/plan.html",
        request_id=request_id,
        name=name,
        systems=[
            (each, acts(each), later_acts(each), str(REASONS.get(each.error, REASONS["ProtocolError"])))
            for each in previews
        ],
    )
