"""Requests: the list, and one request with everything a desk does about it."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.documents.qr import qr_svg
from provisioner.errors import Conflict, InvalidInput
from provisioner.provisioning import access
from provisioner.provisioning.enrolment import ASKERS
from provisioner.provisioning.request_search import PER_PAGE
from provisioner.store.long_lists import COUNTED
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, settings
from web.errors import field_text, sentence
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import state_word, words
from web.paging import Page, asked_page
from web.request_page import approval_of, progress_of, request_page
from web.security import secret_page

subject = Subject("requests", __name__, Area.OFFICE, "/permohonan")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
FILTERS = (
    "open",
    "disposing",
    "bio-form",
    "review",
    "returned",
    "pact-applicant",
    "pact-official",
    "creation",
    "handover",
    "done",
    "rejected",
    "withdrawn",
    "revoked",
)
"""Every state in which the list can show a request, in the order of the SOP; ``open``: all that still move."""


@subject.get("/")
@signed_in(*access.REQUESTS)
def index() -> str:
    """Every request that was sent, newest first, with search and filters."""
    text, state, number = request.args.get("q", "").strip()[:100], request.args.get("status", ""), asked_page()
    known = state if state in FILTERS else ""
    lines, total = core().request_search.find(actor(), text=text, state=known, page=number)
    return render_template(
        "requests/index.html",
        page=Page(lines, number, PER_PAGE, total, COUNTED),
        text=text,
        state=known,
        choices=_filters(text, known),
        by_number=actor().holds(*access.SCANS),
        me=actor(),
    )


@subject.get("/<request_id>")
@signed_in(*access.REQUESTS)
def show(request_id: str) -> str:
    """One request. For the desk that holds it, this is the opening that the SOP's minutes count from."""
    core().review.open(actor(), request_id)
    return request_page(request_id)


@subject.post("/<request_id>/nik")
@signed_in(*access.NIK)
def show_nik(request_id: str) -> str:
    """The whole NIK, once. Written into the trail."""
    secret_page()
    return request_page(request_id, nik=core().reading.reveal_nik(actor(), request_id))


@subject.post("/<request_id>/periksa-nama")
@signed_in()
def check_name(request_id: str) -> str:
    """Ask every system whether the user name is free; what was typed elsewhere in the form stays."""
    form = Form.sent()
    return request_page(request_id, form, core().usernames.check(actor(), request_id, form.value("username")))


@subject.get("/<request_id>/nama")
@signed_in()
def name_fragment(request_id: str) -> FlaskResponse:
    """What the systems say about the name that the page offers, once it is there."""
    offer = core().usernames.check(actor(), request_id, request.args.get("nama", ""))
    better = offer if offer.usable else core().usernames.offer(actor(), request_id)
    page = render_template(
        "requests/name.html", offer=offer, better=better, problems=[field_text(code) for code in offer.problems]
    )
    return FlaskResponse(page, headers={"X-Live": "done"})


@subject.post("/<request_id>/setujui")
@signed_in()
def approve(request_id: str) -> Answer:
    """Approve and make the pact, which the applicant signs first."""
    form = Form.sent()
    try:
        core().pacts.approve(actor(), request_id, form.number("revision"), approval_of(form))
    except InvalidInput as error:
        return request_page(request_id, form.refuse(error)), 422
    except Conflict as error:
        if not error.code.startswith("username-taken"):
            raise
        form.errors["username"] = [sentence(error)]
        return request_page(request_id, form, core().usernames.check(actor(), request_id, form.value("username"))), 422
    flash(gettext("Disetujui. Pakta sudah dibuat dan menunggu tanda tangan pemohon."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/<request_id>/kembalikan")
@signed_in()
def return_for_repair(request_id: str) -> Answer:
    """Back to the applicant, with a reason."""
    form = Form.sent()
    try:
        core().review.return_for_repair(actor(), request_id, form.number("revision"), form.value("return_reason"))
    except InvalidInput as error:
        return request_page(request_id, form.refuse(error, reason="return_reason")), 422
    flash(gettext("Dikembalikan kepada pemohon. Sesudah diperbaiki, permohonan kembali ke meja ini."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/<request_id>/tolak")
@signed_in()
def reject(request_id: str) -> Answer:
    """Refuse the request, with a reason."""
    form = Form.sent()
    try:
        core().review.reject(actor(), request_id, form.number("revision"), form.value("reject_reason"))
    except InvalidInput as error:
        return request_page(request_id, form.refuse(error, reason="reject_reason")), 422
    flash(gettext("Permohonan ditolak. Pemohon melihat alasannya."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/<request_id>/tindakan/<act_id>/batalkan")
@signed_in()
def undo(request_id: str, act_id: str) -> Response:
    """Take an own act back before the applicant opens it."""
    core().review.undo(actor(), act_id)
    flash(gettext("Tindakan dibatalkan. Permohonan kembali di meja Anda."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/<request_id>/pakta-ulang")
@signed_in()
def make_anew(request_id: str) -> Response:
    """Void the unfinished pact and take the request back on the desk."""
    core().pacts.make_anew(actor(), request_id)
    flash(gettext("Pakta dibatalkan. Permohonan kembali di meja untuk dikaji dan dibuatkan pakta baru."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/<request_id>/buat-akun")
@signed_in()
def create(request_id: str) -> Response:
    """Step 5, where the office leaves it to a button."""
    core().signatures.create_account(actor(), request_id)
    flash(gettext("Akun sedang dibuat. Anda tidak perlu menunggu di halaman ini."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.get("/<request_id>/kemajuan")
@signed_in(*access.REQUESTS)
def progress(request_id: str) -> FlaskResponse:
    """How far every system and the envelope are; the page fetches this again until nothing moves. When the request went
    on meanwhile, the whole page is fetched: its heading would still tell the step before.
    """
    view = core().reading.request(actor(), request_id)
    found = progress_of(view)
    answer = FlaskResponse(render_template("requests/progress.html", **found))
    if found["at_rest"]:
        answer.headers["X-Live"] = "done"
        if view.line.state != request.args.get("dari", view.line.state):
            answer.headers["X-Live-Next"] = url_for("requests.show", request_id=request_id)
    return answer


@subject.post("/<request_id>/kode-pengganti")
@signed_in(*ASKERS)
def ask_code(request_id: str) -> Answer:
    """A new code for an applicant who lost theirs; a second official agrees."""
    form = Form.sent()
    try:
        code = core().enrolment.ask(actor(), request_id, form.value("code_reason"), form.value("person_check"))
    except InvalidInput as error:
        return request_page(request_id, form.refuse(error, reason="code_reason")), 422
    if code is not None:
        return code_page(request_id, code)
    flash(gettext("Permintaan dicatat. Pejabat kedua menyetujuinya di kotak masuknya, lalu kode ditampilkan."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/kode-pengganti/<enrolment_id>/setujui")
@signed_in(*ASKERS)
def agree(enrolment_id: str) -> str:
    """The second official agrees; the code is shown to them once, for the applicant."""
    waiting = [line for line in core().enrolment.waiting(actor()) if line.id == enrolment_id]
    code = core().enrolment.agree(actor(), enrolment_id)
    return code_page(waiting[0].request_id, code)


@subject.post("/kode-pengganti/<enrolment_id>/tolak")
@signed_in(*ASKERS)
def refuse(enrolment_id: str) -> Response:
    """The second official does not agree."""
    core().enrolment.refuse(actor(), enrolment_id)
    flash(gettext("Permintaan kode pengganti tidak disetujui. Kode yang lama tetap berlaku."), "ok")
    return redirect(url_for("inbox.index"))


def code_page(request_id: str, code: str, back: str = "") -> str:
    """The one page that ever shows an enrolment code, to be printed for the applicant."""
    secret_page()
    view = core().reading.request(actor(), request_id)
    address = settings().web.address
    return render_template(
        "requests/code.html",
        view=view,
        code=code,
        drawing=qr_svg(code),
        address=address,
        days=settings().envelope.enrolment_days,
        back=back or url_for("requests.show", request_id=request_id),
    )


def _filters(text: str, current: str) -> list[tuple[str, str, bool, int | None]]:
    named = {"open": gettext("Sedang berjalan")}
    everything = (gettext("Semua"), url_for("requests.index", q=text or None), not current, None)
    rest = [
        (
            named.get(name) or str(state_word(name).text).capitalize(),
            url_for("requests.index", q=text or None, status=name),
            name == current,
            None,
        )
        for name in FILTERS
    ]
    return [everything, *rest]
