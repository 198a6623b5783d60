"""The applicant's own request: where it is, what to do now, the pact, the receipt, withdrawal."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput, NotAllowed
from provisioner.provisioning.envelope_status import EnvelopeStatus
from provisioner.provisioning.pact_renewals import Signing
from provisioner.provisioning.tracking import OwnRequest
from web.applicant import desk_names, not_stored, own_request
from web.area import Area, Subject
from web.catalog import current_language, gettext
from web.current import core, office
from web.errors import sentence
from web.forms import Form
from web.identity import applicant_here, caller
from web.paper_lines import kind_of, paper_lines, pdf_answer
from web.sop_line import actor_label, shown
from web.states import REQUEST, State, state_of
from web.ticket_words import ticket_notes

subject = Subject("own", __name__, Area.PUBLIC, "/ajukan/saya")
subject.after_request(not_stored)
subject.context_processor(desk_names)


@dataclass(frozen=True)
class Task:
    """One of the papers to fill, and how it stands."""

    title: str
    url: str
    state: str
    kind: str
    detail: str = ""


@subject.get("/")
@own_request
def show(request_id: str) -> str:
    """The request and the one thing to do now."""
    return _page(core().tracking.own(request_id), Form.empty())


@subject.get("/terkirim")
@own_request
def sent(request_id: str) -> str | Response:
    """What to keep after sending."""
    own = core().tracking.own(request_id)
    return render_template("own/sent.html", own=own) if own.number else redirect(url_for("own.show"))


@subject.get("/keadaan")
@own_request
def progress(request_id: str) -> Response:
    """The part of the page that renews itself; it ends when the request went on."""
    own = core().tracking.own(request_id)
    stage = stage_of(own)
    response = make_response(render_template("own/progress.html", **_waiting(own, stage)))
    if stage != request.args.get("dari"):
        response.headers["X-Live"], response.headers["X-Live-Next"] = "done", url_for("own.show")
    return response


@subject.get("/tanda-terima")
@own_request
def receipt(request_id: str) -> Response:
    """The receipt as PDF."""
    return _pdf(core().receipts.print(request_id), "tanda-terima.pdf")


@subject.get("/pakta")
@own_request
def pact(request_id: str) -> Response:
    """The newest pact as PDF; ``?unduh=1`` to keep it."""
    number, content = core().pacts.own_document(request_id)
    name = f"pakta-integritas-{number.replace('/', '-')}.pdf"
    return _pdf(content, name, download="unduh" in request.args)


@subject.get("/surat")
@own_request
def letter_to_sign(request_id: str) -> Response:
    """The letter as PDF before it is sent: to be signed by hand, scanned and attached."""
    return _pdf(core().papers.letter_to_sign(request_id), "surat-permohonan.pdf")


@subject.get("/dokumen/<kind>")
@own_request
def paper(request_id: str, kind: str) -> Response:
    """One of the office's papers that the applicant reads too."""
    return pdf_answer(*core().papers.show_own(request_id, kind_of(kind)))


@subject.post("/pakta/tanda-tangan")
@own_request
def sign(request_id: str) -> Response | tuple[str, int]:
    """Sign the pact with the ticket."""
    form = Form.sent()
    try:
        core().signatures.sign_as_applicant(request_id, form.value("kode"))
    except (InvalidInput, NotAllowed) as error:
        if isinstance(error, NotAllowed) and error.code != "ticket-wrong":
            raise
        form.values.poplist("kode")  # A code that may be nearly right does not stand in a page.
        form.errors["kode"] = [sentence(error)]
        return _page(core().tracking.own(request_id), form), 422
    flash(gettext("Pakta integritas sudah Anda tandatangani."), "ok")
    return redirect(url_for("own.show"))


@subject.post("/pakta/tanda-tangan-lagi")
@own_request
def sign_anew(request_id: str) -> Response | tuple[str, int]:
    """Sign a new revision with the ticket: the way back for somebody whose account was suspended for it."""
    form, own = Form.sent(), core().tracking.own(request_id)
    try:
        core().pact_renewals.sign(own.account_id or "", Signing(ticket=form.value("kode") or "-"), caller()["address"])
    except (InvalidInput, NotAllowed) as error:
        form.values.poplist("kode")
        form.errors["kode"] = [sentence(error)]
        return _page(own, form), 422
    flash(gettext("Pakta integritas sudah Anda tandatangani."), "ok")
    return redirect(url_for("own.show"))


@subject.post("/tarik")
@own_request
def withdraw(request_id: str) -> Response:
    """Take the request back."""
    core().repair.withdraw(request_id, Form.sent().value("alasan"))
    flash(gettext("Permohonan ditarik."), "ok")
    return redirect(url_for("own.show"))


# -- the pieces --------------------------------------------------------------------------------------------------------


def stage_of(own: OwnRequest) -> str:
    """The request's state, or its letter's as long as it goes with the letter."""
    return own.letter_state if own.state == "with-letter" else own.state


def chip_of(stage: str) -> State:
    """The state as a word."""
    return state_of(REQUEST, stage)


def _page(own: OwnRequest, form: Form) -> str:
    stage = stage_of(own)
    role, region = (
        office().role(own.bio.typed.get("role", "")),
        office().regions.get(own.bio.typed.get("region_scope", "")),
    )
    return render_template(
        "own/show.html",
        own=own,
        form=form,
        chip=chip_of(stage),
        steps=shown(own.steps, office(), current_language()),
        tasks=_tasks(own),
        pact=core().pacts.of_request(own.id),
        renewal=core().pact_renewals.asked(own.account_id) if own.account_id and stage != "revoked" else None,
        pact_words=core().pacts.own_text(own.id) if stage == "pact-applicant" else None,
        role=role.label.text(current_language()) if role else "",
        region=region.full_title if region else "",
        alarm=core().envelope_alarms.of_account(own.account_id) if own.account_id else None,
        shown_until=_shown_until() if own.account_id else None,
        fresh=own.bio.empty and not own.letter["number"] and not own.letter["sender"],
        notes=ticket_notes(own.ticket),
        documents=paper_lines(core().papers.own_offered(own.id), _address),
        **_waiting(own, stage),
    )


def _address(*, kind: str, about: str, unduh: int | None = None) -> str:
    """Applicants' papers need no id: it is always their own."""
    del about
    return url_for("own.paper", kind=kind, unduh=unduh)


def _waiting(own: OwnRequest, stage: str) -> dict[str, object]:
    """What the part needs that renews itself."""
    now = next((step for step in own.steps if step.state == "now"), None)
    desk = actor_label(now, office(), current_language()) if now else ""
    return {"stage": stage, "desk": desk, "envelope": _envelope(own)}


def _shown_until() -> datetime | None:
    here = applicant_here()
    return core().handover.shown_until(here) if here is not None else None


def _envelope(own: OwnRequest) -> EnvelopeStatus | None:
    return core().handover.status(own.account_id) if own.account_id else None


def _tasks(own: OwnRequest) -> list[Task]:
    """What is to be filled, in order. Letter data are closed once the letter went through."""
    found = []
    if own.letter_editable:
        filled = own.letter["number"] or own.letter["sender"]
        state, kind = (gettext("terisi"), "ok") if filled else (gettext("belum diisi"), "idle")
        found.append(Task(gettext("Surat permohonan"), url_for("draft.letter"), state, kind))
    state, kind, detail = _bio_state(own)
    found.append(Task(gettext("Form Isian Bio Data Operator"), url_for("draft.bio", number=1), state, kind, detail))
    count = len(own.papers)
    state, kind = (gettext("%(count)s lampiran", count=count), "ok") if count else (gettext("belum ada"), "idle")
    found.append(Task(gettext("Lampiran"), url_for("draft.papers"), state, kind))
    return found


def _bio_state(own: OwnRequest) -> tuple[str, str, str]:
    if own.bio.empty:
        later = own.state == "with-letter"
        return gettext("belum diisi"), "idle", gettext("Boleh menyusul sesudah disposisi.") if later else ""
    if own.bio.errors:
        return gettext("%(count)s isian belum benar", count=len(own.bio.errors)), "late", ""
    if own.bio.warnings:
        return gettext("lengkap"), "ok", gettext("%(count)s isian perlu dilihat lagi.", count=len(own.bio.warnings))
    return gettext("lengkap"), "ok", ""


def _pdf(content: bytes, name: str, *, download: bool = False) -> Response:
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "attachment" if download else "inline", filename=name)
    return response
