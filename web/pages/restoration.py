"""Pemulihan: what a restored service still has to learn before anything is written to a system again."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.reconciliation_views import READERS as COMPARISON_READERS
from provisioner.provisioning.restorations import CONFIRMERS, READERS
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.restoration_words import SERIES, state_of

subject = Subject("restoration", __name__, Area.IT, "/pemulihan")


@subject.get("")
@signed_in(*READERS)
def show() -> str:
    """The last restoration, and what is still to be done."""
    return _page()


@subject.post("/bandingkan")
@signed_in(*CONFIRMERS)
def compare() -> Response:
    """Have every system read that was not yet."""
    count = core().restorations.compare_all(actor())
    flash(ngettext("%(num)s sistem sedang dibaca.", "%(num)s sistem sedang dibaca.", count), "ok")
    return redirect(url_for("restoration.show", _anchor="bandingkan"))


@subject.post("/nomor")
@signed_in(*CONFIRMERS)
def number() -> Response | tuple[str, int]:
    """The next number of a series: those before it were given in the time that is lost."""
    form = Form.sent()
    try:
        core().restorations.set_next_number(actor(), form.value("series"), form.number("number"), form.value("reason"))
    except InvalidInput as error:
        return _page(numbers=form.refuse(error)), 422
    flash(gettext("Nomor berikutnya sudah diatur."), "ok")
    return redirect(url_for("restoration.show", _anchor="nomor"))


@subject.post("/pastikan")
@signed_in(*CONFIRMERS)
def confirm() -> Response | tuple[str, int]:
    """The comparison was looked at: the service goes on."""
    form = Form.sent()
    try:
        core().restorations.confirm(
            actor(),
            numbers_seen=bool(form.value("numbers_seen")),
            people_looked=bool(form.value("people_looked")),
            note=form.value("note"),
        )
    except InvalidInput as error:
        return _page(ending=form.refuse(error)), 422
    flash(gettext("Dipastikan. Pekerjaan pada sistem dilanjutkan."), "ok")
    return redirect(url_for("restoration.show"))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _page(numbers: Form | None = None, ending: Form | None = None) -> str:
    view = core().restorations.last(actor())
    return render_template(
        "restoration/show.html",
        view=view,
        systems=[(each, state_of(each)) for each in view.systems] if view is not None else [],
        series=[(SERIES[each.name], each) for each in view.series] if view is not None else [],
        choices=[(name, str(text)) for name, text in SERIES.items()],
        may_confirm=actor().holds(*CONFIRMERS),
        may_compare=actor().holds(*COMPARISON_READERS),
        numbers=numbers or Form.empty(),
        ending=ending or Form.empty(),
    )
