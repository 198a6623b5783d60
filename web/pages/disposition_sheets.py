"""Lembar disposisi: printed as a stack, scanned again, and what was initialled on them recorded by the secretary."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.paper_dispositions import RECORDER, TakenSheet
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, office, settings
from web.errors import field_text
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import options, post_text, words
from web.security import takes_files

subject = Subject("disposition_sheets", __name__, Area.OFFICE, "/lembar-disposisi")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(RECORDER)
def index() -> str:
    """Letters on a disposing desk, to be chosen; and where scans are handed in."""
    return _page(Form.empty())


@subject.post("/cetak")
@signed_in(RECORDER)
def stack() -> Answer:
    """The sheets of the chosen letters, one PDF."""
    form = Form.sent()
    try:
        paper = core().paper_dispositions.stack(actor(), form.all("letter"))
    except InvalidInput as error:
        form.errors["letter"] = [field_text(error.code, error.data)]
        return _page(form), 422
    response = make_response(paper)
    response.mimetype = "application/pdf"
    name = f"lembar-disposisi-{core().context.today().isoformat()}.pdf"
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


@subject.post("/unggah")
@takes_files
@signed_in(RECORDER)
def take_in() -> Answer:
    """Scanned sheets: each goes to the letter that its QR code names."""
    form = Form.sent()
    sent = [(each.filename or "", each.read()) for each in request.files.getlist("files") if each.filename]
    try:
        taken = core().paper_dispositions.take_in(actor(), sent, form.value("which"))
    except InvalidInput as error:
        form.errors["files"] = [field_text(error.code, error.data)]
        return _page(form), 422
    if len(taken) == 1:
        flash(gettext("Lembar tersimpan pada suratnya. Tulis sekarang apa yang diputuskan."), "ok")
        return redirect(url_for("disposition_sheets.decision", letter_id=taken[0].letter_id))
    return _page(Form.empty(), taken)


@subject.get("/<letter_id>")
@signed_in(RECORDER)
def decision(letter_id: str) -> str:
    """What an official decided on the sheet of this letter."""
    return _decision_page(letter_id, Form.empty())


@subject.post("/<letter_id>")
@signed_in(RECORDER)
def record(letter_id: str) -> Answer:
    """Record it in their name."""
    form = Form.sent()
    try:
        core().paper_dispositions.record(
            actor(),
            letter_id,
            form.number("revision"),
            sheet_id=form.value("sheet"),
            official_id=form.value("official"),
            decision=form.value("decision"),
            requested_action=form.value("requested_action"),
            note=form.value("note"),
        )
    except InvalidInput as error:
        return _decision_page(letter_id, form.refuse(error, reason="note")), 422
    flash(gettext("Disposisi tercatat menurut lembar berparaf. Pejabatnya melihatnya di kotak masuk."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/pindaian/<sheet_id>/hapus")
@signed_in(RECORDER)
def discard(sheet_id: str) -> Response:
    """A scan that belongs elsewhere."""
    letter_id = core().paper_dispositions.discard(actor(), sheet_id)
    flash(gettext("Pindaian dihapus."), "ok")
    return redirect(url_for("disposition_sheets.decision", letter_id=letter_id))


def _page(form: Form, taken: tuple[TakenSheet, ...] = ()) -> str:
    letters = core().paper_dispositions.on_desks(actor())
    return render_template(
        "disposition_sheets/index.html",
        letters=letters,
        choices=[
            (each.id, " · ".join(part for part in (each.register_number, each.number, each.sender) if part))
            for each in letters
        ],
        form=form,
        taken=taken,
        scanned=core().paper_dispositions.unrecorded(actor()) if core().paper_dispositions.allowed else (),
        allowed=core().paper_dispositions.allowed,
        limits=settings().attachments,
    )


def _decision_page(letter_id: str, form: Form) -> str:
    papers = core().paper_dispositions
    letter = core().reading.letter(actor(), letter_id)
    sheets, deciders = papers.sheets(actor(), letter_id), papers.deciders(actor(), letter_id)
    if len(deciders) == 1 and not form.value("official"):
        form.values["official"] = deciders[0].official_id
    if sheets and not form.value("sheet"):
        form.values["sheet"] = sheets[0].id
    onwards = [step.actor for step in core().procedure.steps if step.number == letter.step + 1]
    return render_template(
        "disposition_sheets/decision.html",
        letter=letter,
        form=form,
        sheets=sheets,
        deciders=[(each.official_id, each.label) for each in deciders],
        next_desk=post_text(onwards[0]) if onwards else "",
        requested_actions=options(office().requested_actions),
    )
