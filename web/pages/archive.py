"""Arsip: boxes and what lies in them, case files of one request, and whole years to carry away."""

from collections.abc import Iterator

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from provisioner.errors import Conflict, InvalidInput
from provisioner.provisioning import access
from provisioner.provisioning.boxes import PAGE
from provisioner.provisioning.case_files import Written
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.paging import Page, asked_page

subject = Subject("archive", __name__, Area.OFFICE, "/arsip")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("")
@signed_in(*access.REQUESTS)
def index() -> str:
    """Boxes, searched by number, place or what lies in them; for those who may, years to carry away."""
    text, number = request.args.get("q", "").strip()[:100], asked_page()
    lines, total = core().boxes.find(actor(), text, number)
    reads = actor().holds(*access.CASE_FILES)
    return render_template(
        "archive/index.html",
        page=Page(lines, number, PAGE, total),
        text=text,
        years=core().case_files.years(actor()) if reads else [],
        reads=reads,
        retains=actor().holds(*access.RETENTION),
        waiting=core().destructions.waiting(actor()),
        files=actor().holds(*access.FILERS),
    )


@subject.get("/boks/<box_id>")
@signed_in(*access.REQUESTS)
def box(box_id: str) -> str:
    """One box and what lies in it."""
    return _box(box_id)


@subject.post("/boks/<box_id>")
@signed_in(*access.FILERS)
def move(box_id: str) -> Answer:
    """The box stands somewhere else now."""
    form = Form.sent()
    try:
        core().boxes.move(actor(), box_id, form.number("revision"), form.value("place"))
    except InvalidInput as error:
        return _box(box_id, form.refuse(error)), 422
    flash(gettext("Tempat boks dicatat."))
    return redirect(url_for("archive.box", box_id=box_id))


@subject.get("/boks/<box_id>/daftar.pdf")
@signed_in(*access.REQUESTS)
def sheet(box_id: str) -> FlaskResponse:
    """The list of what lies in a box, to stick on it."""
    return FlaskResponse(core().boxes.sheet(actor(), box_id), mimetype="application/pdf")


@subject.get("/permohonan/<request_id>/boks")
@signed_in(*access.FILERS)
def filing(request_id: str) -> str:
    """Where the papers of a request lie, to be written down."""
    place = core().boxes.place_of(actor(), request_id)
    return _filing(request_id, Form.empty(number=place.number))


@subject.post("/permohonan/<request_id>/boks")
@signed_in(*access.FILERS)
def file(request_id: str) -> Answer:
    """The papers lie in this box now; in none any more, when the number is empty."""
    form = Form.sent()
    try:
        core().boxes.file(actor(), request_id, form.value("number"), form.value("place"))
    except (InvalidInput, Conflict) as error:
        if isinstance(error, Conflict):
            raise
        return _filing(request_id, form.refuse(error)), 422
    flash(gettext("Nomor boks dicatat.") if form.value("number") else gettext("Nomor boks dihapus."))
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/permohonan/<request_id>/pdf")
@signed_in(*access.CASE_FILES)
def pdf(request_id: str) -> FlaskResponse:
    """The case file of one request, to be read and printed."""
    number = core().reading.request(actor(), request_id).line.number
    response = FlaskResponse(core().case_files.pdf(actor(), request_id), mimetype="application/pdf")
    return _named(response, f"berkas-{number}.pdf")


@subject.post("/permohonan/<request_id>/zip")
@signed_in(*access.CASE_FILES)
def archive(request_id: str) -> FlaskResponse:
    """The same as an archive that anybody can verify."""
    number = core().reading.request(actor(), request_id).line.number
    return _zip(core().case_files.zip(actor(), [request_id]), f"arsip-{number}.zip")


@subject.post("/tahun")
@signed_in(*access.CASE_FILES)
def year() -> FlaskResponse:
    """Every case of a year. Sent while it is made: broken off, it has no end and no program opens it."""
    wanted = Form.sent().number("tahun")
    return _zip(core().case_files.year(actor(), wanted if 1990 <= wanted <= 9998 else 1990), f"arsip-{wanted}.zip")


# -- the pieces --------------------------------------------------------------------------------------------------------


def _box(box_id: str, form: Form | None = None) -> str:
    line, lines = core().boxes.contents(actor(), box_id)
    return render_template(
        "archive/box.html",
        box=line,
        lines=lines,
        form=form or Form.empty(place=line.place),
        files=actor().holds(*access.FILERS),
    )


def _filing(request_id: str, form: Form) -> str:
    line = core().reading.request(actor(), request_id).line
    return render_template(
        "archive/filing.html", line=line, form=form, place=core().boxes.place_of(actor(), request_id)
    )


def _zip(written: Iterator[Written], name: str) -> FlaskResponse:
    pieces = (piece.data for piece in written if piece.data)
    return _named(FlaskResponse(stream_with_context(pieces), mimetype="application/zip"), name)


def _named(response: FlaskResponse, name: str) -> FlaskResponse:
    response.headers.set("Content-Disposition", "attachment", filename=name.replace("/", "-"))
    return response
