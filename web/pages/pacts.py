"""Pacts that wait for the section head: read each, then sign several with the password typed once."""

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import AuthenticationFailed, InvalidInput, LockedOut
from provisioner.provisioning import access
from provisioner.provisioning.official_sign_in import OfficialSession
from provisioner.provisioning.pacts import PactView
from provisioner.provisioning.signatures import Signed
from provisioner.signing.way import SigningWay
from web.area import Area, Subject
from web.catalog import gettext, ngettext
from web.current import core
from web.errors import sentence
from web.forms import Form
from web.identity import actor, signed_in, somebody_here
from web.labels import words

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
    flash(
        ngettext(
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
    count = sum(was_read(pact) for pact in core().pacts.to_sign(actor()))
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


def was_read(pact: PactView) -> bool:
    """The section head has seen what the applicant signed."""
    return pact.viewed_at is not None and (
        pact.applicant_signed_at is None or pact.viewed_at >= pact.applicant_signed_at
    )


def _page(waiting: list[PactView], form: Form, results: list[Signed] | None = None) -> str:
    person = somebody_here()
    assert person is not None and isinstance(person.session, OfficialSession)  # noqa: S101  Only signed in.
    lines = [(pact, was_read(pact)) for pact in waiting]
    return render_template(
        "pacts/index.html",
        lines=lines,
        read_count=sum(read for _, read in lines),
        form=form,
        results=[(each, sentence(each.error) if each.error else "") for each in results or ()],
        has_second_factor=core().second_factors.is_set_up(person.session.info),
        by_bsre=SigningWay.BSRE in core().signatures.ways(actor()),
    )
