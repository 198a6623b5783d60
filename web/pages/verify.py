"""Verification of pacts: by the number in the QR code, or by the file itself."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.signing.way import SigningWay
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, settings
from web.errors import field_text
from web.forms import Form
from web.identity import caller
from web.security import takes_files
from web.states import ACCOUNT, state_of
from web.verdicts import verdict_words

subject = Subject("verify", __name__, Area.PUBLIC, "/verifikasi")


@subject.get("")
def form() -> str:
    """Ask for a number or a file."""
    return _form(Form.empty())


@subject.post("/nomor")
def by_typed_number() -> Response | tuple[str, int]:
    """A number was typed: its address is the same as in the QR code."""
    sent = Form.sent()
    number = sent.value("nomor").strip("/")
    if not number:
        sent.errors["nomor"] = [field_text("required")]
        return _form(sent), 422
    return redirect(url_for("verify.by_number", number=number[:60]))


@subject.get("/<path:number>")
def by_number(number: str) -> str | tuple[str, int]:
    """What the office says about the pact with this number."""
    says = core().verification.by_number(number, request.args.get("tanda", ""), address=caller()["address"])
    account = state_of(ACCOUNT, says.account_state) if says else None
    page = render_template("verify/number.html", number=number[:60], says=says, account=account)
    return page if says else (page, 404)


@subject.post("/berkas")
@takes_files
def by_file() -> str | tuple[str, int]:
    """What an uploaded file is worth. Nothing of it is kept, so the answer is the page itself."""
    sent, upload = Form.sent(), request.files.get("file")
    if upload is None or not upload.filename:
        sent.errors["file"] = [gettext("Pilih berkas PDF lebih dahulu.")]
        return _form(sent), 422
    try:
        verified = core().verification.by_upload(upload.read(), address=caller()["address"])
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    says = verified.office
    return render_template(
        "verify/file.html",
        file_name=upload.filename[:100],
        words=verdict_words(verified.verdict),
        verdict=verified.verdict,
        says=says,
        account=state_of(ACCOUNT, says.account_state) if says else None,
    )


def _form(sent: Form) -> str:
    return render_template("verify/form.html", form=sent, by_bsre=settings().signing.way is SigningWay.BSRE)
