"""Pemeriksaan bulan ini: what IT has to do this month, in the order of urgency. Nothing is asked to show it."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.month.monthly_check import READERS
from provisioner.month.point import Urgency
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.identity import actor, signed_in
from web.month_words import URGENCIES, point_line

subject = Subject("month", __name__, Area.IT, "/bulan-ini")

PATIENCE_SECONDS = 20.0
"""How long a press of the button is waited for; what takes longer goes on by itself."""


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """The last list."""
    found, today = core().month.kept(actor()), core().context.today()
    shown = (Urgency.NOW, Urgency.MONTH, Urgency.UNKNOWN)
    return render_template(
        "month/index.html",
        found=found,
        today=today,
        groups=[(URGENCIES[each], [point_line(point, today) for point in found.of(each)]) for each in shown],
        to_do=len(found.of(Urgency.NOW)) + len(found.of(Urgency.MONTH)),
        late=len(found.of(Urgency.NOW)),
        unknown=len(found.of(Urgency.UNKNOWN)),
        good=[point_line(point, today) for point in found.of(Urgency.GOOD)],
    )


@subject.post("/periksa")
@signed_in(*READERS)
def look() -> Response:
    """Look at everything now."""
    if core().month.look_now(actor(), PATIENCE_SECONDS):
        flash(gettext("Sudah diperiksa."), "ok")
    else:
        flash(gettext("Pemeriksaan masih berjalan. Muat ulang halaman ini sebentar lagi."), "now")
    return redirect(url_for("month.index"))
