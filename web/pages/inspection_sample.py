"""Pemeriksaan: a sample of case files that anybody can draw again."""

from contextlib import ExitStack
from datetime import timedelta
from tempfile import TemporaryFile

from flask import render_template, send_file
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.accounts_on_day import EXPORTERS
from provisioner.provisioning.case_samples import LONGEST_SEED, MOST, Draw, Sample
from web.area import Area, Subject
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.inspection_sheets import answer, sample_sheets
from web.inspection_words import own_end, tabs
from web.labels import words
from web.pages.inspection import date_of

subject = Subject("inspection_sample", __name__, Area.OFFICE, "/pemeriksaan/sampel")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*EXPORTERS)
def form() -> str:
    """Which period, how many, and from which seed."""
    today = core().context.today()
    since = (today - timedelta(days=365)).isoformat()
    return _form(Form.empty(since=since, until=today.isoformat(), count="10", seed=core().case_samples.fresh_seed()))


@subject.post("")
@signed_in(*EXPORTERS)
def draw() -> Answer:
    """What was drawn."""
    sent = Form.sent()
    try:
        sample = core().case_samples.draw(actor(), _draw(sent))
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    return _drawn(sample)


@subject.post("/unduh")
@signed_in(*EXPORTERS)
def export() -> Answer:
    """The same draw as a spreadsheet, with everything that could have been drawn."""
    sent = Form.sent()
    try:
        sample = core().case_samples.draw(actor(), _draw(sent))
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    return answer(f"sampel-{sample.draw.since}-{sample.draw.until}", sample_sheets(sample))


@subject.post("/berkas")
@signed_in(*EXPORTERS)
def files() -> Answer:
    """The case files of the draw in one ZIP. It may be large: it waits in a file without a name, not in memory."""
    sent = Form.sent()
    try:
        asked = _draw(sent)
        with ExitStack() as unless_sent:
            out = unless_sent.enter_context(TemporaryFile())
            core().case_samples.write_files(actor(), asked, out)
            unless_sent.pop_all()  # The answer closes it, once it is sent.
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    out.seek(0)
    name = f"sampel-{asked.since}-{asked.until}.zip"
    return send_file(out, mimetype="application/zip", as_attachment=True, download_name=name)


# -- the pieces --------------------------------------------------------------------------------------------------------


def _draw(sent: Form) -> Draw:
    """:raises InvalidInput: a day is none, or the number is."""
    since, until = date_of(sent.value("since"), "since"), date_of(sent.value("until"), "until")
    return Draw(since, until, sent.number("count"), sent.value("seed"))


def _form(form: Form) -> str:
    return render_template(
        "inspection/sample.html",
        form=form,
        tabs=tabs("inspection_sample.form"),
        today=core().context.today(),
        own_end=own_end(),
        most=MOST,
        longest_seed=LONGEST_SEED,
    )


def _drawn(sample: Sample) -> str:
    return render_template("inspection/drawn.html", sample=sample, tabs=tabs("inspection_sample.form"))
