"""Buku Agenda: the register book of a year, read, searched and carried away; the secretary voids and remarks."""

from urllib.parse import urlencode

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.register import KEEPER, PER_PAGE, READERS
from provisioner.provisioning.register_book import Direction
from provisioner.store.long_lists import COUNTED
from web.area import Area, Subject
from web.catalog import gettext, later
from web.current import core
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import words
from web.paging import Page, asked_page

subject = Subject("register_book", __name__, Area.OFFICE, "/buku-agenda")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
DIRECTIONS = {"masuk": Direction.INCOMING, "keluar": Direction.OUTGOING}
"""As addresses name them."""
WORDS = {"masuk": later("Surat masuk"), "keluar": later("Surat keluar")}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@subject.get("")
@signed_in(*READERS)
def index() -> str:
    """The book of a year, the newest line first."""
    return _page(Form.empty())


@subject.post("/<entry_id>/batal")
@signed_in(KEEPER)
def void(entry_id: str) -> Answer:
    """Strike a line through, with the reason."""
    form = Form.sent()
    try:
        core().register.void(actor(), entry_id, form.value("void_reason"))
    except InvalidInput as error:
        return _page(form.refuse(error), about=entry_id), 422
    flash(gettext("Catatan dicoret. Ia tetap ada di buku dan di setiap unduhan."), "ok")
    return redirect(_here())


@subject.post("/<entry_id>/keterangan")
@signed_in(KEEPER)
def remark(entry_id: str) -> Answer:
    """Write what stands under "Ket."."""
    form = Form.sent()
    try:
        core().register.remark(actor(), entry_id, form.value("remark"))
    except InvalidInput as error:
        return _page(form.refuse(error), about=entry_id), 422
    flash(gettext("Keterangan disimpan."), "ok")
    return redirect(_here())


@subject.post("/unduh/<form>")
@signed_in(*READERS)
def export(form: str) -> Answer:
    """The book of the year as a file. That it was taken out is an event of the audit trail."""
    direction, year = _asked()
    name = f"buku-agenda-surat-{_word()}-{year}.{form}"
    exports = core().register_export
    if form == "csv":
        text = exports.csv(actor(), direction, year)
        response = FlaskResponse(stream_with_context(text), mimetype="text/csv")
    elif form == "xlsx":
        response = make_response(exports.xlsx(actor(), direction, year))
        response.mimetype = XLSX
    elif form == "pdf":
        response = make_response(exports.pdf(actor(), direction, year))
        response.mimetype = "application/pdf"
    else:
        return redirect(_here())
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _page(form: Form, about: str = "") -> str:
    direction, year = _asked()
    text = request.args.get("q", "").strip()[:100]
    number = asked_page()
    found = core().register.page(actor(), direction, year, text=text, page=number)
    return render_template(
        "register_book/index.html",
        page=Page(found.lines, number, PER_PAGE, found.total, COUNTED),
        years=[(str(each), _address(tahun=each)) for each in found.years],
        year=year,
        directions=[(str(label), _address(buku=word), word == _word(), None) for word, label in WORDS.items()],
        incoming=direction is Direction.INCOMING,
        book=_word(),
        text=text,
        form=form,
        about=about,
        keeps=actor().holds(KEEPER),
    )


def _asked() -> tuple[Direction, int]:
    text = request.args.get("tahun", "")
    this_year = core().context.today().year
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else this_year
    return DIRECTIONS[_word()], year


def _word() -> str:
    asked = request.args.get("buku", "")
    return asked if asked in DIRECTIONS else "masuk"


def _address(**changes: str | int) -> str:
    return f"{url_for('register_book.index')}?{urlencode({'buku': _word(), 'tahun': _asked()[1], **changes})}"


def _here() -> str:
    """The same page of the book that the form was sent from."""
    return f"{url_for('register_book.index')}?{urlencode(list(request.args.items()))}"
