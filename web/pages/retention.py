"""Masa simpan: what has been kept long enough, proposals to destroy it, and the minutes of what was destroyed."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, stream_with_context, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from provisioner.errors import AuthenticationFailed, Conflict, InvalidInput, LockedOut
from provisioner.paper import PaperKind
from provisioner.provisioning import access
from provisioner.provisioning.destructions import LONGEST_BASIS
from provisioner.provisioning.official_sign_in import OfficialSession
from provisioner.provisioning.retention import MOST, PAGE
from provisioner.retention import DestructionState
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core
from web.errors import sentence
from web.forms import Form
from web.identity import actor, signed_in, somebody_here
from web.labels import words
from web.paging import Page, asked_page
from web.retention_words import HOLDS, OUTCOMES, STATES

subject = Subject("retention", __name__, Area.OFFICE, "/arsip/masa-simpan")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]
TAKERS = tuple(post for post in access.CASE_FILES if post in access.RETENTION)
"""Who may take the ZIP of a proposal out."""


@subject.get("")
@signed_in(*access.RETENTION)
def index() -> str:
    """Case files whose years are over, searched by number or box, and what was proposed before."""
    return _index(Form.empty())


@subject.post("")
@signed_in(*access.PROPOSERS)
def propose() -> Answer:
    """Propose the ticked ones, or everything that is due as it was searched for."""
    form = Form.sent()
    everything = form.value("q") if form.value("everything") else None
    try:
        made = core().destructions.propose(actor(), form.all("case"), form.value("basis"), everything=everything)
    except InvalidInput as error:
        return _index(form.refuse(error)), 422
    except Conflict as error:
        form.errors["case"] = [sentence(error)]
        return _index(form), 409
    flash(gettext("Diusulkan. Belum ada yang dimusnahkan: Kepala Dinas yang menyetujuinya."), "ok")
    return redirect(url_for("retention.show", destruction_id=made))


@subject.get("/<destruction_id>")
@signed_in(*access.RETENTION)
def show(destruction_id: str) -> str:
    """One proposal with every case on it, and what this person may do with it."""
    return _show(destruction_id, Form.empty())


@subject.get("/<destruction_id>/jalan")
@signed_in(*access.RETENTION)
def progress(destruction_id: str) -> FlaskResponse:
    """How far it is, for the page that shows it being carried out."""
    view = core().destructions.view(actor(), destruction_id)
    page = render_template("retention/progress.html", it=view)
    over = view.state is not DestructionState.APPROVED
    there = url_for("retention.show", destruction_id=destruction_id)
    return FlaskResponse(page, headers={"X-Live": "done", "X-Live-Next": there} if over else {})


@subject.post("/<destruction_id>/tarik")
@signed_in(*access.PROPOSERS, *access.APPROVERS)
def withdraw(destruction_id: str) -> Response:
    """The secretary takes it back, or the head does not approve it."""
    core().destructions.withdraw(actor(), destruction_id)
    flash(gettext("Usulan ditarik. Tidak ada yang dimusnahkan, dan berkasnya dapat diusulkan lagi."), "ok")
    return redirect(url_for("retention.show", destruction_id=destruction_id))


@subject.post("/<destruction_id>/setujui")
@signed_in(*access.APPROVERS)
def approve(destruction_id: str) -> Answer:
    """The head approves the list they saw."""
    form = Form.sent()
    if not form.value("seen"):
        form.errors["seen"] = [gettext("Nyatakan dahulu bahwa Anda sudah membaca daftarnya.")]
        return _show(destruction_id, form), 422
    try:
        core().destructions.approve(
            actor(), destruction_id, form.value("fingerprint"), form.value("password"), form.value("code")
        )
    except AuthenticationFailed:
        form.errors["password"] = [gettext("Kata sandi atau kode verifikasi salah. Tidak ada yang dimusnahkan.")]
        return _show(destruction_id, form), 422
    except LockedOut as error:
        form.errors["password"] = [sentence(error)]
        return _show(destruction_id, form), 429
    except Conflict as error:
        form.errors["seen"] = [sentence(error)]
        return _show(destruction_id, form), 409
    flash(gettext("Disetujui. Pemusnahan berjalan sendiri; Anda tidak perlu menunggu."), "ok")
    return redirect(url_for("retention.show", destruction_id=destruction_id))


@subject.post("/<destruction_id>/zip")
@signed_in(*TAKERS)
def archive(destruction_id: str) -> FlaskResponse:
    """Exactly these cases, to be kept elsewhere before they are destroyed."""
    written = core().destructions.archive(actor(), destruction_id)
    pieces = (piece.data for piece in written if piece.data)
    response = FlaskResponse(stream_with_context(pieces), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"arsip-pemusnahan-{destruction_id[:8]}.zip")
    return response


@subject.get("/<destruction_id>/berita-acara.pdf")
@signed_in(*access.RETENTION)
def minutes(destruction_id: str) -> FlaskResponse:
    """The minutes, kept for ever."""
    view, pdf = core().papers.show(actor(), PaperKind.DESTRUCTION_RECORD, destruction_id)
    response = FlaskResponse(pdf, mimetype="application/pdf")
    name = f"berita-acara-pemusnahan-{view.number or destruction_id[:8]}.pdf".replace("/", "-")
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


@subject.record_once
def show_counts(state: BlueprintSetupState) -> None:
    """Beside the menu's entry: how many proposals wait for this person."""
    others = state.app.extensions["menu_counts"]
    state.app.extensions["menu_counts"] = lambda: {
        **others(),
        "archive.index": core().destructions.waiting(actor()),
    }


# -- the pieces --------------------------------------------------------------------------------------------------------


def _index(form: Form) -> str:
    text = (form.value("q") or request.args.get("q", "")).strip()[:100]
    number = asked_page()
    found = core().retention.page(actor(), text, number)
    before, count = core().destructions.page(actor(), 1)
    return render_template(
        "retention/index.html",
        page=Page(found.rows, number, PAGE, found.total),
        found=found,
        text=text,
        form=form,
        before=before,
        before_count=count,
        states=STATES,
        holds=HOLDS,
        most=MOST,
        longest=LONGEST_BASIS,
        proposes=actor().holds(*access.PROPOSERS),
    )


def _show(destruction_id: str, form: Form) -> str:
    view = core().destructions.view(actor(), destruction_id)
    person = somebody_here()
    assert person is not None and isinstance(person.session, OfficialSession)  # noqa: S101  Only signed in.
    waits = view.state is DestructionState.PROPOSED
    return render_template(
        "retention/show.html",
        it=view,
        form=form,
        state=STATES[view.state],
        outcomes=OUTCOMES,
        waits=waits,
        approves=waits and not view.mine and actor().holds(*access.APPROVERS),
        withdraws=waits and actor().holds(*access.PROPOSERS, *access.APPROVERS),
        takes=waits and actor().holds(*TAKERS),
        has_second_factor=core().second_factors.is_set_up(person.session.info),
    )
