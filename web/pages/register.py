"""The secretary's desk: letters that come in on paper, registered with everybody they name, filled in and sent."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import Conflict, InvalidInput, WrongState
from provisioner.provisioning.attachments import KINDS
from provisioner.provisioning.desk_views import LetterView, RequestLine
from provisioner.provisioning.letter_fields import LETTER_FIELDS
from provisioner.provisioning.register_book import BOOK_FIELDS
from provisioner.provisioning.tracking import OwnRequest
from web.area import Area, Subject
from web.bio_parts import PARTS
from web.bio_parts import options as bio_options
from web.catalog import current_language, gettext
from web.current import core, office, settings
from web.errors import field_text, sentence
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import options, words
from web.pages.draft import PAPER_KINDS
from web.pages.letters import page as letter_page
from web.pages.requests import code_page
from web.security import takes_files

subject = Subject("register", __name__, Area.OFFICE, "/surat-masuk")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
MOST_APPLICANTS = 20


@subject.get("/")
@signed_in("secretary")
def index() -> str:
    """Letters of the counter that were not sent yet, and requests of the counter that came back."""
    inbox = core().inboxes.of(actor())
    return render_template(
        "register/index.html",
        inbox=inbox,
        drafts=inbox.drafts,
        back=inbox.at_counter,
        unregistered=inbox.unregistered,
    )


@subject.get("/catat")
@signed_in("secretary")
def new() -> str:
    """A letter that came in on paper."""
    return _new_page(Form.empty(applicants="1", subject=core().procedure.step(1).requirements, urgency="ordinary"))


@subject.post("/catat")
@signed_in("secretary")
def save_new() -> Answer:
    """Register it."""
    form = Form.sent()
    count = form.number("applicants")
    if not 1 <= count <= MOST_APPLICANTS:
        return _new_page(form.refuse(InvalidInput(fields={"applicants": ["applicants-count"]}))), 422
    try:
        letter_id = core().registering.register(actor(), _letter_fields(form) | _book_fields(form), count)
    except InvalidInput as error:
        return _new_page(form.refuse(error)), 422
    number = core().reading.letter(actor(), letter_id).register_number
    flash(
        gettext(
            "Surat dicatat dengan nomor agenda %(number)s. Isi bio data setiap pemohon, lalu kirim ke meja pertama.",
            number=number,
        ),
        "ok",
    )
    return redirect(url_for("register.letter", letter_id=letter_id))


@subject.get("/<letter_id>")
@signed_in("secretary")
def letter(letter_id: str) -> Answer:
    """A letter of the counter with everybody on it, until it is sent."""
    found = core().reading.letter(actor(), letter_id)
    if found.channel != "counter" or found.state not in ("draft", "returned"):
        return redirect(url_for("letters.show", letter_id=letter_id))
    return _letter_page(letter_id)


@subject.post("/<letter_id>/data")
@signed_in("secretary")
def save_letter(letter_id: str) -> Answer:
    """Correct the letter's data."""
    form = Form.sent()
    first = _first_on(core().reading.letter(actor(), letter_id))
    try:
        core().drafting.save_letter(first.id, form.number("revision"), _letter_fields(form), actor())
    except InvalidInput as error:
        return _letter_page(letter_id, form.refuse(error), editing=True), 422
    flash(gettext("Data surat disimpan."), "ok")
    return redirect(url_for("register.letter", letter_id=letter_id))


@subject.post("/<letter_id>/agenda")
@signed_in("secretary")
def enter(letter_id: str) -> Answer:
    """Enter a letter in the register book that came in by the public form, or whose entry was struck through."""
    form = Form.sent()
    try:
        number = core().register.enter(actor(), letter_id, _book_fields(form))
    except InvalidInput as error:
        return letter_page(letter_id, Form.empty(), form.refuse(error)), 422
    flash(gettext("Surat dicatat dengan nomor agenda %(number)s.", number=number), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/<letter_id>/pemohon")
@signed_in("secretary")
def add_applicant(letter_id: str) -> Response:
    """One more person on the letter."""
    request_id = core().registering.add_at_counter(actor(), letter_id)
    return redirect(url_for("register.bio", request_id=request_id))


@subject.post("/pemohon/<request_id>/tarik")
@signed_in("secretary")
def withdraw(request_id: str) -> Response:
    """Take a person off the letter again."""
    own = core().reading.request(actor(), request_id)
    core().repair.withdraw(request_id, gettext("Dikeluarkan dari surat di loket."), actor())
    flash(gettext("Pemohon dikeluarkan dari surat."), "ok")
    return redirect(url_for("register.letter", letter_id=own.letter.id))


@subject.get("/pemohon/<request_id>/bio-data")
@signed_in("secretary")
def bio(request_id: str) -> Answer:
    """The bio form, filled in for somebody at the counter."""
    own = core().tracking.own(request_id, actor())
    if not own.editable:
        flash(gettext("Permohonan ini sudah dikirim, sehingga isinya tidak dapat diubah sekarang."), "now")
        return redirect(url_for("requests.show", request_id=request_id))
    form = Form.empty(**own.bio.typed)
    if not own.bio.empty:
        _judge(form, own)
    return _bio_page(own, form)


@subject.post("/pemohon/<request_id>/bio-data")
@signed_in("secretary")
def save_bio(request_id: str) -> Answer:
    """Keep it, right or not; go on when it is right."""
    form = Form.sent()
    typed = {name: form.value(name) for part in PARTS for name in part.names}
    try:
        core().drafting.save_bio(request_id, form.number("revision"), typed, actor())
    except InvalidInput as error:
        return _bio_page(core().tracking.own(request_id, actor()), form.refuse(error)), 422
    own = core().tracking.own(request_id, actor())
    if own.bio.errors:
        return _bio_page(own, _judge(form, own), kept=True), 422
    flash(gettext("Bio data %(name)s lengkap dan tersimpan.", name=own.display_name), "ok")
    if not own.letter_editable:
        return redirect(url_for("register.papers", request_id=request_id))
    return redirect(url_for("register.letter", letter_id=core().reading.request(actor(), request_id).letter.id))


@subject.get("/pemohon/<request_id>/lampiran")
@signed_in("secretary")
def papers(request_id: str) -> Answer:
    """Scans that belong to the letter or to one person."""
    return _papers_page(request_id, Form.empty(kind=request.args.get("jenis", "")))


@subject.post("/pemohon/<request_id>/lampiran")
@takes_files
@signed_in("secretary")
def add_paper(request_id: str) -> Answer:
    """Take in one paper of one or several pages."""
    form = Form.sent()
    sent = [(each.filename or "", each.read()) for each in request.files.getlist("files") if each.filename]
    try:
        core().attachments.add(
            request_id, form.value("kind"), sent, actor(), original_seen=bool(form.value("original_seen"))
        )
    except InvalidInput as error:
        if error.fields:
            return _papers_page(request_id, form.refuse(error)), 422
        form.errors["files"] = [field_text(error.code, error.data)]
        return _papers_page(request_id, form), 422
    flash(gettext("Lampiran tersimpan."), "ok")
    return redirect(url_for("register.papers", request_id=request_id))


@subject.post("/pemohon/<request_id>/lampiran/<attachment_id>/asli")
@signed_in("secretary")
def original(request_id: str, attachment_id: str) -> Response:
    """The applicant has shown the original of a paper that was scanned before."""
    core().attachments.see_original(actor(), request_id, attachment_id)
    flash(gettext("Tercatat: asli diperlihatkan."), "ok")
    return redirect(url_for("register.papers", request_id=request_id))


@subject.post("/pemohon/<request_id>/lampiran/<attachment_id>/hapus")
@signed_in("secretary")
def remove_paper(request_id: str, attachment_id: str) -> Response:
    """Take a paper off again."""
    core().attachments.remove(request_id, attachment_id, actor())
    flash(gettext("Lampiran dihapus."), "ok")
    return redirect(url_for("register.papers", request_id=request_id))


@subject.post("/pemohon/<request_id>/kode")
@signed_in("secretary")
def code(request_id: str) -> str:
    """The code with which the person gets a ticket that no official knows. Shown once, to be printed."""
    letter_id = core().reading.request(actor(), request_id).letter.id
    given = core().enrolment.ask(actor(), request_id, "counter", "")
    return code_page(request_id, given or "", url_for("register.letter", letter_id=letter_id))


@subject.post("/<letter_id>/kirim")
@signed_in("secretary")
def submit(letter_id: str) -> Answer:
    """Send the letter to the first desk, or again after it came back."""
    found = core().reading.letter(actor(), letter_id)
    first = _first_on(found)
    try:
        if found.state == "returned":
            core().repair.resubmit(first.id, actor())
        else:
            core().drafting.submit(first.id, actor(), address=request.remote_addr or "")
    except InvalidInput as error:
        editing = error.code == "letter-incomplete"
        return _letter_page(letter_id, _letter_form(letter_id).refuse(error), sentence(error), editing=editing), 422
    except Conflict as error:
        return _letter_page(letter_id, problem=sentence(error), about=str(error.data.get("request", ""))), 409
    flash(gettext("Surat dikirim ke meja pertama. Cetak kode untuk pemohon yang belum mempunyainya."), "ok")
    return redirect(url_for("letters.show", letter_id=letter_id))


@subject.post("/pemohon/<request_id>/kirim")
@signed_in("secretary")
def resubmit(request_id: str) -> Answer:
    """Send again what came back, or the bio form that was still missing."""
    try:
        again = core().repair.resubmit(request_id, actor())
    except InvalidInput as error:
        own = core().tracking.own(request_id, actor())
        return _bio_page(own, _judge(Form.empty(**own.bio.typed), own).refuse(error)), 422
    if again.restarted:
        flash(gettext("Orang, peran, atau wilayahnya berubah, sehingga disposisi dimulai lagi dari awal."), "now")
    else:
        flash(gettext("Permohonan dikirim ke meja yang menunggunya."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


# -- pages -------------------------------------------------------------------------------------------------------------


def _new_page(form: Form) -> str:
    return render_template(
        "register/new.html",
        form=form,
        urgencies=options(office().urgencies),
        most=MOST_APPLICANTS,
        typed_numbers=settings().register_book.numbers == "typed",
    )


def _letter_page(
    letter_id: str, form: Form | None = None, problem: str = "", about: str = "", *, editing: bool = False
) -> str:
    found = core().reading.letter(actor(), letter_id)
    people = [core().reading.request(actor(), each.id) for each in found.requests if each.state == "with-letter"]
    return render_template(
        "register/letter.html",
        letter=found,
        people=people,
        form=form or _letter_form(letter_id),
        letter_revision=core().tracking.own(people[0].line.id, actor()).letter_revision if people else 0,
        urgencies=options(office().urgencies),
        problem=problem,
        about=about,
        editing=editing,
        paper_kinds=PAPER_KINDS,
    )


def _first_on(letter: LetterView) -> RequestLine:
    """Somebody through whom the letter is written and sent: who was taken off it no longer is.

    :raises WrongState: there is nobody on it any more.
    """
    if not letter.requests:
        raise WrongState("letter-wrong-state", state=letter.state)
    return next((each for each in letter.requests if each.state == "with-letter"), letter.requests[0])


def _letter_form(letter_id: str) -> Form:
    found = core().reading.letter(actor(), letter_id)
    return Form.empty(
        number=found.number,
        letter_date=found.letter_date.isoformat() if found.letter_date else "",
        sender=found.sender,
        subject=found.subject,
        urgency=found.urgency,
    )


def _bio_page(own: OwnRequest, form: Form, *, kept: bool = False) -> str:
    return render_template(
        "register/bio.html",
        own=own,
        form=form,
        parts=PARTS,
        options=bio_options(office(), current_language()),
        kept=kept,
        letter_id=core().reading.request(actor(), own.id).letter.id,
    )


def _papers_page(request_id: str, form: Form) -> str:
    own = core().tracking.own(request_id, actor())
    return render_template(
        "register/papers.html",
        own=own,
        form=form,
        kinds=[(kind, str(PAPER_KINDS[kind])) for kind in KINDS],
        paper_kinds=PAPER_KINDS,
        limits=settings().attachments,
        letter_id=core().reading.request(actor(), request_id).letter.id,
    )


def _letter_fields(form: Form) -> dict[str, str]:
    return {name: form.value(name) for name in LETTER_FIELDS}


def _book_fields(form: Form) -> dict[str, str]:
    return {name: form.value(name) for name in BOOK_FIELDS}


def _judge(form: Form, own: OwnRequest) -> Form:
    """Say at each field what is wrong with it, or odd."""
    form.errors |= {name: [field_text(code) for code in codes] for name, codes in own.bio.errors.items()}
    form.warnings |= {
        name: [field_text(code) for code in codes]
        for name, codes in own.bio.warnings.items()
        if name not in own.bio.errors
    }
    return form
