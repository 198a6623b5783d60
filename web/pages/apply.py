"""Applying: the start, the code that is shown once, coming back with it, further people on the same letter."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, NotFound
from web.applicant import desk_names, own_request, recognised, ticket_page
from web.area import Area, Subject
from web.catalog import current_language, gettext
from web.current import core, office, procedure
from web.errors import sentence
from web.forms import Form
from web.identity import applicant_here, caller, forget
from web.sop_line import blank_line

subject = Subject("apply", __name__, Area.PUBLIC, "/ajukan")
subject.context_processor(desk_names)


@subject.get("/")
def start() -> str:
    """What will happen, and what to have at hand."""
    steps = blank_line(procedure(), office(), current_language())
    return render_template("apply/start.html", procedure=procedure(), steps=steps, here=applicant_here())


@subject.post("/mulai")
def begin() -> Response:
    """Begin a draft. The answer is the only page that ever shows its ticket."""
    begun = core().drafting.begin(**caller())
    return ticket_page("begun", begun.ticket, begun.tracking_code, token=begun.session_token)


@subject.post("/kode-tersimpan")
def saved() -> Response:
    """The applicant says that the code is kept safe."""
    return redirect(url_for("own.show"))


@subject.get("/lanjutkan")
def resume_form() -> str:
    """Come back with the ticket."""
    return render_template("apply/resume.html", form=Form.empty(), here=applicant_here())


@subject.post("/lanjutkan")
def resume() -> Response | tuple[str, int]:
    """The ticket was typed: this browser is the applicant's from now on."""
    form = Form.sent()
    try:
        request_id, token = core().drafting.with_ticket(form.value("kode"), **caller())
    except (InvalidInput, NotFound) as error:
        form.values.poplist("kode")  # A code that may be nearly right does not stand in a page.
        form.errors["kode"] = [sentence(error)]
        return render_template("apply/resume.html", form=form, here=None), 422
    return recognised(request_id, token, redirect(url_for("own.show")))


@subject.post("/tambah-pemohon")
@own_request
def add(request_id: str) -> Response:
    """One more person on the same letter, with a ticket of their own."""
    begun = core().drafting.add_applicant(request_id, **caller())
    return ticket_page("added", begun.ticket, begun.tracking_code)


@subject.post("/selesai")
def leave() -> Response:
    """Done at this browser, which may be somebody else's."""
    here = applicant_here()
    if here is not None:
        core().sessions.leave(here.id)
    flash(gettext("Peramban ini tidak lagi mengenali permohonan Anda. Untuk kembali, pakai kode pengambilan."), "ok")
    return forget(redirect(url_for("apply.start")), Area.PUBLIC)
