"""The applicant's papers while they may be changed: letter, bio form, attachments, reading over and sending."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, WrongState
from provisioner.provisioning.attachments import KINDS
from provisioner.provisioning.tracking import OwnRequest
from web.applicant import desk_names, not_stored, own_request
from web.area import Area, Subject
from web.bio_parts import PARTS, Part, options, part_of, summary
from web.catalog import current_language, gettext, later
from web.current import core, office, settings
from web.errors import field_text, sentence
from web.forms import Form
from web.security import takes_files

if TYPE_CHECKING:
    from flask_babel import LazyString

Page = str | tuple[str, int] | Response

subject = Subject("draft", __name__, Area.PUBLIC, "/ajukan/konsep")
subject.after_request(not_stored)
subject.context_processor(desk_names)

LETTER_FIELDS = ("number", "letter_date", "sender", "subject", "urgency")
PAPER_KINDS: dict[str, "LazyString"] = {
    "letter": later("Surat permohonan"),
    "id-card": later("KTP"),
    "decree": later("SK"),
    "assignment-order": later("Surat tugas"),
    "other": later("Lainnya"),
    "disposition-sheet": later("Lembar disposisi"),
}


@subject.get("/surat")
@own_request
def letter(request_id: str) -> Page:
    """The letter's data."""
    own = core().tracking.own(request_id)
    return _letter_page(own, Form.empty(**own.letter)) if own.letter_editable else _not_now()


@subject.post("/surat")
@own_request
def save_letter(request_id: str) -> Page:
    """Keep the letter's data."""
    form = Form.sent()
    try:
        core().drafting.save_letter(request_id, _revision(form), {name: form.value(name) for name in LETTER_FIELDS})
    except InvalidInput as error:
        return _letter_page(core().tracking.own(request_id), form.refuse(error)), 422
    except WrongState as error:
        own = _after_conflict(error, request_id)
        return _letter_page(own, _differences(form, own.letter), conflict=True), 409
    return redirect(url_for("draft.bio", number=1))


@subject.get("/bio-data/<int:number>")
@own_request
def bio(request_id: str, number: int) -> Page:
    """One part of the bio form, as it was typed."""
    part = _part(number)
    own = core().tracking.own(request_id)
    if not own.editable:
        return _not_now()
    form = Form.empty(**{name: own.bio.typed.get(name, "") for name in part.names})
    if any(own.bio.typed.get(name) for name in part.names) or "periksa" in request.args:
        _judge(form, own.bio.errors, own.bio.warnings, part)
    return _bio_page(own.revision, part, number, form)


@subject.post("/bio-data/<int:number>")
@own_request
def save_bio(request_id: str, number: int) -> Page:
    """Keep one part, right or not; go on when it is right."""
    part, form = _part(number), Form.sent()
    own = core().tracking.own(request_id)
    typed = {**own.bio.typed, **{name: form.value(name) for name in part.names}}
    try:
        revision, checked = core().drafting.save_bio(request_id, _revision(form), typed)
    except InvalidInput as error:
        return _bio_page(own.revision, part, number, form.refuse(error)), 422
    except WrongState as error:
        own = _after_conflict(error, request_id)
        return _bio_page(own.revision, part, number, _differences(form, own.bio.typed), conflict=True), 409
    if any(name in checked.errors for name in part.names):
        _judge(form, checked.errors, checked.warnings, part)
        return _bio_page(revision, part, number, form, kept=True), 422
    if number == len(PARTS):
        return redirect(url_for("draft.papers"))
    return redirect(url_for("draft.bio", number=number + 1))


@subject.get("/lampiran")
@own_request
def papers(request_id: str) -> Page:
    """The papers that come with the letter."""
    own = core().tracking.own(request_id)
    return _papers_page(own, Form.empty()) if own.editable else _not_now()


@subject.post("/lampiran")
@takes_files
@own_request
def add_paper(request_id: str) -> Page:
    """Take in one paper of one or several files."""
    form = Form.sent()
    sent = [(each.filename or "", each.read()) for each in request.files.getlist("berkas") if each.filename]
    try:
        core().attachments.add(request_id, form.value("kind"), sent)
    except InvalidInput as error:
        if not error.fields:
            form.errors["berkas"] = [field_text(error.code, error.data)]
        return _papers_page(core().tracking.own(request_id), form.refuse(error) if error.fields else form), 422
    flash(gettext("Lampiran tersimpan."), "ok")
    return redirect(url_for("draft.papers"))


@subject.post("/lampiran/<attachment_id>/hapus")
@own_request
def remove_paper(request_id: str, attachment_id: str) -> Response:
    """Take a paper off again."""
    core().attachments.remove(request_id, attachment_id)
    flash(gettext("Lampiran dihapus."), "ok")
    return redirect(url_for("draft.papers"))


@subject.get("/lampiran/<attachment_id>")
@own_request
def paper(request_id: str, attachment_id: str) -> Response:
    """A paper, to look at."""
    content = core().attachments.own(request_id, attachment_id)
    response = make_response(content.content)
    response.mimetype = content.media_type
    response.headers.set("Content-Disposition", "inline", filename=content.file_name)
    return response


@subject.get("/periksa")
@own_request
def check(request_id: str) -> Page:
    """Everything once more, before it is sent."""
    own = core().tracking.own(request_id)
    return _check_page(own) if own.editable else _not_now()


@subject.post("/kirim")
@own_request
def submit(request_id: str) -> Page:
    """Send the letter with everybody on it."""
    return _send(request_id, lambda: core().drafting.submit(request_id, address=request.remote_addr or ""))


@subject.post("/kirim-ulang")
@own_request
def resubmit(request_id: str) -> Page:
    """Send again what came back, or the bio form that was still missing."""

    def again() -> None:
        if core().repair.resubmit(request_id).restarted:
            flash(gettext("Orang, peran, atau wilayahnya berubah, sehingga disposisi dimulai lagi dari awal."), "now")

    return _send(request_id, again)


# -- pages -------------------------------------------------------------------------------------------------------------


def _letter_page(own: OwnRequest, form: Form, *, conflict: bool = False) -> str:
    urgencies = [(each.code, each.label.text(current_language())) for each in office().urgencies]
    return render_template("draft/letter.html", own=own, form=form, urgencies=urgencies, conflict=conflict)


def _bio_page(revision: int, part: Part, number: int, form: Form, *, conflict: bool = False, kept: bool = False) -> str:
    return render_template(
        "draft/bio.html",
        revision=revision,
        part=part,
        parts=PARTS,
        number=number,
        form=form,
        options=options(office(), current_language()),
        conflict=conflict,
        kept=kept,
    )


def _papers_page(own: OwnRequest, form: Form) -> str:
    kinds = [(kind, str(PAPER_KINDS[kind])) for kind in KINDS]
    return render_template("draft/papers.html", own=own, form=form, kinds=kinds, limits=settings().attachments)


def _check_page(own: OwnRequest, problem: str = "") -> str:
    wrong = [(part_of(name), name) for name in own.bio.errors]
    parts = summary(own.bio.typed, office(), current_language())
    urgency = next((each for each in office().urgencies if each.code == own.letter["urgency"]), None)
    return render_template(
        "draft/check.html",
        own=own,
        parts=parts,
        wrong=wrong,
        warnings={name: [field_text(code) for code in codes] for name, codes in own.bio.warnings.items()},
        urgency=urgency.label.text(current_language()) if urgency else "",
        kinds=PAPER_KINDS,
        problem=problem,
        bio_needed=own.state != "with-letter",
    )


def _not_now() -> Response:
    flash(gettext("Permohonan ini sudah dikirim, sehingga isinya tidak dapat diubah sekarang."), "now")
    return redirect(url_for("own.show"))


# -- the pieces --------------------------------------------------------------------------------------------------------


def _send(request_id: str, act: Callable[[], object]) -> Page:
    try:
        act()
    except InvalidInput as error:
        another = error.data.get("request") not in (None, request_id)
        told = gettext("Bio data pemohon lain pada surat ini belum benar. Ia memperbaikinya dengan kodenya sendiri.")
        return _check_page(core().tracking.own(request_id), told if another else sentence(error)), 422
    except WrongState as error:
        if error.code not in ("letter-wrong-state", "request-wrong-state"):
            raise
        flash(gettext("Permohonan ini sudah dikirim sebelumnya. Tidak ada yang dikirim dua kali."), "now")
        return redirect(url_for("own.show"))
    return redirect(url_for("own.sent"))


def _part(number: int) -> Part:
    if not 1 <= number <= len(PARTS):
        abort(404)
    return PARTS[number - 1]


def _revision(form: Form) -> int:
    text = form.value("revision")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _judge(form: Form, errors: Mapping[str, list[str]], warnings: Mapping[str, list[str]], part: Part) -> None:
    for name in part.names:
        if errors.get(name):
            form.errors[name] = [field_text(code) for code in errors[name]]
        elif warnings.get(name):
            form.warnings[name] = [field_text(code) for code in warnings[name]]


def _after_conflict(error: WrongState, request_id: str) -> OwnRequest:
    """What is stored now, after another window of the applicant was faster."""
    if error.code != "changed-meanwhile":
        raise error
    own: OwnRequest = core().tracking.own(request_id)
    return own


def _differences(form: Form, stored: Mapping[str, str]) -> Form:
    """Say at each field what stands in the other window's version; what was typed here stays."""
    for name in form.values:
        if name in stored and stored[name] != form.value(name):
            value = stored[name] or gettext("(kosong)")
            form.warnings[name] = [gettext("Tersimpan dari jendela lain: %(value)s", value=value)]
    return form
