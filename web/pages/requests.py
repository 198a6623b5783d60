"""Requests: the list, and one request with everything a desk does about it."""

from dataclasses import replace
from datetime import date
from urllib.parse import quote

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.account import AccountState
from provisioner.documents.qr import qr_svg
from provisioner.errors import Conflict, InvalidInput
from provisioner.phone import Phone
from provisioner.procedure import Act
from provisioner.provisioning.desk_views import RequestView
from provisioner.provisioning.enrolment import ASKERS, EnrolmentLine
from provisioner.provisioning.pacts import Approval
from provisioner.provisioning.reading import PER_PAGE, READERS
from provisioner.provisioning.username_offer import Offer
from provisioner.request import OPEN, RequestState
from web.account_words import envelope_text, settled, system_lines
from web.act_sentences import history, sentence_of
from web.area import Area, Subject
from web.bio_parts import summary
from web.catalog import current_language, gettext
from web.current import core, office, procedure, settings
from web.errors import field_text, sentence
from web.forms import Form
from web.identity import actor, signed_in
from web.labels import post_text, state_word, words
from web.pages.draft import PAPER_KINDS
from web.paging import Page, asked_page
from web.security import secret_page
from web.sop_line import SopStep, shown

subject = Subject("requests", __name__, Area.OFFICE, "/permohonan")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
NIK_READERS = frozenset({"section_head", "division_head", "head", "adb"})
PACT_READERS = NIK_READERS | {"auditor", "it"}
FILTERS = ("open", "review", "returned", "pact-applicant", "pact-official", "creation", "handover", "done", "rejected")


@subject.get("/")
@signed_in(*READERS)
def index() -> str:
    """Every request that was sent, newest first, with search and filters."""
    text, state, number = request.args.get("q", "").strip()[:100], request.args.get("status", ""), asked_page()
    known = state if state in FILTERS else ""
    lines, total = core().reading.search(actor(), text=text, state=known, page=number)
    return render_template(
        "requests/index.html",
        page=Page(lines, number, PER_PAGE, total),
        text=text,
        state=known,
        choices=_filters(text, known),
        me=actor(),
    )


@subject.get("/<request_id>")
@signed_in(*READERS)
def show(request_id: str) -> str:
    """One request. For the desk that holds it, this is the opening that the SOP's minutes count from."""
    core().review.open(actor(), request_id)
    return _page(request_id)


@subject.post("/<request_id>/nik")
@signed_in(*NIK_READERS)
def show_nik(request_id: str) -> str:
    """The whole NIK, once. Written into the trail."""
    secret_page()
    return _page(request_id, nik=core().reading.reveal_nik(actor(), request_id))


@subject.post("/<request_id>/periksa-nama")
@signed_in()
def check_name(request_id: str) -> str:
    """Ask every system whether the user name is free; what was typed elsewhere in the form stays."""
    form = Form.sent()
    return _page(request_id, form, core().usernames.check(actor(), request_id, form.value("username")))


@subject.get("/<request_id>/nama")
@signed_in()
def name_fragment(request_id: str) -> FlaskResponse:
    """What the systems say about the name that the page offers, once it is there."""
    offer = core().usernames.check(actor(), request_id, request.args.get("nama", ""))
    better = offer if offer.usable else core().usernames.offer(actor(), request_id)
    page = render_template("requests/name.html", offer=offer, better=better, problems=_problems(offer))
    return FlaskResponse(page, headers={"X-Live": "done"})


@subject.post("/<request_id>/setujui")
@signed_in()
def approve(request_id: str) -> Answer:
    """Approve and make the pact, which the applicant signs first."""
    form = Form.sent()
    try:
        core().pacts.approve(actor(), request_id, form.number("revision"), _approval(form))
    except InvalidInput as error:
        return _page(request_id, form.refuse(error)), 422
    except Conflict as error:
        if not error.code.startswith("username-taken"):
            raise
        form.errors["username"] = [sentence(error)]
        return _page(request_id, form, core().usernames.check(actor(), request_id, form.value("username"))), 422
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
        return _page(request_id, form.refuse(error, reason="return_reason")), 422
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
        return _page(request_id, form.refuse(error, reason="reject_reason")), 422
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
@signed_in(*READERS)
def progress(request_id: str) -> FlaskResponse:
    """How far every system and the envelope are; the page fetches this again until nothing moves."""
    found = _progress(core().reading.request(actor(), request_id))
    page = render_template("requests/progress.html", **found)
    return FlaskResponse(page, headers={"X-Live": "done"} if found["at_rest"] else {})


@subject.post("/<request_id>/kode-pengganti")
@signed_in(*ASKERS)
def ask_code(request_id: str) -> Answer:
    """A new code for an applicant who lost theirs; a second official agrees."""
    form = Form.sent()
    try:
        code = core().enrolment.ask(actor(), request_id, form.value("code_reason"), form.value("person_check"))
    except InvalidInput as error:
        return _page(request_id, form.refuse(error, reason="code_reason")), 422
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


# -- the page ----------------------------------------------------------------------------------------------------------


def _page(request_id: str, form: Form | None = None, offer: Offer | None = None, nik: str = "") -> str:
    view = core().reading.request(actor(), request_id)
    typed = dict(view.bio.typed)
    if nik:
        typed["nik"] = nik
    undoable = next((act for act in view.acts if act.can_undo and not act.on_letter), None)
    return render_template(
        "requests/show.html",
        view=view,
        line=view.line,
        me=actor(),
        steps=_steps(view),
        bio=summary(typed, office(), current_language()),
        warnings={name: [field_text(code) for code in codes] for name, codes in view.bio.warnings.items()},
        nik_masked=not nik and bool(typed.get("nik")) and bool(actor().posts & NIK_READERS),
        past=history(view.acts),
        undoable=undoable,
        undoable_text=sentence_of(undoable) if undoable else "",
        form=form if form is not None and not nik else _approval_form(view),
        offer=offer,
        problems=_problems(offer) if offer else [],
        enrolment=_enrolment(view),
        may_ask_code=_may_ask_code(view),
        whatsapp=_whatsapp(view),
        paper_kinds=PAPER_KINDS,
        must_act=_must_act(view),
        sees_accounts=actor().holds("it", "adb", "section_head"),
        works_queue=actor().holds("it", "adb"),
        reads_pact=bool(actor().posts & PACT_READERS),
        **_progress(view),
    )


def _approval_form(view: RequestView) -> Form:
    name = core().usernames.suggest(view.line.id) if "approve" in view.actions else view.username
    until = view.valid_until.isoformat() if view.valid_until else ""
    return Form.empty(username=name, answer=view.answer, valid_until=until)


def _approval(form: Form) -> Approval:
    return Approval(
        username=form.value("username"),
        check_code=form.value("check_code"),
        person_confirmed=bool(form.value("person_confirmed")),
        answer=form.value("answer"),
        valid_until=_day(form.value("valid_until")),
    )


def _day(text: str) -> date | None:
    """:raises InvalidInput: not a day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(fields={"valid_until": ["date-malformed"]}) from None


def _steps(view: RequestView) -> list[SopStep]:
    """The line, with who did step 5: the system by the section head's decision, or somebody by a button."""
    create, review = procedure().steps_of(Act.CREATE)[0], procedure().steps_of(Act.REVIEW)[0]
    line = shown(view.steps, office(), current_language())
    by_hand = [act.actor for act in view.acts if act.kind == "create" and not act.undone]
    if by_hand:
        by = by_hand[-1]
    elif settings().procedure.step_5 == "system":
        by = gettext("sistem, atas keputusan %(post)s", post=post_text(review.actor))
    else:
        return line
    return [replace(step, by=by) if step.number == create.number else step for step in line]


def _problems(offer: Offer) -> list[str]:
    return [field_text(code) for code in offer.problems]


def _progress(view: RequestView) -> dict[str, object]:
    """What the live part shows: every system, the envelope, and whether it still moves."""
    if view.account_id is None:
        return {"systems": [], "slips": [], "at_rest": True}
    links = core().accounts.progress(view.account_id)
    slips = [(each, *envelope_text(each)) for each in core().handover.status(view.account_id).slips]
    moving = view.line.state == RequestState.CREATION or not settled(links)
    return {"systems": system_lines(links, AccountState.ACTIVE), "slips": slips, "at_rest": not moving}


def _must_act(view: RequestView) -> str:
    """What the applicant is to do now, in words; empty when it is not their turn."""
    if view.line.desk != "applicant":
        return ""
    return {
        RequestState.WITH_LETTER: gettext("Pemohon memperbaiki suratnya."),
        RequestState.BIO_FORM: gettext("Pemohon mengisi Form Isian Bio Data Operator."),
        RequestState.RETURNED: gettext("Pemohon memperbaiki permohonannya."),
        RequestState.PACT_APPLICANT: gettext("Pemohon menandatangani pakta dengan kode pengambilannya."),
        RequestState.HANDOVER: gettext("Pemohon membuka amplop dengan kode pengambilannya."),
    }.get(RequestState(view.line.state), "")


def _whatsapp(view: RequestView) -> str:
    """An address that opens WhatsApp with a text that holds no code and no personal data; empty for a fixed line."""
    number = Phone(view.phone).whatsapp if view.phone else None
    if number is None:
        return ""
    text = gettext(
        "Dari %(office)s: permohonan akun operator SIAK Anda menunggu tindakan Anda. Buka %(address)s/lacak dengan "
        "kode lacak Anda, atau datang ke kantor. Petugas tidak pernah meminta kode pengambilan Anda.",
        office=office().short_name,
        address=settings().web.address,
    )
    return f"https://wa.me/{number}?text={quote(text)}"


def _enrolment(view: RequestView) -> EnrolmentLine | None:
    if not actor().holds(*ASKERS):
        return None
    return next((line for line in core().enrolment.waiting(actor()) if line.request_id == view.line.id), None)


def _may_ask_code(view: RequestView) -> bool:
    return (
        actor().holds(*ASKERS)
        and view.letter.state != "draft"
        and view.line.state in (*OPEN, RequestState.DONE)
        and (view.has_ticket or view.letter.channel == "counter")
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
