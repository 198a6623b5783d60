"""Pemeriksaan: what was not the plain way, in a period."""

from datetime import date
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.deviation import DeviationKind
from provisioner.errors import InvalidInput
from provisioner.provisioning.accounts_on_day import EXPORTERS, READERS
from provisioner.provisioning.deviations import Deviations
from web.area import Area, Subject
from web.current import core, settings
from web.forms import Form
from web.identity import actor, signed_in
from web.inspection_sheets import answer, exception_sheets
from web.inspection_words import KINDS, deviation_text, own_end, tabs
from web.labels import kept_post, words
from web.pages.inspection import date_of
from web.paging import Page, asked_page

subject = Subject("inspection_exceptions", __name__, Area.OFFICE, "/pemeriksaan/pengecualian")
subject.context_processor(words)

PAGE = 25
Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*READERS)
def index() -> Answer:
    """Counts by kind, and those of one kind."""
    today = core().context.today()
    form = Form.empty(
        since=request.args.get("dari", "") or date(today.year, 1, 1).isoformat(),
        until=request.args.get("sampai", "") or today.isoformat(),
        suspended_days=request.args.get("hari", "") or str(settings().inspection.long_suspended_days),
    )
    try:
        found = core().deviations.look(actor(), *_asked(form))
    except InvalidInput as error:
        return _page(form.refuse(error), None), 422
    return _page(form, found)


@subject.post("/unduh")
@signed_in(*EXPORTERS)
def export() -> Answer:
    """All kinds as a spreadsheet. That it was taken out is an event."""
    sent = Form.sent()
    try:
        taken = core().deviations.take_out(actor(), *_asked(sent))
    except InvalidInput as error:
        return _page(sent.refuse(error), None), 422
    return answer(f"pengecualian-{taken.list.since}-{taken.list.until}", exception_sheets(taken))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _asked(form: Form) -> tuple[date, date, int]:
    """:raises InvalidInput: a day is none."""
    since, until = date_of(form.value("since"), "since"), date_of(form.value("until"), "until")
    return since, until, form.number("suspended_days")


def _page(form: Form, found: Deviations | None) -> str:
    frame = {
        "form": form,
        "tabs": tabs("inspection_exceptions.index"),
        "today": core().context.today(),
        "own_end": own_end(),
        "may_export": actor().holds(*EXPORTERS),
    }
    if found is None:
        return render_template("inspection/exceptions.html", **frame, page=None)
    kind = _kind(found)
    rows, number = found.of(kind), asked_page()
    shown = [(each, deviation_text(each)) for each in rows[(number - 1) * PAGE : number * PAGE]]
    asked: dict[str, Any] = {
        "dari": found.since.isoformat(),
        "sampai": found.until.isoformat(),
        "hari": found.suspended_days,
    }
    pills = [
        (str(KINDS[each][0]), url_for("inspection_exceptions.index", jenis=each.value, **asked), each == kind, count)
        for each, count in found.counts.items()
    ]
    return render_template(
        "inspection/exceptions.html",
        **frame,
        page=Page(shown, number, PAGE, len(rows)),
        pills=pills,
        kind=kind,
        kind_text=KINDS[kind],
        total=len(found.found),
        kept_post=kept_post,
    )


def _kind(found: Deviations) -> DeviationKind:
    """The kind that is asked for, else the first of which there is something."""
    asked = request.args.get("jenis", "")
    if asked in set(DeviationKind):
        return DeviationKind(asked)
    return next((kind for kind, count in found.counts.items() if count), DeviationKind.ACTING)
