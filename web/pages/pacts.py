"""Pacts that wait for the section head: read each, then sign several with the password typed once."""

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut
from provisioner.provisioning import access
from provisioner.provisioning.kept_pacts import PactView
from provisioner.provisioning.official_sign_in import OfficialSession
from provisioner.provisioning.signatures import Signed
from provisioner.provisioning.wet_ink import BRINGERS, SEEN
from provisioner.signing.way import SigningWay
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core, settings
from web.errors import sentence
from web.forms import Form
from web.identity import actor, signed_in, somebody_here
from web.labels import words
from web.pact_words import SEEN_WORDS
from web.security import takes_files

subject = Subject("pacts", __name__, Area.OFFICE, "/pakta")
subject.context_processor(words)

Answer = str | Response | tuple[str, int]


@subject.get("/")
@signed_in("section_head")
def index() -> str:
    """Which pacts wait. Those that were read can be chosen."""
    waiting = core().pacts.to_sign(actor())
    form = Form.empty()
    form.values.setlist("pact", [pact.id for pact in waiting if was_read(pact)])
    return _page(waiting, form)


@subject.post("/tanda-tangan")
@signed_in("section_head")
def sign() -> Answer:
    """Sign the chosen ones. One that cannot be signed does not hold the others up."""
    form = Form.sent()
    try:
        results = core().signatures.sign(
            actor(),
            form.all("pact"),
            form.value("password"),
            form.value("code"),
            nik=form.value("nik"),
            passphrase=form.value("passphrase"),
        )
    except InvalidInput as error:
        return _page(core().pacts.to_sign(actor()), form.refuse(error)), 422
    except AuthenticationFailed:
        form.errors["password"] = [gettext("Kata sandi atau kode verifikasi salah. Tidak ada yang ditandatangani.")]
        return _page(core().pacts.to_sign(actor()), form), 422
    except LockedOut as error:
        form.errors["password"] = [sentence(error)]
        return _page(core().pacts.to_sign(actor()), form), 429
    if any(each.error for each in results):
        return _page(core().pacts.to_sign(actor()), Form.empty(), results), 409
    count = len(results)
    renewed = ngettext("Pembaruan pakta ditandatangani.", "%(num)s pembaruan pakta ditandatangani.", count)
    flash(
        renewed
        if all(each.renewal for each in results)
        else ngettext(
            "Pakta ditandatangani. Akunnya dibuat; Anda tidak perlu menunggu.",
            "%(num)s pakta ditandatangani. Akun-akunnya dibuat; Anda tidak perlu menunggu.",
            count,
        ),
        "ok",
    )
    there = url_for("requests.show", request_id=results[0].request_id) if count == 1 else url_for("pacts.index")
    return redirect(there)


@subject.get("/terbaca")
@signed_in("section_head")
def read_so_far() -> FlaskResponse:
    """The page asks whether a pact was read in another window, and is then shown anew so that it can be chosen."""
    count = sum(was_read(pact) and pact.way != SigningWay.WET_INK for pact in core().pacts.to_sign(actor()))
    changed = str(count) != request.args.get("terbaca", "")
    return FlaskResponse("", headers={"X-Live": "done", "X-Live-Next": url_for("pacts.index")} if changed else {})


@subject.get("/<pact_id>/berkas")
@signed_in(*access.BIO)
def document(pact_id: str) -> Response:
    """The pact itself. Reading it is what allows the section head to sign it."""
    number, pdf = core().pacts.document(actor(), pact_id)
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "inline", filename=f"pakta-{number.replace('/', '-')}.pdf")
    return response


@subject.get("/<pact_id>/kertas")
@signed_in(*access.SCANS)
def paper(pact_id: str) -> str:
    """A pact that is signed on paper: print it, bring the scan in, confirm what is seen on it."""
    return _paper(pact_id, Form.empty())


@subject.post("/<pact_id>/kertas/pindaian")
@takes_files
@signed_in(*BRINGERS)
def bring_scan(pact_id: str) -> Answer:
    """Bring the scan in, or another in its place."""
    sent = Form.sent()
    uploads = request.files.getlist("files")
    files = [(each.filename, each.read()) for each in uploads if each.filename]
    for each in uploads:
        each.close()
    try:
        core().wet_ink.bring(actor(), pact_id, files)
    except InvalidInput as error:
        sent.errors["files"] = [sentence(error)]
        return _paper(pact_id, sent), 422
    flash(gettext("Pindaian disimpan. Selama belum dipastikan, pindaian masih dapat diganti."), "ok")
    return redirect(url_for("pacts.paper", pact_id=pact_id))


@subject.get("/<pact_id>/kertas/pindaian")
@signed_in(*access.SCANS)
def scan(pact_id: str) -> Response:
    """The scan itself. Opening it is what allows the section head to confirm it."""
    number, pdf = core().wet_ink.scan(actor(), pact_id)
    response = make_response(pdf)
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "inline", filename=f"pindaian-{number.replace('/', '-')}.pdf")
    return response


@subject.post("/<pact_id>/kertas/pastikan")
@signed_in("section_head")
def confirm_scan(pact_id: str) -> Answer:
    """Confirm what is seen on the scan; the account is created."""
    form = Form.sent()
    seen, digest = [name for name in SEEN if form.value(name)], form.value("sha256")
    try:
        request_id = core().wet_ink.confirm(actor(), pact_id, digest, seen, form.value("password"), form.value("code"))
    except InvalidInput as error:
        return _paper(pact_id, form.refuse(error)), 422
    except AuthenticationFailed:
        form.errors["password"] = [gettext("Kata sandi atau kode verifikasi salah. Tidak ada yang dipastikan.")]
        return _paper(pact_id, form), 422
    except LockedOut as error:
        form.errors["password"] = [sentence(error)]
        return _paper(pact_id, form), 429
    flash(gettext("Pakta dipastikan. Anda tidak perlu menunggu."), "ok")
    return redirect(url_for("requests.show", request_id=request_id))


@subject.post("/cetak-lagi/<account_id>")
@signed_in("section_head")
def print_anew(account_id: str) -> Response:
    """Make the new pact for an operator who comes to sign it on paper."""
    return redirect(url_for("pacts.paper", pact_id=core().pact_renewals.print_anew(actor(), account_id)))


def was_read(pact: PactView) -> bool:
    """The section head has seen what the applicant signed, or it is one whose words an operator only signed anew."""
    return pact.renews or (
        pact.viewed_at is not None and (pact.applicant_signed_at is None or pact.viewed_at >= pact.applicant_signed_at)
    )


def _page(waiting: list[PactView], form: Form, results: list[Signed] | None = None) -> str:
    person = somebody_here()
    assert person is not None and isinstance(person.session, OfficialSession)  # noqa: S101  Only signed in.
    lines = [(pact, was_read(pact)) for pact in waiting if pact.way != SigningWay.WET_INK]
    return render_template(
        "pacts/index.html",
        lines=lines,
        read_count=sum(read for _, read in lines),
        papers=core().wet_ink.waiting(actor()),
        form=form,
        results=[(each, sentence(each.error) if each.error else "") for each in results or ()],
        has_second_factor=core().second_factors.is_set_up(person.session.info),
        by_bsre=SigningWay.BSRE in core().signatures.ways(actor()),
    )


def _paper(pact_id: str, form: Form) -> str:
    person = somebody_here()
    assert person is not None and isinstance(person.session, OfficialSession)  # noqa: S101  Only signed in.
    return render_template(
        "pacts/paper.html",
        ink=core().wet_ink.of(actor(), pact_id),
        form=form,
        ticks=[(name, str(text)) for name, text in SEEN_WORDS.items()],
        limit=settings().attachments.max_file_mib,
        has_second_factor=core().second_factors.is_set_up(person.session.info),
    )
