"""Verification: by the number in the QR code of a pact, or of any paper of the office by the file itself."""

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from provisioner.errors import InvalidInput
from provisioner.provisioning.verification import MAX_UPLOAD
from provisioner.provisioning.verification_answer import Verified
from provisioner.signing.way import SigningWay
from web.area import Area, Subject
from web.catalog import gettext
from web.current import core, settings
from web.errors import field_text
from web.forms import Form
from web.identity import caller
from web.paper_verdicts import KINDS, LABELS, change_words, on_paper_only, outcome_words, pact_over, standing_of
from web.security import drain, takes_one_file, unlisted_page
from web.states import ACCOUNT, REQUEST, state_of

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
    unlisted_page()
    says = core().verification.by_number(number, request.args.get("tanda", ""), address=caller()["address"])
    account = state_of(ACCOUNT, says.account_state) if says else None
    over = pact_over(says) if says else ""
    page = render_template("verify/number.html", number=number[:60], says=says, account=account, over=over)
    return page if says else (page, 404)


@subject.post("/berkas")
@takes_one_file(MAX_UPLOAD)
def by_file() -> str | tuple[str, int]:
    """What an uploaded file is worth. Nothing of it is kept, so the answer is the page itself."""
    unlisted_page()
    sent, upload = Form.sent(), request.files.get("file")
    if upload is None or not upload.filename:
        sent.errors["file"] = [gettext("Pilih berkasnya lebih dahulu.")]
        return _form(sent), 422
    try:
        found = core().verification.by_upload(upload.read(), expected=sent.value("kode"), address=caller()["address"])
    except InvalidInput as error:
        return _form(sent.refuse(error)), 422
    return _outcome(found, upload.filename[:100])


@subject.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> tuple[str, int]:
    """A file larger than any paper of the office. Said at its field, after the rest of it has come."""
    drain()
    sent = Form.empty()
    sent.errors["file"] = [
        gettext(
            "Berkas itu lebih besar dari 10 MB, jadi tidak diperiksa. Naskah kantor ini jauh lebih kecil. Untuk "
            "pindaian, pindai ulang satu halaman yang memuat kode QR, atau buka alamat di kode QR-nya."
        )
    ]
    return _form(sent), 413


def _outcome(found: Verified, file_name: str) -> str:
    says, paper = found.office, found.paper
    changes = [change_words(each) for each in found.comparison.changes] if found.comparison else []
    return render_template(
        "verify/file.html",
        file_name=file_name,
        found=found,
        words=outcome_words(found),
        standing=standing_of(found),
        changes=changes,
        says=says,
        account=state_of(ACCOUNT, says.account_state) if says else None,
        paper=paper,
        kinds=KINDS,
        labels=LABELS,
        on_paper_only=on_paper_only(paper) if paper else "",
        request_state=state_of(REQUEST, paper.request_state) if paper else None,
        paper_account=state_of(ACCOUNT, paper.account_state) if paper else None,
    )


def _form(sent: Form) -> str:
    return render_template("verify/form.html", form=sent, by_bsre=settings().signing.way is SigningWay.BSRE)
