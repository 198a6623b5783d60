"""What would be done for one account at every system, now or after a change. Nothing of it is done."""

from flask import render_template, request, url_for

from provisioner.errors import WrongState
from provisioner.provisioning.account_views import READERS
from web.account_words import REASONS
from web.area import Area, Subject
from web.current import core
from web.identity import actor, signed_in
from web.labels import words
from web.reconciliation_words import CHANGES, acts
from web.states import ACCOUNT, state_of

subject = Subject("account_plan", __name__, Area.IT, "/akun")
subject.context_processor(words)


@subject.get("/<account_id>/rencana")
@signed_in(*READERS)
def show(account_id: str) -> str:
    """The calls, system by system."""
    found = core().accounts.detail(actor(), account_id)
    change = request.args.get("perubahan", "")
    change = change if change in CHANGES else ""
    try:
        previews, possible = core().previews.of(actor(), account_id, change), True
    except WrongState:
        previews, possible = [], False
    return render_template(
        "reconciliation/plan.html",
        account=found.summary,
        state=state_of(ACCOUNT, found.summary.state),
        change=change,
        possible=possible,
        tabs=[
            (
                str(text),
                url_for("account_plan.show", account_id=account_id, perubahan=name or None),
                name == change,
                None,
            )
            for name, text in CHANGES.items()
        ],
        systems=[(each, acts(each), str(REASONS.get(each.error, REASONS["ProtocolError"]))) for each in previews],
    )
