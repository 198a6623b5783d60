"""What would be done for one account at every system, now or after a change. Nothing of it is done."""

from datetime import date

from flask import render_template, request, url_for

from provisioner.errors import InvalidInput, WrongState
from provisioner.provisioning.account_views import READERS
from provisioner.provisioning.previews import Terms
from web.account_words import REASONS
from web.area import Area, Subject
from web.catalog import current_language
from web.current import core, office
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.reconciliation_words import CHANGES, acts
from web.states import ACCOUNT, state_of

subject = Subject("account_plan", __name__, Area.IT, "/akun")
subject.context_processor(words)


FIELDS = ("valid_until", "username", "role", "region")
"""What some changes ask for."""


@subject.get("/<account_id>/rencana")
@signed_in(*READERS)
def show(account_id: str) -> str:
    """The calls, system by system."""
    found = core().accounts.detail(actor(), account_id)
    change = request.args.get("perubahan", "")
    change = change if change in CHANGES else ""
    form = Form.empty(**{name: request.args.get(name, "").strip()[:100] for name in FIELDS})
    previews, possible = [], True
    try:
        previews = core().previews.of(actor(), account_id, change, _terms(form))
    except WrongState:
        possible = False
    except InvalidInput as error:
        form = form.refuse(error)
    return render_template(
        "reconciliation/plan.html",
        account=found.summary,
        state=state_of(ACCOUNT, found.summary.state),
        change=change,
        form=form,
        roles=[(role.code, role.label.text(current_language())) for role in office().roles],
        regions=[(region.code, region.title) for region in office().regions],
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


def _terms(form: Form) -> Terms:
    """:raises InvalidInput: not a day."""
    text = form.value("valid_until")
    try:
        until = date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(fields={"valid_until": ["date-malformed"]}) from None
    return Terms(until, form.value("username"), form.value("role"), form.value("region"))
