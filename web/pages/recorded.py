"""Akun tercatat: accounts that a system had before, read in from a list, until everybody has signed a pact."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, WrongState
from provisioner.provisioning.recorded_lists import FOLLOWERS, SUBMITTER
from provisioner.provisioning.recorded_views import FILTERS, READERS
from provisioner.provisioning.recording import IMPORTERS, Preview
from provisioner.store.long_lists import COUNTED
from provisioner.user_list import ListRefused
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core
from web.errors import field_text
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.list_words import and_more, problem_lines
from web.paging import Page, asked_page
from web.recorded_words import STATES, VERDICTS, reason
from web.security import takes_files

subject = Subject("recorded", __name__, Area.IT, "/akun-tercatat")
subject.context_processor(words)

PAGE = 25
Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """Everybody, who has least time first; and the lists."""
    word, text = request.args.get("status", ""), request.args.get("cari", "").strip()
    found = core().recorded_views.search(actor(), text, word, page=asked_page(), per_page=PAGE)
    counts = core().recorded_views.counts(actor())
    return render_template(
        "recorded/index.html",
        page=Page(found.rows, found.page, found.per_page, found.total, COUNTED),
        form=Form.empty(cari=text),
        word=word if word in FILTERS else "",
        tabs=[(gettext("semua"), url_for("recorded.index"), word not in FILTERS, None)]
        + [
            (str(STATES[each].text), url_for("recorded.index", status=each), each == word, counts[each])
            for each in FILTERS
        ],
        lists=core().recorded_views.lists(actor()),
        states=STATES,
        may_import=actor().holds(*IMPORTERS),
    )


@subject.get("/baca")
@signed_in(*IMPORTERS)
def form() -> str:
    """Where a list is uploaded or pasted."""
    return _form(Form.empty(batas=(core().context.today() + timedelta(days=30)).isoformat()))


@subject.post("/baca")
@signed_in(*IMPORTERS)
@takes_files
def preview() -> Answer:
    """What would be recorded; nothing is kept."""
    sent = Form.sent()
    uploaded = request.files.get("berkas")
    source = uploaded.read() if uploaded is not None and uploaded.filename else sent.value("daftar")
    try:
        found = core().recording.preview(actor(), sent.value("sistem"), source)
    except ListRefused as refused:
        return _form(sent, refused), 422
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    return _preview(found, sent)


@subject.post("/catat")
@signed_in(*IMPORTERS)
@takes_files
def record() -> Answer:
    """Keep what was seen in the preview."""
    sent = Form.sent()
    target, text = sent.value("sistem"), sent.value("daftar")
    try:
        until = date.fromisoformat(sent.value("batas"))
        kept = core().recording.record(actor(), target, text, until, only_good=bool(sent.value("hanya_benar")))
    except ValueError:
        sent.errors["batas"] = [field_text("date-malformed")]
    except (InvalidInput, WrongState) as error:
        refused = error if isinstance(error, InvalidInput) else InvalidInput(error.code, **error.data)
        sent.refuse(refused, pact_by="batas")
    else:
        flash(ngettext("%(num)s akun dicatat.", "%(num)s akun dicatat.", kept.count), "ok")
        return redirect(url_for("recorded.index"))
    return _preview(core().recording.preview(actor(), target, text), sent), 422


@subject.get("/daftar/<list_id>")
@signed_in(*READERS)
def show_list(list_id: str) -> str:
    """One list, with what can be decided about it."""
    return _list(list_id, Form.empty())


@subject.post("/daftar/<list_id>/keputusan")
@signed_in(SUBMITTER)
def ask_decision(list_id: str) -> Answer:
    """One letter for everybody on it, to the head."""
    sent = Form.sent()
    try:
        core().recorded_lists.ask_decision(actor(), list_id, sent.value("number"))
    except InvalidInput as error:
        return _list(list_id, sent.refuse(error)), 422
    flash(gettext("Suratnya sekarang di meja Kepala Dinas."), "ok")
    return redirect(url_for("recorded.show_list", list_id=list_id))


@subject.post("/daftar/<list_id>/tarik")
@signed_in(*IMPORTERS)
def take_back(list_id: str) -> Response:
    """Forget a list that was read in by mistake."""
    count = core().recorded_lists.take_back(actor(), list_id)
    flash(ngettext("Daftar %(num)s akun ditarik.", "Daftar %(num)s akun ditarik.", count), "ok")
    return redirect(url_for("recorded.index"))


@subject.get("/orang/<recorded_id>")
@signed_in(*READERS)
def show(recorded_id: str) -> str:
    """One account, with what can be done about who does not sign."""
    return _one(recorded_id, Form.empty())


@subject.post("/orang/<recorded_id>/ingatkan")
@signed_in(*FOLLOWERS)
def remind(recorded_id: str) -> Response:
    """Note that the person was reminded."""
    core().recorded_lists.remind(actor(), recorded_id)
    flash(gettext("Pengingat dicatat."), "ok")
    return redirect(url_for("recorded.show", recorded_id=recorded_id))


@subject.post("/orang/<recorded_id>/perpanjang")
@signed_in(*FOLLOWERS)
def extend(recorded_id: str) -> Answer:
    """Another last day for one person."""
    sent = Form.sent()
    try:
        until = date.fromisoformat(sent.value("batas"))
        core().recorded_lists.extend(actor(), recorded_id, until, sent.value("alasan"))
    except ValueError:
        sent.errors["batas"] = [field_text("date-malformed")]
    except InvalidInput as error:
        sent.refuse(error, pact_by="batas", reason="alasan")
    else:
        flash(gettext("Batas waktunya diubah."), "ok")
        return redirect(url_for("recorded.show", recorded_id=recorded_id))
    return _one(recorded_id, sent), 422


@subject.post("/orang/<recorded_id>/keluarkan")
@signed_in(*FOLLOWERS)
def remove(recorded_id: str) -> Answer:
    """Take one account off the list; the system is not touched."""
    sent = Form.sent()
    try:
        core().recorded_lists.remove(actor(), recorded_id, sent.value("sebab"))
    except InvalidInput as error:
        return _one(recorded_id, sent.refuse(error, reason="sebab")), 422
    flash(gettext("Akun dikeluarkan dari daftar. Di sistemnya tidak ada yang berubah."), "ok")
    return redirect(url_for("recorded.index"))


def _form(sent: Form, refused: ListRefused | None = None) -> str:
    return render_template(
        "recorded/form.html",
        form=sent,
        targets=[(name, target.label) for name, target in core().targets.items()],
        problems=problem_lines(refused) if refused else [],
        more=and_more(refused) if refused else 0,
    )


def _preview(found: Preview, sent: Form) -> str:
    return render_template(
        "recorded/preview.html",
        found=found,
        form=sent,
        counts=[(VERDICTS[name], count) for name, count in found.counts.items()],
        verdicts=VERDICTS,
        reason=reason,
        text=found.text,
    )


def _list(list_id: str, sent: Form) -> str:
    views = core().recorded_views
    each = views.list_of(actor(), list_id)
    found = views.search(actor(), list_id=list_id, page=asked_page(), per_page=PAGE)
    return render_template(
        "recorded/list.html",
        each=each,
        page=Page(found.rows, found.page, found.per_page, found.total, COUNTED),
        states=STATES,
        form=sent,
        may_import=actor().holds(*IMPORTERS),
        may_ask=actor().holds(SUBMITTER),
    )


def _one(recorded_id: str, sent: Form) -> str:
    line = core().recorded_views.one(actor(), recorded_id)
    return render_template(
        "recorded/show.html", line=line, form=sent, state=STATES[line.word], may_follow=actor().holds(*FOLLOWERS)
    )
