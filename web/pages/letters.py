"""A letter on the desks of steps 2 and 3: what it says, who is on it, and its disposition."""

from functools import partial

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.paper import PaperKind
from provisioner.provisioning import access
from web.act_sentences import history, sentence_of
from web.area import Area, Subject
from web.catalog import current_language, gettext
from web.current import core, office, settings
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import options, words
from web.pages.draft import PAPER_KINDS
from web.paper_lines import PaperLine, paper_lines
from web.sop_line import shown

subject = Subject("letters", __name__, Area.OFFICE, "/surat")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("/<letter_id>")
@signed_in(*access.REQUESTS)
def show(letter_id: str) -> str:
    """The letter. For the desk that holds it, this is the opening that the SOP's minutes count from."""
    core().desks.open(actor(), letter_id)
    return page(letter_id, Form.empty())


@subject.post("/<letter_id>/teruskan")
@signed_in()
def forward(letter_id: str) -> Answer:
    """Dispose of it to the next desk."""
    form = Form.sent()
    try:
        core().desks.forward(
            actor(), letter_id, form.number("revision"), form.value("requested_action"), form.value("note")
        )
    except InvalidInput as error:
        return page(letter_id, form.refuse(error)), 422
    flash(gettext("Disposisi tercatat. Dapat dibatalkan sampai meja berikutnya membukanya."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/<letter_id>/kembalikan")
@signed_in()
def return_for_repair(letter_id: str) -> Answer:
    """Back to the applicant, with a reason."""
    form = Form.sent()
    try:
        core().desks.return_for_repair(actor(), letter_id, form.number("revision"), form.value("return_reason"))
    except InvalidInput as error:
        return page(letter_id, form.refuse(error, reason="return_reason")), 422
    flash(gettext("Dikembalikan kepada pemohon. Sesudah diperbaiki, surat kembali ke meja ini."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/<letter_id>/tolak")
@signed_in()
def reject(letter_id: str) -> Answer:
    """Refuse the letter with everybody on it, with a reason."""
    form = Form.sent()
    try:
        core().desks.reject(actor(), letter_id, form.number("revision"), form.value("reject_reason"))
    except InvalidInput as error:
        return page(letter_id, form.refuse(error, reason="reject_reason")), 422
    flash(gettext("Surat ditolak. Pemohon melihat alasannya."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/<letter_id>/tindakan/<act_id>/batalkan")
@signed_in()
def undo(letter_id: str, act_id: str) -> Response:
    """Take an own act back before the next desk opens the letter."""
    core().desks.undo(actor(), act_id)
    flash(gettext("Tindakan dibatalkan. Surat kembali di meja Anda."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.get("/lampiran/<attachment_id>")
@signed_in()
def paper(attachment_id: str) -> Response:
    """A paper of a letter or a request. Reading it is written into the trail."""
    found = core().attachments.read(actor(), attachment_id)
    response = make_response(found.content)
    response.mimetype = found.media_type
    response.headers.set("Content-Disposition", "inline", filename=found.file_name)
    return response


def page(letter_id: str, form: Form, enter_form: Form | None = None) -> str:
    """The letter; ``enter_form``: what the secretary typed to register it."""
    letter = core().reading.letter(actor(), letter_id)
    undoable = next((act for act in letter.acts if act.can_undo), None)
    return render_template(
        "letters/show.html",
        letter=letter,
        form=form,
        enter_form=enter_form or Form.empty(),
        typed_numbers=settings().register_book.numbers == "typed",
        steps=shown(letter.line, office(), current_language()),
        past=history(letter.acts),
        undoable=undoable,
        undoable_text=sentence_of(undoable) if undoable else "",
        requested_actions=options(office().requested_actions),
        next_desk=_next_desk(letter.step),
        paper_kinds=PAPER_KINDS,
        documents=_documents(letter_id),
        reads_scans=actor().holds(*access.SCANS),
        me=actor(),
    )


def _documents(letter_id: str) -> list[PaperLine]:
    asked = [(kind, letter_id) for kind in (PaperKind.REQUEST_LETTER, PaperKind.DISPOSITION_SHEET)]
    return paper_lines(core().papers.offered(actor(), *asked), partial(url_for, "papers.show"))


def _next_desk(step: int) -> str:
    steps = core().procedure.steps
    following = [each.actor for each in steps if each.number == step + 1]
    return following[0] if following else ""
